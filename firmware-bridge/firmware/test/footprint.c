/*
 * The least program that uses all of the library: readings, one command, and with frames what is kept. What the linker
 * makes of it, less an empty program, is what the library costs; with STACK it hears what the bridge says, so that its
 * stack comes to be as deep as it may (test/footprint.mjs).
 */
#ifdef EMPTY
int main(void) { return 0; }
#else
#include "../src/fieldline.h"

#ifdef STACK
/* A question, and a command with a parameter of each type: `relay.set on=true level=12.345 note="a text"`. */
static const uint8_t said[] =
#ifdef FL_ONLY_LINES
    "\n?\n!01J8ZQ relay.set on=true level=12.345 note=\"a text\" *30B9\n";
#else
    {0x11, 0xa1, 0x64, 0x74, 0x79, 0x70, 0x65, 0x65, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x6e, 0xb6, 0xfc, 0x06, 0x00,
    0x53, 0xa4, 0x64, 0x74, 0x79, 0x70, 0x65, 0x67, 0x63, 0x6f, 0x6d, 0x6d, 0x61, 0x6e, 0x64, 0x62, 0x69, 0x64,
    0x66, 0x30, 0x31, 0x4a, 0x38, 0x5a, 0x51, 0x64, 0x6e, 0x61, 0x6d, 0x65, 0x69, 0x72, 0x65, 0x6c, 0x61, 0x79,
    0x2e, 0x73, 0x65, 0x74, 0x66, 0x70, 0x61, 0x72, 0x61, 0x6d, 0x73, 0xa3, 0x62, 0x6f, 0x6e, 0xf5, 0x65, 0x6c,
    0x65, 0x76, 0x65, 0x6c, 0xfb, 0x40, 0x28, 0xb0, 0xa3, 0xd7, 0x0a, 0x3d, 0x71, 0x64, 0x6e, 0x6f, 0x74, 0x65,
    0x66, 0x61, 0x20, 0x74, 0x65, 0x78, 0x74, 0x24, 0x5a, 0x28, 0xc4, 0x00};
#endif
#endif

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
#ifdef STACK
    fl_receive(&fl, said[now % sizeof said], now);
#else
    fl_receive(&fl, port, now);
#endif
    fl_poll(&fl, now);
    fl_reading(&fl, now);
    fl_add_number(&fl, "temperature", (double)port / 2.0, 1);
    fl_add_boolean(&fl, "relay", port > 0);
    fl_send(&fl);
  }
}
#endif
