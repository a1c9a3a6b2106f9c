/*
 * A bare ATmega328P at 16 MHz, without the Arduino core: the library in lines with checks, on UART0 at 115,200 baud.
 * It sends temperature, relay and n (a count that never skips) ten times a second; `relay.set on=…` switches pin 13.
 */
#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#include "../src/fieldline.h"

#define PERIOD_MS 100u

static volatile uint32_t milliseconds;
static volatile uint8_t received[128];
static volatile uint8_t received_head, received_tail;

ISR(TIMER0_COMPA_vect) { milliseconds++; }

ISR(USART_RX_vect) {
  const uint8_t byte = UDR0;
  const uint8_t next = (received_head + 1u) % sizeof received;
  if (next == received_tail) return; /* the line has a check: what is missing here spoils it */
  received[received_head] = byte;
  received_head = next;
}

static uint32_t uptime(void) {
  cli();
  const uint32_t now = milliseconds;
  sei();
  return now;
}

static void write_uart(void *user, const uint8_t *bytes, size_t count) {
  (void)user;
  while (count--) {
    while (!(UCSR0A & _BV(UDRE0))) {
    }
    UDR0 = *bytes++;
  }
}

static void set_relay(fl_call *call, void *user) {
  bool on;
  (void)user;
  if (!fl_param_boolean(call, "on", &on)) {
    fl_reject(call, "bad_params", "on?");
    return;
  }
  if (on) PORTB |= _BV(5);
  else PORTB &= (uint8_t)~_BV(5);
  fl_result_boolean(call, "on", on);
}

/* Every start has a number of its own. */
static uint32_t next_boot(void) {
  static uint32_t EEMEM starts;
  const uint32_t boot = eeprom_read_dword(&starts) + 1;
  eeprom_write_dword(&starts, boot);
  return boot;
}

static void begin_hardware(void) {
  UCSR0A = _BV(U2X0); /* before UBRR: simavr computes the rate when that is written */
  UBRR0 = 16;         /* 115,200 baud, 2.1 % too fast */
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
  TCCR0A = _BV(WGM01); /* a tick each millisecond: 16 MHz / 64 / 250 */
  TCCR0B = _BV(CS01) | _BV(CS00);
  OCR0A = 249;
  TIMSK0 = _BV(OCIE0A);
  DDRB |= _BV(5);
  set_sleep_mode(SLEEP_MODE_IDLE);
  sei();
}

int main(void) {
  static const fl_command commands[] = {{"relay.set", set_relay}};
  static uint8_t rx[128];
  static fl_t fl;
  static fl_config config;
  config.framing = FL_LINES;
  config.write = write_uart;
  config.checks = true;
  config.rx = rx;
  config.rx_size = sizeof rx;
  config.commands = commands;
  config.command_count = 1;
  config.firmware = "uno-c 1";

  begin_hardware();
  fl_begin(&fl, &config, next_boot());
  int32_t n = 0;
  for (uint32_t next = 0;;) {
    if ((int32_t)(uptime() - next) >= 0) {
      next += PERIOD_MS;
      fl_reading(&fl, uptime());
      fl_add_number(&fl, "temperature", 20.0 + (double)(n % 50) / 10.0, 1);
      fl_add_boolean(&fl, "relay", PORTB & _BV(5));
      fl_add_integer(&fl, "n", ++n);
      fl_send(&fl);
    }
    while (received_tail != received_head) {
      fl_receive(&fl, received[received_tail], uptime());
      received_tail = (received_tail + 1u) % sizeof received;
    }
    sleep_mode(); /* until the next interrupt: a simulated core costs nothing meanwhile */
  }
}
