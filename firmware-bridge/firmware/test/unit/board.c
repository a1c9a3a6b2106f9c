#include "board.h"

#include <stdio.h>
#include <string.h>

fl_t fl;
fl_config config;
char out[8192];
size_t out_used;
int executed, failures;
char later[FL_ID_BYTES];
uint8_t kept[KEPT_BYTES];
static uint8_t rx[64];

static void write_out(void *user, const uint8_t *bytes, size_t count) {
  (void)user;
  if (count > sizeof out - 1 - out_used) count = sizeof out - 1 - out_used;
  memcpy(out + out_used, bytes, count);
  out_used += count;
  out[out_used] = '\0';
}

void forget(void) {
  out_used = 0;
  out[0] = '\0';
}

void hear(const char *line) {
  while (*line != '\0') fl_receive(&fl, (uint8_t)*line++, 7);
  fl_receive(&fl, '\n', 7);
}

void hear_checked(const char *line) {
  char text[200];
  snprintf(text, sizeof text, "%s *%04X", line, fl_crc16((const uint8_t *)line, strlen(line)));
  hear(text);
}

void hear_frame(const char *bytes, size_t count) {
  uint8_t body[256];
  const uint32_t crc = fl_crc32(0, (const uint8_t *)bytes, count);
  memcpy(body, bytes, count);
  for (size_t i = 0; i < 4; i++) body[count + i] = (uint8_t)(crc >> (8 * i));
  for (size_t at = 0; at <= count + 4; at++) {
    size_t run = 0;
    while (at + run < count + 4 && body[at + run] != 0) run++;
    fl_receive(&fl, (uint8_t)(run + 1), UINT32_MAX);
    for (; run > 0; run--) fl_receive(&fl, body[at++], UINT32_MAX);
  }
  fl_receive(&fl, 0, UINT32_MAX);
}

void expect_text(const char *file, int line, const char *expected) {
  if (strcmp(out, expected) != 0) {
    fprintf(stderr, "%s:%d: wrote\n%sinstead of\n%s", file, line, out, expected);
    failures++;
  }
  forget();
}

void expect(const char *file, int line, bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
  failures++;
}

void set(fl_call *call, void *user) {
  bool on;
  (void)user;
  executed++;
  if (fl_param_boolean(call, "on", &on)) fl_result_boolean(call, "on", on);
  else fl_reject(call, "bad_params", "on is true or false");
}

static void begin(fl_call *call, void *user) {
  (void)user;
  memcpy(later, fl_call_id(call), sizeof later);
  fl_accept(call);
}

static void show(fl_call *call, void *user) {
  const fl_value *value = fl_param(call, "v");
  (void)user;
  if (value != NULL && value->type == FL_TEXT) fl_result_text(call, "text", value->text);
  if (value != NULL && value->type == FL_NUMBER) fl_result_number(call, "number", value->number, 3);
  if (value != NULL && value->type == FL_NUMBER) fl_result_integer(call, "integer", value->integer);
}

static void crowd(fl_call *call, void *user) {
  (void)user;
  EXPECT(fl_result_text(call, "first", "stays"));
  EXPECT(!fl_result_text(call, "second", "has no room in the memory of an answer, so that it is left out"));
  EXPECT(fl_result_boolean(call, "third", true));
}

static const fl_command commands[] = {{"relay.set", set}, {"begin", begin}, {"show", show}, {"crowd", crowd}};

void start(fl_framing framing, bool checks) {
  memset(&config, 0, sizeof config);
  config.framing = framing;
  config.write = write_out;
  config.checks = checks;
  config.rx = rx;
  config.rx_size = sizeof rx;
  config.kept = kept;
  config.kept_size = sizeof kept;
  config.commands = commands;
  config.command_count = sizeof commands / sizeof *commands;
  EXPECT(fl_begin(&fl, &config, 0xc0ffee));
  forget();
}
