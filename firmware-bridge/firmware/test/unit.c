/*
 * Unit tests of the library, on this machine and under sanitizers (`make unit`). What it says to the bridge's own code
 * and hears from it is tested in test/firmware-library.test.ts.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../src/fieldline.h"

static int failures;

/* ---- A board whose line is a buffer ---- */

static fl_t fl;
static fl_config config;
static uint8_t rx[64], kept[400];
static char out[8192];
static size_t out_used;
static int executed;

static void write_out(void *user, const uint8_t *bytes, size_t count) {
  (void)user;
  if (count > sizeof out - 1 - out_used) count = sizeof out - 1 - out_used;
  memcpy(out + out_used, bytes, count);
  out_used += count;
  out[out_used] = '\0';
}

static void forget(void) {
  out_used = 0;
  out[0] = '\0';
}

static void hear(const char *line) {
  while (*line != '\0') fl_receive(&fl, (uint8_t)*line++, 7);
  fl_receive(&fl, '\n', 7);
}

/* A frame around bytes that are fewer than 250. */
static void hear_frame(const char *bytes, size_t count) {
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

static void expect_text(int line, const char *expected) {
  if (strcmp(out, expected) != 0) {
    fprintf(stderr, "unit.c:%d: wrote\n%sinstead of\n%s", line, out, expected);
    failures++;
  }
  forget();
}

static void expect(int line, bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "unit.c:%d: not so: %s\n", line, what);
  failures++;
}

#define WROTE(text) expect_text(__LINE__, text)
#define EXPECT(condition) expect(__LINE__, condition, #condition)

static void set(fl_call *call, void *user) {
  bool on;
  (void)user;
  executed++;
  if (fl_param_boolean(call, "on", &on)) fl_result_boolean(call, "on", on);
  else fl_reject(call, "bad_params", "on is true or false");
}

static char later[FL_ID_BYTES];

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

