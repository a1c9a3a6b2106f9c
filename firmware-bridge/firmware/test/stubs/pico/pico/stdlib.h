#pragma once
#include <stdbool.h>
#include <stdint.h>
#define PICO_DEFAULT_LED_PIN 25u
#define GPIO_OUT 1
typedef uint64_t absolute_time_t;
absolute_time_t get_absolute_time(void);
uint32_t to_ms_since_boot(absolute_time_t time);
bool stdio_init_all(void);
void panic(const char *text, ...);
void stdio_flush(void);
int putchar_raw(int byte);
int getchar_timeout_us(uint32_t timeout_us);
void gpio_init(unsigned gpio);
void gpio_set_dir(unsigned gpio, bool out);
void gpio_put(unsigned gpio, bool value);
bool gpio_get(unsigned gpio);
