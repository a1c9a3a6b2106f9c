/*
 * libFuzzer's target. The first byte says how the rest reaches the library: as the bytes of a serial line in one of the
 * framings, or as what a frame holds, since no fuzzer guesses a CRC-32. Whatever comes, what the library writes is well
 * formed: lines without control characters, frames of COBS with a right check.
 * Run it with `make fuzz SECONDS=600`.
 */
#include <stdlib.h>
#include <string.h>

#include "../src/fieldline.h"

static fl_t fl;
static uint8_t rx[128], kept[300];
static bool is_cobs;

static uint8_t frame[1024];
static size_t frame_used;

static void must(bool condition) {
  if (!condition) abort();
}

static void check_frame(void) {
  uint8_t body[sizeof frame];
  size_t used = 0;
  if (frame_used == 0) return;
  for (size_t at = 0; at < frame_used;) {
    const uint8_t code = frame[at++];
    must(code > 0 && at + code - 1 <= frame_used);
    memcpy(body + used, frame + at, code - 1u);
    used += code - 1u;
    at += code - 1u;
    if (code < 255 && at < frame_used) body[used++] = 0;
  }
  must(used > 4);
  const uint32_t crc = fl_crc32(0, body, used - 4);
  for (size_t i = 0; i < 4; i++) must(body[used - 4 + i] == (uint8_t)(crc >> (8 * i)));
}

static void write_out(void *user, const uint8_t *bytes, size_t count) {
  (void)user;
  for (size_t i = 0; i < count; i++) {
    if (!is_cobs) {
      must(bytes[i] >= 0x20 || bytes[i] == '\n');
    } else if (bytes[i] != 0) {
      must(frame_used < sizeof frame);
      frame[frame_used++] = bytes[i];
    } else {
      check_frame();
      frame_used = 0;
    }
  }
}

/* Does with its parameters whatever can be done with them. */
static void echo(fl_call *call, void *user) {
  (void)user;
  fl_reading(call->fl, 77);
  for (uint8_t i = 0; i < call->param_count; i++) {
    const fl_value *value = &call->params[i];
    const char *text = "";
    double number = 0.0;
    bool boolean = false;
    int32_t integer = 0;
    if (fl_param_text(call, value->name, &text)) fl_log(call->fl, "info", text);
    if (fl_param_text(call, value->name, &text)) fl_add_text(call->fl, value->name, text);
    if (fl_param_text(call, value->name, &text)) fl_result_text(call, value->name, text);
    if (fl_param_boolean(call, value->name, &boolean)) fl_add_boolean(call->fl, value->name, boolean);
    if (fl_param_number(call, value->name, &number)) fl_add_number(call->fl, value->name, number, i);
    if (fl_param_number(call, value->name, &number)) fl_result_number(call, value->name, number, i);
    if (fl_param_integer(call, value->name, &integer)) fl_result_integer(call, value->name, integer);
  }
  fl_send(call->fl);
  const char *text = "";
  if (fl_param_text(call, "fail", &text)) fl_fail(call, "stuck", text);
  fl_result_boolean(call, "after", true);
  if (fl_param_text(call, "later", &text)) fl_accept(call);
  fl_call resumed;
  char id[FL_ID_BYTES] = {0};
  if (fl_param_text(call, "resume", &text)) {
    strncpy(id, text, sizeof id);
    if (fl_resume(call->fl, id, &resumed)) fl_answer_now(&resumed);
  }
}

static void receive(uint8_t byte) {
  fl_receive(&fl, byte, 1);
}

/* A frame around these bytes. */
static void receive_framed(const uint8_t *bytes, size_t count) {
  uint8_t body[512];
  if (count > sizeof body - 4) count = sizeof body - 4;
  memcpy(body, bytes, count);
  const uint32_t crc = fl_crc32(0, bytes, count);
  for (size_t i = 0; i < 4; i++) body[count + i] = (uint8_t)(crc >> (8 * i));
  count += 4;
  for (size_t at = 0; at <= count;) {
    size_t run = 0;
    while (run < 254 && at + run < count && body[at + run] != 0) run++;
    receive((uint8_t)(run + 1));
    for (size_t i = 0; i < run; i++) receive(body[at + i]);
    at += run + (run < 254);
    if (at == count && run == 254) break;
  }
  receive(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  static const fl_command commands[] = {{"echo", echo}};
  if (count == 0) return 0;
  const uint8_t how = bytes[0] & 3u;
  is_cobs = how >= 2;
  frame_used = 0;
  fl_config config = {.framing = is_cobs ? FL_COBS : FL_LINES,
                      .write = write_out,
                      .checks = how == 1,
                      .rx = rx,
                      .rx_size = sizeof rx,
                      .kept = kept,
                      .kept_size = sizeof kept,
                      .commands = commands,
                      .command_count = 1,
                      .on_config = echo};
  must(fl_begin(&fl, &config, 1));
  if (how != 3) {
    for (size_t i = 1; i < count; i++) receive(bytes[i]);
    return 0;
  }
  /* Frames one after another, each with its length before it. */
  for (size_t at = 1; at < count;) {
    size_t length = bytes[at++];
    if (length > count - at) length = count - at;
    receive_framed(bytes + at, length);
    at += length;
  }
  fl_poll(&fl, 1 + FL_RESEND_MS);
  return 0;
}
