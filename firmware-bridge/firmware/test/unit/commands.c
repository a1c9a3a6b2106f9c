#include "board.h"

#include <stdio.h>
#include <string.h>

static void whole(fl_call *call, void *user) {
  (void)user;
  for (uint8_t i = 0; i < call->param_count; i++) {
    uint32_t value = 99;
    EXPECT(fl_param_unsigned(call, call->params[i].name, &value));
    EXPECT(fl_result_unsigned(call, call->params[i].name, value));
  }
}

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
  expect_text(__FILE__, line, text);
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

/* The bridge asks anew when something is missing: then its question has a check, as every line by then (protocol §5). */
static void a_question_may_have_a_check(void) {
  start(FL_LINES, false);
  hear_checked("!q1 relay.set on=true");
  EXPECT(strstr(out, " *") != NULL);
  forget();
  hear_checked("?");
  EXPECT(strstr(out, "{\"type\":\"hello\"") == out && strstr(out, " *") != NULL);
  forget();
  hear("!q2 relay.set on=true");
  WROTE("");
  hear("? *0000");
  hear("? *XXXX");
  hear("? ");
  WROTE("");
  EXPECT(fl.counts.bad_check == 2);
  hear("?");
  EXPECT(strstr(out, "{\"type\":\"hello\"") == out && strstr(out, " *") == NULL);
  forget();
}

static void unsigned_numbers(void) {
  static const fl_command own[] = {{"whole", whole}};
  start(FL_LINES, false);
  config.commands = own;
  config.command_count = 1;
  hear("!n1 whole a=4294967295 b=-1 c=2147483648 d=1e10 e=7.9");
  WROTE("=n1 ok a=4294967295 b=0 c=2147483648 d=4294967295 e=7\n");
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

static void fail_without_code(fl_call *call, void *user) {
  (void)user;
  fl_fail(call, "", "why");
}

static void reject_without_code(fl_call *call, void *user) {
  (void)user;
  fl_reject(call, NULL, NULL);
}

/* An answer that is no answer to the bridge would leave the command open for ever. */
static void a_refusal_has_a_code(void) {
  static const fl_command own[] = {{"fail", fail_without_code}, {"reject", reject_without_code}};
  start(FL_LINES, false);
  config.commands = own;
  config.command_count = 2;
  hear("!e1 fail");
  WROTE("=e1 error failed \"why\"\n");
  hear("!e2 reject");
  WROTE("=e2 rejected failed\n");
}

static void repeat(fl_call *call, void *user) {
  (void)user;
  EXPECT(fl_result_text(call, "a", " b=\\\" c=1"));
  EXPECT(fl_result_boolean(call, "b", true));
  EXPECT(!fl_result_boolean(call, "a", true));
  EXPECT(!fl_result_integer(call, "b", 1));
  EXPECT(fl_result_integer(call, "c", 1));
  EXPECT(!fl_result_text(call, "c", ""));
  EXPECT(!fl_result_integer(call, "no name", 1));
  EXPECT(fl_result_integer(call, "time", 1));
}

/* With a name twice, or with none, the line were no answer to the bridge, and the frame no CBOR. */
static void a_result_has_a_name_once(void) {
  static const fl_command own[] = {{"repeat", repeat}};
  for (int is_frame = 0; is_frame < 2; is_frame++) {
    start(is_frame ? FL_COBS : FL_LINES, false);
    config.commands = own;
    config.command_count = 1;
    if (is_frame) hear_frame("\xa3\x64type\x67" "command\x62id\x61" "1\x64name\x66repeat", 31);
    else hear("!1 repeat");
    if (is_frame) EXPECT(strstr(out, "\x61" "b\xf5\x61" "c\x01\x64time\x01") != NULL);
    else EXPECT(strcmp(out, "=1 ok a=\" b=\\\\\\\" c=1\" b=true c=1 time=1\n") == 0);
    forget();
  }
}

static void a_result_without_room_is_left_out(void) {
  start(FL_LINES, false);
  hear("!r1 crowd");
  WROTE("=r1 ok first=\"stays\" third=true\n");
}

void test_commands(void) {
  a_command_is_answered_once();
  of_what_is_no_command_nothing_comes();
  params();
  a_line_needs_its_check();
  a_question_may_have_a_check();
  unsigned_numbers();
  what_is_too_long_is_dropped();
  sixteen_answers_are_remembered();
  an_answer_may_come_later();
  a_handler_may_change_its_mind();
  a_refusal_has_a_code();
  a_result_has_a_name_once();
  a_result_without_room_is_left_out();
}
