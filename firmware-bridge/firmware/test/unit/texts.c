#include "board.h"

#include <stdio.h>
#include <string.h>

static void odd(fl_call *call, void *user) {
  (void)user;
  fl_fail(call, "not a code\n\xff", "K\xf6ln");
}

static void a_long_text_is_cut_between_characters(void) {
  char text[400];
  start(FL_LINES, true);
  for (size_t i = 0; i + 2 < sizeof text; i += 2) memcpy(text + i, "ü", 3);
  fl_reading(&fl, UINT32_MAX);
  EXPECT(fl_add_text(&fl, "note", text) == FL_MENDED);
  fl_send(&fl);
  const char *end = strstr(out, "\" @");
  EXPECT(strlen(out) <= FL_LINE_BYTES);
  EXPECT(strlen(out) > FL_LINE_BYTES - 3);
  EXPECT(end != NULL && (uint8_t)end[-1] == 0xbc);
  forget();
}

static void mended(const char *text, const char *expected, fl_added added) {
  char line[64];
  snprintf(line, sizeof line, "v=\"%s\" @0\n", expected);
  fl_reading(&fl, 0);
  EXPECT(fl_add_text(&fl, "v", text) == added);
  EXPECT(fl_send(&fl));
  WROTE(line);
}

/* The limits of RFC 3629: bytes that are no character, of whatever kind, are one `?` each. */
static void what_is_no_utf8_is_mended(void) {
  start(FL_LINES, false);
  mended("K\xc3\xb6ln", "K\xc3\xb6ln", FL_ADDED);
  mended("K\xf6ln", "K?ln", FL_MENDED); /* Latin-1 */
  mended("\x80", "?", FL_MENDED);
  mended("\xc0\xaf", "??", FL_MENDED);
  mended("\xc1\xbf", "??", FL_MENDED);
  mended("\xc2", "?", FL_MENDED);
  mended("\xe0\x9f\xbf", "???", FL_MENDED);
  mended("\xe0\xa0\x80", "\xe0\xa0\x80", FL_ADDED);
  mended("\xed\x9f\xbf", "\xed\x9f\xbf", FL_ADDED);
  mended("\xed\xa0\x80", "???", FL_MENDED); /* half of a surrogate pair */
  mended("\xf0\x8f\xbf\xbf", "????", FL_MENDED);
  mended("\xf0\x90\x80\x80", "\xf0\x90\x80\x80", FL_ADDED);
  mended("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", FL_ADDED);
  mended("\xf4\x90\x80\x80", "????", FL_MENDED);
  mended("\xf0\x9f\x8c", "???", FL_MENDED); /* cut by somebody */
  mended("\xff\xc3\xbc\xff", "?\xc3\xbc?", FL_MENDED);
  mended("a\tb", "a b", FL_MENDED);
}

static void mended_in_messages_and_answers(void) {
  start(FL_LINES, false);
  fl_log(&fl, "in\xff", "K\xf6ln");
  WROTE("{\"type\":\"log\",\"level\":\"in?\",\"message\":\"K?ln\"}\n");
  hear("!u1 show v=\"K\xf6ln\"");
  WROTE("=u1 ok text=\"K?ln\"\n");
  config.firmware = "v\xff";
  hear("?");
  EXPECT(strstr(out, "\"firmware\":\"v?\"") != NULL);
  forget();
}

/* A code with a space in it would make a line of the log of the answer, and the command never have one. */
static void a_code_is_a_code(void) {
  start(FL_LINES, false);
  config.commands = &(const fl_command){"odd", odd};
  config.command_count = 1;
  hear("!o1 odd");
  WROTE("=o1 error not_a_code__ \"K?ln\"\n");
}

static void no_line_is_longer_than_it_may_be(void) {
  char text[600];
  memset(text, '"', sizeof text);
  text[sizeof text - 1] = '\0';
  start(FL_LINES, true);
  fl_log(&fl, text, text);
  EXPECT(out_used <= FL_LINE_BYTES && out_used > FL_LINE_BYTES - 3);
  forget();
  config.firmware = text;
  config.profile = "a-profile-whose-name-is-as-long-as-the-name-of-a-profile-may-be.";
  fl_receive(&fl, 0, UINT32_MAX);
  fl_receive(&fl, '\n', UINT32_MAX);
  hear("?");
  EXPECT(out_used <= FL_LINE_BYTES);
  EXPECT(strstr(out, config.profile) != NULL);
  forget();
}

void test_texts(void) {
  a_long_text_is_cut_between_characters();
  what_is_no_utf8_is_mended();
  mended_in_messages_and_answers();
  a_code_is_a_code();
  no_line_is_longer_than_it_may_be();
}
