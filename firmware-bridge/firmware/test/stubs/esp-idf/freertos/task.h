#pragma once
void vTaskDelay(uint32_t ticks);
