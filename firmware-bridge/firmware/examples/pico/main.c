/*
 * A Raspberry Pi Pico on a USB cable with fieldline-bridge (`--framing cobs`): its own temperature, and its light as a
 * relay. Readings are kept until the bridge has them on disk.
 */
#include <stdio.h>

#include "fieldline.h"
#include "hardware/adc.h"
#include "pico/rand.h"
#include "pico/stdio_usb.h"
#include "pico/stdlib.h"

#define PERIOD_MS 1000
#define TEMPERATURE_INPUT 4

static uint32_t uptime_ms(void) { return to_ms_since_boot(get_absolute_time()); }

static void write_usb(void *user, const uint8_t *bytes, size_t count) {
  (void)user;
  while (count--) putchar_raw(*bytes++);
  stdio_flush();
}

static void set_relay(fl_call *call, void *user) {
  bool on;
  (void)user;
  if (!fl_param_boolean(call, "on", &on)) {
    fl_reject(call, "bad_params", "on is true or false");
    return;
  }
  gpio_put(PICO_DEFAULT_LED_PIN, on);
  fl_result_boolean(call, "on", on);
}

/* As the RP2040's data sheet has it, 4.9.5. */
static double temperature(void) {
  adc_select_input(TEMPERATURE_INPUT);
  const double volts = adc_read() * 3.3 / 4096;
  return 27 - (volts - 0.706) / 0.001721;
}

int main(void) {
  static const fl_command commands[] = {{"relay.set", set_relay}};
  static uint8_t rx[512], kept[32768];
  static const fl_config config = {.framing = FL_COBS,
                                   .write = write_usb,
                                   .rx = rx,
                                   .rx_size = sizeof rx,
                                   .kept = kept,
                                   .kept_size = sizeof kept,
                                   .commands = commands,
                                   .command_count = 1,
                                   .firmware = "pico 1.0",
                                   .profile = "env-sensor"};
  static fl_t fieldline;
  stdio_init_all();
  stdio_set_translate_crlf(&stdio_usb, false); /* a frame may hold any byte, and is not to be given others */
  adc_init();
  adc_set_temp_sensor_enabled(true);
  gpio_init(PICO_DEFAULT_LED_PIN);
  gpio_set_dir(PICO_DEFAULT_LED_PIN, GPIO_OUT);
  if (!fl_begin(&fieldline, &config, get_rand_32())) panic("fieldline: its configuration cannot work");

  for (uint32_t next = 0;;) {
    if ((int32_t)(uptime_ms() - next) >= 0) {
      next += PERIOD_MS;
      fl_reading(&fieldline, uptime_ms());
      fl_add_number(&fieldline, "temperature", temperature(), 1);
      fl_add_boolean(&fieldline, "relay", gpio_get(PICO_DEFAULT_LED_PIN));
      fl_send(&fieldline);
    }
    const int byte = getchar_timeout_us(1000);
    if (byte >= 0) fl_receive(&fieldline, (uint8_t)byte, uptime_ms());
    fl_poll(&fieldline, uptime_ms());
  }
}
