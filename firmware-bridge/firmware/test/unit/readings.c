#include "board.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void check_values(void) {
  const uint8_t digits[] = "123456789";
  EXPECT(fl_crc16(digits, 9) == 0x29b1);
  EXPECT(fl_crc32(0, digits, 9) == 0xcbf43926u);
  EXPECT(fl_crc32(fl_crc32(0, digits, 4), digits + 4, 5) == 0xcbf43926u);
}

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
  expect_text(__FILE__, line, text);
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
  number(9007199254740991.0, 0, "9007199254740991", __LINE__);
  number(1e20, 2, "1.000000e20", __LINE__);
  number(-1.7976931348623157e308, 9, "-1.797693e308", __LINE__);
  number(4.9e-324, 3, "0.000", __LINE__);
  number((double)NAN, 1, "null", __LINE__);
  number((double)-INFINITY, 1, "null", __LINE__);
  fl_reading(&fl, 0);
  fl_add_integer(&fl, "v", INT32_MIN);
  fl_send(&fl);
  WROTE("v=-2147483648 @0\n");
  fl_reading(&fl, 0);
  fl_add_unsigned(&fl, "v", UINT32_MAX);
  fl_send(&fl);
  WROTE("v=4294967295 @0\n");
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

/* With FL_LINE_BYTES above 1,300 so many fit. */
static void a_line_has_255_values_at_most(void) {
  start(FL_LINES, false);
  fl_reading(&fl, 5);
  fl_add_integer(&fl, "a", 1);
  fl.open_pairs = UINT8_MAX;
  fl_add_integer(&fl, "b", 2);
  EXPECT(fl_send(&fl));
  WROTE("a=1 @5\nb=2 @5\n");
}

static void what_is_no_number_is_no_reading(void) {
  for (int is_frame = 0; is_frame < 2; is_frame++) {
    start(is_frame ? FL_COBS : FL_LINES, false);
    fl_reading(&fl, 1);
    EXPECT(fl_add_number(&fl, "v", (double)NAN, 1) == FL_NO_NUMBER);
    EXPECT(fl_add_number(&fl, "w", (double)INFINITY, 1) == FL_NO_NUMBER);
    EXPECT(fl_add_number(&fl, "x", 1.0, 1) == FL_ADDED);
    EXPECT(fl_send(&fl));
    EXPECT(fl.counts.left_out == 0);
    forget();
  }
}

/* In a line such a name would make a line of the log of it, and of all its values. */
static void a_name_that_is_no_metric_is_left_out(void) {
  char long_name[66];
  memset(long_name, 'n', 65);
  long_name[65] = '\0';
  const char *const bad[] = {"", "1", "-a", "a b", "a=b", "t\xfc", "a\n", "\xc3\xbc", long_name,
                             "time", "__proto__", "constructor", "prototype"};
  for (int is_frame = 0; is_frame < 2; is_frame++) {
    start(is_frame ? FL_COBS : FL_LINES, false);
    fl_reading(&fl, 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
      EXPECT(fl_add_integer(&fl, bad[i], 1) == FL_BAD_NAME);
      EXPECT(fl_add_text(&fl, bad[i], "text") == FL_BAD_NAME);
    }
    EXPECT(fl.counts.left_out == 2 * sizeof bad / sizeof *bad);
    EXPECT(!fl_send(&fl));
    WROTE("");
    fl_reading(&fl, 1);
    EXPECT(fl_add_integer(&fl, long_name + 1, 1) == FL_ADDED);
    EXPECT(fl_add_null(&fl, "_a.b-9") == FL_ADDED);
    EXPECT(fl_send(&fl));
    EXPECT(fl_add_boolean(&fl, "late", true) == FL_NOT_OPEN);
    EXPECT(fl_add_text(&fl, "late", "") == FL_NOT_OPEN);
    forget();
  }
}

void test_readings(void) {
  check_values();
  a_reading_is_a_line();
  a_check_stands_behind_it();
  numbers();
  a_long_reading_goes_on();
  a_line_has_255_values_at_most();
  what_is_no_number_is_no_reading();
  a_name_that_is_no_metric_is_left_out();
}
