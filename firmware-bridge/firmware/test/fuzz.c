/*
 * libFuzzer's target. The first byte says how the rest reaches the library: as the bytes of a serial line in one of the
 * framings, or as what a frame holds, since no fuzzer guesses a CRC-32. Whatever comes, what the library writes is well
 * formed: lines of UTF-8 without control characters, frames of COBS with a right check around one map of CBOR whose texts
 * are UTF-8 and whose keys come once.
 * Run it with `make fuzz SECONDS=600`.
 */
#include <stdlib.h>
#include <string.h>

#include "../src/fieldline.h"

static fl_t fl;
static uint8_t rx[128], kept[300];
static bool is_cobs;

/* The line or frame that is being written. */
static uint8_t frame[1024];
static size_t frame_used;

static void must(bool condition) {
  if (!condition) abort();
}

/* By the table of the Unicode Standard, 3-7, and not as the library does it. */
static void check_utf8(const uint8_t *at, const uint8_t *end) {
  static const uint8_t table[9][5] = {{0x00, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
                                      {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
                                      {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f}};
  while (at < end) {
    const uint8_t *row = NULL;
    for (size_t i = 0; i < 9 && row == NULL; i++) row = *at >= table[i][0] && *at <= table[i][1] ? table[i] : NULL;
    must(row != NULL && end - at > row[2]);
    at++;
    for (uint8_t i = 0; i < row[2]; i++, at++) must(*at >= (i == 0 ? row[3] : 0x80) && *at <= (i == 0 ? row[4] : 0xbf));
  }
}

static void check_line(const uint8_t *line, size_t length) {
  for (size_t i = 0; i < length; i++) must(line[i] >= 0x20 && line[i] != 0x7f);
  check_utf8(line, line + length);
}

/* One item of CBOR. Returns what follows it. */
static const uint8_t *check_item(const uint8_t *at, const uint8_t *end) {
  must(at < end);
  const uint8_t major = *at >> 5, info = *at & 31u;
  const size_t more = info < 24 ? 0 : (size_t)1 << (info - 24u);
  must(info < 28 && (size_t)(end - ++at) >= more);
  size_t count = info;
  for (size_t i = 0; i < more; i++) count = (i == 0 ? 0 : count << 8) | *at++;
  if (major == 3) {
    must((size_t)(end - at) >= count);
    check_utf8(at, at + count);
    return at + count;
  }
  must(major == 0 || major == 1 || major == 4 || major == 5 || (major == 7 && info >= 20 && info != 24));
  if (major == 4) {
    for (; count > 0; count--) at = check_item(at, end);
  } else if (major == 5) {
    const uint8_t *keys[64];
    must(count <= 64);
    for (size_t i = 0; i < count; i++) {
      keys[i] = at;
      must(at < end && *at >> 5 == 3);
      const uint8_t *value = check_item(at, end);
      for (size_t other = 0; other < i; other++) must(memcmp(keys[other], at, (size_t)(value - at)) != 0);
      at = check_item(value, end);
    }
  }
  return at;
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
  must(body[0] >> 5 == 5 && check_item(body, body + used - 4) == body + used - 4);
}

static void write_out(void *user, const uint8_t *bytes, size_t count) {
  (void)user;
  for (size_t i = 0; i < count; i++) {
    if (bytes[i] != (is_cobs ? 0 : '\n')) {
      must(frame_used < sizeof frame);
      frame[frame_used++] = bytes[i];
      continue;
    }
    if (is_cobs) check_frame();
    else check_line(frame, frame_used);
    frame_used = 0;
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