static void start(fl_framing framing, bool checks) {
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

/* ---- Checks ---- */

static void check_values(void) {
  const uint8_t digits[] = "123456789";
  EXPECT(fl_crc16(digits, 9) == 0x29b1);
  EXPECT(fl_crc32(0, digits, 9) == 0xcbf43926u);
  EXPECT(fl_crc32(fl_crc32(0, digits, 4), digits + 4, 5) == 0xcbf43926u);
}

/* ---- Readings ---- */

static void a_reading_is_a_line(void) {
  start(FL_LINES, false);
  fl_reading(&fl, 5123);
  fl_add_number(&fl, "temperature", 21.5, 1);
  fl_add_integer(&fl, "count", -12);
  fl_add_boolean(&fl, "door", true);
  fl_add_null(&fl, "humidity");
  fl_add_text(&fl, "note", "a \"b\" \\ c\n\x7f\xc2\x85 Köln");
  EXPECT(fl_send(&fl));
  WROTE("temperature=21.5 count=-12 door=true humidity=null note=\"a \\\"b\\\" \\\\ c    Köln\" @5123\n");
  fl_reading(&fl, 1);
  EXPECT(!fl_send(&fl));
  fl_add_boolean(&fl, "late", true);
  WROTE("");
}

static void a_check_stands_behind_it(void) {
  start(FL_LINES, true);
  fl_reading(&fl, 1);
  fl_add_integer(&fl, "a", 1);
  fl_send(&fl);
  const uint16_t crc = fl_crc16((const uint8_t *)"a=1 @1", 6);
  char expected[32];
  snprintf(expected, sizeof expected, "a=1 @1 *%04X\n", crc);
  WROTE(expected);
}

static void number(double value, uint8_t decimals, const char *expected, int line) {
  char text[64];
  snprintf(text, sizeof text, "v=%s @0\n", expected);
  fl_reading(&fl, 0);
  fl_add_number(&fl, "v", value, decimals);
  fl_send(&fl);
  expect_text(line, text);
}

static void numbers(void) {
  start(FL_LINES, false);
  number(0.0, 0, "0", __LINE__);
  number(-0.04, 1, "-0.0", __LINE__);
  number(0.05, 1, "0.1", __LINE__);
  number(99.96, 1, "100.0", __LINE__);
  number(-99.94, 1, "-99.9", __LINE__);
  number(1.0 / 3.0, 9, "0.333333333", __LINE__);
  number(2.5, 200, "2.500000000", __LINE__);
  number(-12345678901234567890.0, 9, "-12345678901234567168.000000000", __LINE__);
  number(1e20, 2, "1.000000e20", __LINE__);
  number(-1.7976931348623157e308, 9, "-1.797693e308", __LINE__);
  number(4.9e-324, 3, "0.000", __LINE__);
  number((double)NAN, 1, "null", __LINE__);
  number((double)-INFINITY, 1, "null", __LINE__);
  fl_reading(&fl, 0);
  fl_add_integer(&fl, "v", INT32_MIN);
  fl_send(&fl);
  WROTE("v=-2147483648 @0\n");
}

static void a_long_reading_goes_on(void) {
  static const char *const names[] = {"a23456789012345678901234567890", "b23456789012345678901234567890",
                                      "c23456789012345678901234567890", "d23456789012345678901234567890",
                                      "e23456789012345678901234567890", "f23456789012345678901234567890",
                                      "g23456789012345678901234567890"};
  start(FL_LINES, true);
  fl_reading(&fl, UINT32_MAX);
  for (size_t i = 0; i < 7; i++) fl_add_number(&fl, names[i], -1e9, 9);
  fl_send(&fl);
  size_t lines = 0, longest = 0, length = 0;
  for (const char *at = out; *at != '\0'; at++) {
    length++;
    if (*at != '\n') continue;
    lines++;
    if (length > longest) longest = length;
    length = 0;
  }
  EXPECT(lines == 2);
  EXPECT(length == 0 && longest <= FL_LINE_BYTES);
  EXPECT(strstr(out, " @4294967295 *") != NULL);
  forget();
}

static void a_long_text_is_cut_between_characters(void) {
  char text[400];
  start(FL_LINES, true);
  for (size_t i = 0; i + 2 < sizeof text; i += 2) memcpy(text + i, "ü", 3);
  fl_reading(&fl, UINT32_MAX);
  fl_add_text(&fl, "note", text);
  fl_send(&fl);
  const char *end = strstr(out, "\" @");
  EXPECT(strlen(out) <= FL_LINE_BYTES);
  EXPECT(strlen(out) > FL_LINE_BYTES - 3);
  EXPECT(end != NULL && (uint8_t)end[-1] == 0xbc);
  forget();
}

/* ---- Commands ---- */

static void a_command_is_answered_once(void) {
  start(FL_LINES, false);
  executed = 0;
  hear("!a1 relay.set on=true\r");
  WROTE("=a1 ok on=true\n");
  hear("!a1 relay.set on=true");
  WROTE("=a1 ok on=true\n");
  EXPECT(executed == 1);
  hear("!a2 relay.set on=1");
  WROTE("=a2 rejected bad_params \"on is true or false\"\n");
  hear("!a3 relay.toggle");
  WROTE("=a3 rejected unknown_command\n");
}

static void of_what_is_no_command_nothing_comes(void) {
  static const char *const lines[] = {"",   "!",   "!a", "!a-b relay.set", "! relay.set on=true", "relay.set on=true",
                                      "??", " !a x", "!a2345678901234567890123456789 begin"};
  start(FL_LINES, false);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) hear(lines[i]);
  WROTE("");
  const char with_nul[] = "!a relay.set\0 on=true\n";
  for (size_t i = 0; i < sizeof with_nul - 1; i++) fl_receive(&fl, (uint8_t)with_nul[i], 7);
  hear("!a relay.set on=true x=\"\t\"");
  WROTE("");
}

static void shown(const char *written, const char *expected, int line) {
  static int id;
  char text[64];
  snprintf(text, sizeof text, "!s%d show v=%s", ++id, written);
  hear(text);
  snprintf(text, sizeof text, "=s%d %s\n", id, expected);
  expect_text(line, text);
}

static void params(void) {
  start(FL_LINES, false);
  shown("1", "ok number=1.000 integer=1", __LINE__);
  shown("-2147483648", "ok number=-2147483648.000 integer=-2147483648", __LINE__);
  shown("2147483648", "ok number=2147483648.000 integer=2147483647", __LINE__);
  shown("-1.9", "ok number=-1.900 integer=-1", __LINE__);
  shown("12.5e-1", "ok number=1.250 integer=1", __LINE__);
  shown("1E+2", "ok number=100.000 integer=100", __LINE__);
  shown("0e999", "ok number=0.000 integer=0", __LINE__);
  shown("1e-999", "ok number=0.000 integer=0", __LINE__);
  shown("100000000000000000000000e-20", "ok number=1000.000 integer=1000", __LINE__);
  shown("0.00000000000000000000000005e25", "ok number=0.500 integer=0", __LINE__);
  shown("\"\"", "ok text=\"\"", __LINE__);
  shown("\"a \\\"b\\\" \\\\ =c\"", "ok text=\"a \\\"b\\\" \\\\ =c\"", __LINE__);
  shown("null", "ok", __LINE__);
  shown("true", "ok", __LINE__);
  static const char *const bad[] = {"",    "+1",     "01",    ".5",      "1.",    "1e",   "1e999", "nan",   "0x1",
                                    "tru", "truee", "\"open", "\"a\"b", "\"\\n\"", "1 =2", "1  w=2", "1 w", "-"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) shown(bad[i], "rejected bad_params", __LINE__);
  hear("!p1 begin a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8");
  WROTE("=p1 accepted\n");
  hear("!p2 begin a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9");
  WROTE("=p2 rejected bad_params\n");
}

