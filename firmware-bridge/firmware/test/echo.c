/*
 * The library on this machine, for tests of another implementation against it: bytes of the serial line come on the
 * standard input and go to the standard output. Command `echo` answers with its own parameters, and sends them as a
 * reading, too; a configuration is reported as it came.
 * Usage: echo lines|checks|cobs [<ms that pass with each line or frame, which may be empty>]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/fieldline.h"

static fl_t fl;
static uint8_t rx[1024], kept[4096];
static uint32_t now = 1000;

static void write_out(void *user, const uint8_t *bytes, size_t count) {
  (void)user;
  fwrite(bytes, 1, count, stdout);
}

static void report(fl_call *call, const fl_value *value) {
  if (value->type == FL_BOOLEAN) fl_result_boolean(call, value->name, value->boolean);
  if (value->type == FL_NUMBER) fl_result_number(call, value->name, value->number, 9);
  if (value->type == FL_TEXT) fl_result_text(call, value->name, value->text);
}

static void echo(fl_call *call, void *user) {
  (void)user;
  if (call->param_count > 0) {
    fl_reading(call->fl, now);
    for (uint8_t i = 0; i < call->param_count; i++) {
      const fl_value *value = &call->params[i];
      if (value->type == FL_NULL) fl_add_null(call->fl, value->name);
      if (value->type == FL_BOOLEAN) fl_add_boolean(call->fl, value->name, value->boolean);
      if (value->type == FL_NUMBER) fl_add_number(call->fl, value->name, value->number, 9);
      if (value->type == FL_TEXT) fl_add_text(call->fl, value->name, value->text);
    }
    fl_send(call->fl);
  }
  for (uint8_t i = 0; i < call->param_count; i++) report(call, &call->params[i]);
}

/* Sends integers as the library took them in. */
static void whole(fl_call *call, void *user) {
  (void)user;
  for (uint8_t i = 0; i < call->param_count; i++) {
    fl_result_integer(call, call->params[i].name, call->params[i].integer);
  }
}

/* So many commands were executed, of all kinds. */
static void count(fl_call *call, void *user) {
  static int32_t executed;
  (void)user;
  fl_result_integer(call, "executed", ++executed);
}

static void fail(fl_call *call, void *user) {
  const char *code = "stuck", *message = NULL;
  (void)user;
  fl_param_text(call, "code", &code);
  fl_param_text(call, "message", &message);
  fl_fail(call, code, message);
}

static char later[FL_ID_BYTES];

static void begin(fl_call *call, void *user) {
  (void)user;
  memcpy(later, fl_call_id(call), sizeof later);
  fl_accept(call);
}

static void end(fl_call *call, void *user) {
  fl_call resumed;
  (void)user;
  if (!fl_resume(call->fl, later, &resumed)) {
    fl_fail(call, "nothing_begun", NULL);
    return;
  }
  fl_result_integer(&resumed, "steps", -200);
  fl_answer_now(&resumed);
}

static void configured(fl_call *call, void *user) {
  (void)user;
  for (uint8_t i = 0; i < call->param_count; i++) report(call, &call->params[i]);
}

/* A board polls more often than messages come. */
static void poll_until_all_is_sent(void) {
  do fl_poll(&fl, now);
  while (fl.resend_from < fl.resend_end);
}

int main(int argument_count, char **arguments) {
  static const fl_command commands[] = {{"echo", echo}, {"whole", whole}, {"count", count},
                                        {"fail", fail}, {"begin", begin}, {"end", end}};
  const char *how = argument_count > 1 ? arguments[1] : "lines";
  uint32_t step_ms = argument_count > 2 ? (uint32_t)strtoul(arguments[2], NULL, 10) : 0;
  fl_config config = {.framing = strcmp(how, "cobs") == 0 ? FL_COBS : FL_LINES,
                      .write = write_out,
                      .checks = strcmp(how, "checks") == 0,
                      .rx = rx,
                      .rx_size = sizeof rx,
                      .kept = kept,
                      .kept_size = sizeof kept,
                      .commands = commands,
                      .command_count = sizeof commands / sizeof *commands,
                      .on_config = configured,
                      .firmware = "echo 1",
                      .profile = "env-sensor"};
  if (!fl_begin(&fl, &config, 0x9c1e4b7a)) return 1;
  for (int byte = getchar(); byte != EOF; byte = getchar()) {
    fl_receive(&fl, (uint8_t)byte, now);
    if (byte != (config.framing == FL_COBS ? 0 : '\n')) continue;
    poll_until_all_is_sent();
    now += step_ms;
    poll_until_all_is_sent();
  }
  return 0;
}
