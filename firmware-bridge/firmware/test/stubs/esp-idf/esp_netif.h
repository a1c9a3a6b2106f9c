#pragma once
#include "esp_event.h"
esp_err_t esp_netif_init(void);
