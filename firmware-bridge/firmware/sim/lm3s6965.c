/*
 * A bare Cortex-M3 (TI's LM3S6965, as QEMU has it in `lm3s6965evb`): the library in COBS frames on UART0. It sends
 * temperature, relay and n (a count that never skips) twenty times a second, and keeps each reading until it is
 * acknowledged; `relay.set on=…` switches what it reports as its relay.
 */
#include "../src/fieldline.h"

#define PERIOD_MS 50u
#define CLOCK_HZ 12500000u /* of the core after a reset, in QEMU */

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define UART0_DATA REGISTER(0x4000C000u)
#define UART0_FLAGS REGISTER(0x4000C018u)
#define UART0_CONTROL REGISTER(0x4000C030u)
#define UART0_INTERRUPTS REGISTER(0x4000C038u)
#define UART0_CLEAR REGISTER(0x4000C044u)
#define UART_RECEIVE_EMPTY 0x10u
#define UART_TRANSMIT_FULL 0x20u
#define UART_RECEIVED 0x50u /* a byte, or a pause behind some */
#define NVIC_ENABLE REGISTER(0xE000E100u)
#define UART0_IRQ 5u
#define SYSTICK_CONTROL REGISTER(0xE000E010u)
#define SYSTICK_RELOAD REGISTER(0xE000E014u)
#define SYSTICK_VALUE REGISTER(0xE000E018u)

extern uint32_t stack_top[], bss_begin[], bss_end[];
int main(void);

static volatile uint32_t milliseconds;
static volatile uint8_t received[1024];
static volatile uint16_t received_head, received_tail;

static void on_tick(void) { milliseconds++; }

static void on_uart0(void) {
  while (!(UART0_FLAGS & UART_RECEIVE_EMPTY)) {
    const uint8_t byte = (uint8_t)UART0_DATA;
    const uint16_t next = (uint16_t)((received_head + 1u) % sizeof received);
    if (next == received_tail) continue; /* the frame has a check: what is missing here spoils it */
    received[received_head] = byte;
    received_head = next;
  }
  UART0_CLEAR = UART_RECEIVED;
}

static void hang(void) {
  for (;;) {
  }
}

void start(void);

void start(void) {
  for (uint32_t *at = bss_begin; at < bss_end; at++) *at = 0;
  main();
}

typedef void (*vector)(void);

/* The stack, the start, the exceptions of the core, and from 16 on the interrupts of the chip. */
__attribute__((section(".vectors"), used)) static const struct {
  uint32_t *stack;
  vector handlers[15 + UART0_IRQ + 1];
} vectors = {stack_top,
             {start, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, hang, on_tick, hang, hang, hang,
              hang, hang, on_uart0}};

static void write_uart(void *user, const uint8_t *bytes, size_t count) {
  (void)user;
  while (count--) {
    while (UART0_FLAGS & UART_TRANSMIT_FULL) {
    }
    UART0_DATA = *bytes++;
  }
}

static bool relay;

static void set_relay(fl_call *call, void *user) {
  static int32_t executed;
  (void)user;
  if (!fl_param_boolean(call, "on", &relay)) {
    fl_reject(call, "bad_params", "on is true or false");
    return;
  }
  fl_result_boolean(call, "on", relay);
  fl_result_integer(call, "executed", ++executed);
}

/*
 * Every start has a number of its own. This chip has neither a clock nor random numbers, and QEMU no flash to write to:
 * RAM outlives a reset, and is zero when the power was off. A real board would count in its flash.
 */
static uint32_t next_boot(void) {
  static uint32_t starts __attribute__((section(".noinit")));
  return ++starts;
}

int main(void) {
  static const fl_command commands[] = {{"relay.set", set_relay}};
  static uint8_t rx[256], kept[40960];
  static fl_t fl;
  static fl_config config;
  config.framing = FL_COBS;
  config.write = write_uart;
  config.rx = rx;
  config.rx_size = sizeof rx;
  config.kept = kept;
  config.kept_size = sizeof kept;
  config.commands = commands;
  config.command_count = 1;
  config.firmware = "lm3s6965 1";

  UART0_CONTROL = 0x301u; /* on, to send and to receive */
  UART0_INTERRUPTS = UART_RECEIVED;
  NVIC_ENABLE = 1u << UART0_IRQ;
  SYSTICK_RELOAD = CLOCK_HZ / 1000u - 1u;
  SYSTICK_VALUE = 0;
  SYSTICK_CONTROL = 7u; /* on, with its interrupt, from the core's clock */

  fl_begin(&fl, &config, next_boot());
  int32_t n = 0;
  for (uint32_t next = milliseconds;;) {
    if ((int32_t)(milliseconds - next) >= 0) {
      next += PERIOD_MS;
      fl_reading(&fl, milliseconds);
      fl_add_number(&fl, "temperature", 20.0 + (double)(n % 50) / 10.0, 1);
      fl_add_boolean(&fl, "relay", relay);
      fl_add_integer(&fl, "n", ++n);
      fl_send(&fl);
    }
    while (received_tail != received_head) {
      fl_receive(&fl, received[received_tail], milliseconds);
      received_tail = (uint16_t)((received_tail + 1u) % sizeof received);
    }
    fl_poll(&fl, milliseconds);
    __asm volatile("wfi");
  }
}
