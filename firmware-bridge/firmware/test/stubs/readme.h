/* What the program in README.md leaves to its board. */
#include "fieldline.h"
uint32_t boot_number(void);
uint32_t milliseconds(void);
bool uart_has_byte(void);
uint8_t uart_byte(void);
bool it_is_time(void);
void relay(bool on);
bool relay_is_on(void);