static void a_line_needs_its_check(void) {
  char line[64];
  start(FL_LINES, true);
  executed = 0;
  hear("!c1 relay.set on=true");
  hear("!c1 relay.set on=true *0000");
  WROTE("");
  EXPECT(fl.counts.bad_check == 2);
  snprintf(line, sizeof line, "!c1 relay.set on=true *%04x", fl_crc16((const uint8_t *)"!c1 relay.set on=true", 21));
  hear(line);
  EXPECT(executed == 1);
  forget();
  /* A board that does not want checks has them as soon as the other side does, until the port is opened anew. */
  start(FL_LINES, false);
  hear(line);
  EXPECT(strstr(out, " *") != NULL);
  hear("!c2 relay.set on=true");
  EXPECT(executed == 2);
  forget();
  hear("?");
  EXPECT(strstr(out, " *") == NULL);
  hear("!c2 relay.set on=true");
  EXPECT(executed == 3);
}

static void what_is_too_long_is_dropped(void) {
  start(FL_LINES, false);
  hear("!l1 show v=\"012345678901234567890123456789012345678901234567890\"");
  EXPECT(fl.counts.too_long == 1);
  WROTE("");
  hear("!l2 show v=\"01234567890123456789012345678901234567890123456789\"");
  EXPECT(fl.counts.too_long == 1);
  EXPECT(strncmp(out, "=l2 ok", 6) == 0);
  forget();
}

static void sixteen_answers_are_remembered(void) {
  char line[40];
  start(FL_LINES, false);
  executed = 0;
  for (int i = 0; i < 17; i++) {
    snprintf(line, sizeof line, "!m%d relay.set on=true", i);
    hear(line);
  }
  EXPECT(executed == 17);
  for (int i = 1; i < 17; i++) {
    snprintf(line, sizeof line, "!m%d relay.set on=false", i);
    hear(line);
  }
  EXPECT(executed == 17);
  hear("!m0 relay.set on=true");
  EXPECT(executed == 18);
  forget();
}

static void an_answer_may_come_later(void) {
  fl_call call;
  char line[40];
  start(FL_LINES, false);
  hear("!b1 begin");
  WROTE("=b1 accepted\n");
  hear("!b1 begin");
  WROTE("=b1 accepted\n");
  /* While others come and go it is not forgotten. */
  for (int i = 0; i < 40; i++) {
    snprintf(line, sizeof line, "!o%d relay.set on=true", i);
    hear(line);
  }
  forget();
  EXPECT(fl_resume(&fl, later, &call));
  fl_result_integer(&call, "steps", -200);
  fl_answer_now(&call);
  WROTE("=b1 ok steps=-200\n");
  EXPECT(!fl_resume(&fl, later, &call));
  hear("!b1 begin");
  WROTE("=b1 ok steps=-200\n");
  EXPECT(!fl_resume(&fl, "nobody", &call));
}

static void waver(fl_call *call, void *user) {
  (void)user;
  fl_result_boolean(call, "on", true);
  fl_fail(call, "stuck", "it moves no more");
  EXPECT(!fl_result_boolean(call, "on", true));
}

static void waver_and_begin(fl_call *call, void *user) {
  waver(call, user);
  fl_accept(call);
}

/* Only the last word counts, whatever a handler said before. */
static void a_handler_may_change_its_mind(void) {
  static const fl_command wavering[] = {{"waver", waver}, {"begin", waver_and_begin}};
  start(FL_LINES, false);
  config.commands = wavering;
  config.command_count = 2;
  hear("!w1 waver");
  WROTE("=w1 error stuck \"it moves no more\"\n");
  hear("!w2 begin");
  WROTE("=w2 accepted\n");
}

static void a_result_without_room_is_left_out(void) {
  start(FL_LINES, false);
  hear("!r1 crowd");
  WROTE("=r1 ok first=\"stays\" third=true\n");
}

