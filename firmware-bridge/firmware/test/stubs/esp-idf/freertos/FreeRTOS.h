#pragma once
#include <stdint.h>
#define portMAX_DELAY 0xffffffffu
#define pdMS_TO_TICKS(ms) ((uint32_t)(ms))
