#pragma once
static inline void vTaskDelay(unsigned long ticks) { (void)ticks; }
