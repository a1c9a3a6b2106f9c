/*
 * The least program that uses all of the library: readings, one command, and with frames what is kept. What the linker
 * makes of it, less an empty program, is what the library costs (test/footprint.mjs).
 */
#ifdef EMPTY
int main(void) { return 0; }
#else
#include "../src/fieldline.h"

static fl_t fl;
static uint8_t rx[128];
static volatile uint8_t port;

static void write_port(void *user, const uint8_t *bytes, size_t count) {
  (void)user;
  while (count--) port = *bytes++;
}

static void set(fl_call *call, void *user) {
  bool on;
  (void)user;
  if (fl_param_boolean(call, "on", &on)) fl_result_boolean(call, "on", on);
  else fl_reject(call, "bad_params", 0);
}

int main(void) {
  static const fl_command commands[] = {{"relay.set", set}};
  static fl_config config;
#ifdef FL_ONLY_LINES
  config.framing = FL_LINES;
  config.checks = true;
#else
  static uint8_t kept[256];
  config.framing = FL_COBS;
  config.kept = kept;
  config.kept_size = sizeof kept;
#endif
  config.write = write_port;
  config.rx = rx;
  config.rx_size = sizeof rx;
  config.commands = commands;
  config.command_count = 1;
  fl_begin(&fl, &config, 1);
  for (uint32_t now = 0;; now++) {
    fl_receive(&fl, port, now);
    fl_poll(&fl, now);
    fl_reading(&fl, now);
    fl_add_number(&fl, "temperature", (double)port / 2.0, 1);
    fl_add_boolean(&fl, "relay", port > 0);
    fl_send(&fl);
  }
}
#endif
