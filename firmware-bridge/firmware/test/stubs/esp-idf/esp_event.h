#pragma once
#include <stdbool.h>
#include <stdint.h>
typedef int esp_err_t;
typedef const char *esp_event_base_t;
typedef void (*esp_event_handler_t)(void *arg, esp_event_base_t base, int32_t id, void *data);
#define ESP_ERROR_CHECK(call) (void)(call)
esp_err_t esp_event_loop_create_default(void);