/* ---- Frames ---- */

static void what_cannot_work_does_not_begin(void) {
  start(FL_COBS, false);
  config.kept_size = 80;
  EXPECT(!fl_begin(&fl, &config, 1));
  config.kept_size = sizeof kept;
  config.kept = NULL;
  EXPECT(!fl_begin(&fl, &config, 1));
  start(FL_LINES, false);
  config.rx = NULL;
  EXPECT(!fl_begin(&fl, &config, 1));
}

/* The hello is built in a buffer: the longest that `fl_begin` lets through fits, whatever the numbers come to. */
static void the_longest_hello_is_said(void) {
  char firmware[FL_MESSAGE_BYTES - 124 - 30 + 2];
  static uint8_t large_rx[UINT16_MAX];
  start(FL_COBS, false);
  memset(firmware, 'f', sizeof firmware);
  firmware[sizeof firmware - 1] = '\0';
  config.firmware = firmware;
  config.profile = "a-profile-of-thirty-characters";
  config.on_config = set;
  config.rx = large_rx;
  config.rx_size = sizeof large_rx;
  EXPECT(!fl_begin(&fl, &config, 1));
  firmware[sizeof firmware - 2] = '\0';
  EXPECT(fl_begin(&fl, &config, 1));
  fl.seq = UINT32_MAX - 1;
  fl.config_version = INT32_MAX;
  forget();
  hear_frame("\xa1\x64type\x65hello", 12);
  EXPECT(out_used >= 1 + FL_MESSAGE_BYTES + 4 + 2);
  forget();
}

static void the_oldest_gives_way(void) {
  start(FL_COBS, false);
  for (uint32_t i = 1; i <= 20; i++) {
    fl_reading(&fl, i);
    fl_add_text(&fl, "text", "0123456789");
    EXPECT(fl_send(&fl));
  }
  EXPECT(fl.seq == 20);
  EXPECT(fl.counts.dropped > 0 && fl.counts.dropped < 20);
  const uint16_t before = fl.counts.dropped;
  /* One that has no room at all takes the others with it, and its number is given to the next. */
  char long_text[500];
  memset(long_text, 'x', sizeof long_text);
  long_text[sizeof long_text - 1] = '\0';
  fl_reading(&fl, 21);
  fl_add_text(&fl, "text", long_text);
  EXPECT(!fl_send(&fl));
  EXPECT(fl.counts.dropped == 21 && before < 20);
  fl_reading(&fl, 22);
  fl_add_text(&fl, "text", "short");
  EXPECT(fl_send(&fl));
  EXPECT(fl.seq == 21);
  forget();
}

static void it_sends_again_after_a_while(void) {
  start(FL_COBS, false);
  fl_reading(&fl, 100);
  fl_add_boolean(&fl, "a", true);
  fl_send(&fl);
  const size_t once = out_used;
  fl_poll(&fl, 100 + FL_RESEND_MS - 1);
  EXPECT(out_used == once);
  fl_poll(&fl, 100 + FL_RESEND_MS);
  EXPECT(out_used == 2 * once);
  fl_poll(&fl, 100 + 2 * FL_RESEND_MS - 1);
  EXPECT(out_used == 2 * once);
  fl_poll(&fl, 100 + 2 * FL_RESEND_MS);
  EXPECT(out_used == 3 * once);
  forget();
}

static void a_long_message_of_the_log_is_cut(void) {
  char text[FL_MESSAGE_BYTES + 1];
  start(FL_COBS, false);
  memset(text, 'm', sizeof text);
  text[FL_MESSAGE_BYTES] = '\0';
  fl_log(&fl, "warn", text);
  EXPECT(out_used > FL_MESSAGE_BYTES - 3);
  forget();
}

int main(void) {
  check_values();
  a_reading_is_a_line();
  a_check_stands_behind_it();
  numbers();
  a_long_reading_goes_on();
  a_long_text_is_cut_between_characters();
  a_command_is_answered_once();
  of_what_is_no_command_nothing_comes();
  params();
  a_line_needs_its_check();
  what_is_too_long_is_dropped();
  sixteen_answers_are_remembered();
  an_answer_may_come_later();
  a_handler_may_change_its_mind();
  a_result_without_room_is_left_out();
  what_cannot_work_does_not_begin();
  the_longest_hello_is_said();
  the_oldest_gives_way();
  it_sends_again_after_a_while();
  a_long_message_of_the_log_is_cut();
  if (failures == 0) puts("all is well");
  return failures != 0;
}
