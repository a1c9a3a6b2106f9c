#pragma once
#define portMAX_DELAY 0xffffffffUL
#define pdMS_TO_TICKS(ms) (ms)
