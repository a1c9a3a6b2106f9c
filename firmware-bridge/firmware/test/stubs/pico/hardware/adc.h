#pragma once
#include <stdbool.h>
#include <stdint.h>
void adc_init(void);
void adc_set_temp_sensor_enabled(bool enable);
void adc_select_input(unsigned input);
uint16_t adc_read(void);
