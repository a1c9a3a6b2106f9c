#pragma once
#include <stdbool.h>
typedef struct stdio_driver stdio_driver_t;
extern stdio_driver_t stdio_usb;
void stdio_set_translate_crlf(stdio_driver_t *driver, bool translate);
