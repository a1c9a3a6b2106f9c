#include "board.h"

#include <string.h>

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
  /* One that has no room at all takes none of the others with it, and its number is given to the next. */
  char long_text[257];
  memset(long_text, 'x', sizeof long_text);
  long_text[256] = '\0';
  fl_reading(&fl, 21);
  EXPECT(fl_add_text(&fl, "text", long_text) == FL_ADDED);
  EXPECT(fl_add_text(&fl, "more", long_text) == FL_NO_ROOM);
  EXPECT(fl_send(&fl));
  const uint16_t after = fl.counts.dropped;
  EXPECT(after > before && fl.counts.left_out == 1);
  fl_reading(&fl, 22);
  fl_add_text(&fl, "text", "short");
  EXPECT(fl_send(&fl));
  EXPECT(fl.seq == 22);
  forget();
}

/* What the bridge would drop unread would be sent again for ever, and hold up all that comes after it. */
static void no_frame_is_longer_than_the_bridge_takes(void) {
  static uint8_t much[8192];
  char text[257], name[4] = "t0";
  memset(text, 'x', sizeof text);
  text[256] = '\0';
  start(FL_COBS, false);
  config.kept = much;
  config.kept_size = sizeof much;
  EXPECT(fl_begin(&fl, &config, 1));
  forget();
  fl_reading(&fl, 1);
  int added = 0;
  for (; added < 9; added++) {
    name[1] = (char)('0' + added);
    if (fl_add_text(&fl, name, text) != FL_ADDED) break;
  }
  EXPECT(added == (FL_FRAME_BYTES - 60) / 262);
  EXPECT(fl_add_integer(&fl, "n", 7) == FL_ADDED);
  EXPECT(fl.counts.left_out == 1 && fl.counts.dropped == 0);
  EXPECT(fl_send(&fl));
  EXPECT(out_used <= FL_FRAME_BYTES + 4 + 5 + 1);
  forget();
}

/* CBOR with a key that comes twice, or with bytes that are no UTF-8, is none. */
static void no_frame_is_anything_but_cbor(void) {
  start(FL_COBS, false);
  fl_reading(&fl, 1);
  EXPECT(fl_add_integer(&fl, "a", 1) == FL_ADDED);
  EXPECT(fl_add_text(&fl, "b", "K\xf6ln") == FL_MENDED);
  EXPECT(fl_add_number(&fl, "c", 1.5, 0) == FL_ADDED);
  EXPECT(fl_add_integer(&fl, "b", 1) == FL_TWICE);
  EXPECT(fl_add_integer(&fl, "c", 1) == FL_TWICE);
  EXPECT(fl_add_integer(&fl, "ab", 1) == FL_ADDED);
  EXPECT(fl.counts.left_out == 2);
  EXPECT(fl_send(&fl));
  EXPECT(strstr(out, "b\x64K?ln\x61" "c\xfa\x3f\xc0") != NULL);
  forget();
}

static void a_text_of_a_frame_is_cut_between_characters(void) {
  char text[300];
  start(FL_COBS, false);
  for (size_t i = 0; i + 3 < sizeof text; i += 3) memcpy(text + i, "\xe2\x82\xac", 4);
  fl_reading(&fl, 1);
  EXPECT(fl_add_text(&fl, "t", text) == FL_MENDED);
  EXPECT(fl_send(&fl));
  /* Behind six bytes of its own and sixty of the message; 85 characters of three bytes are 255. */
  EXPECT(memcmp(kept + 66, "\x61t\x78\xff\xe2\x82\xac", 7) == 0);
  EXPECT(fl.kept_used == 66 + 4 + 255);
  forget();
}

/* All of 65,535 bytes can be used: the next reading then begins where 16 bits end. */
static void the_largest_ring_is_filled_to_its_last_byte(void) {
  static uint8_t largest[UINT16_MAX];
  char text[183];
  memset(text, 'x', sizeof text);
  text[182] = '\0';
  start(FL_COBS, false);
  config.kept = largest;
  config.kept_size = UINT16_MAX;
  EXPECT(fl_begin(&fl, &config, 1));
  for (uint32_t i = 1; i <= 257; i++) {
    fl_reading(&fl, i);
    fl_add_text(&fl, "text", text);
    EXPECT(fl_send(&fl));
    forget();
  }
  EXPECT(fl.kept_used == UINT16_MAX && fl.counts.dropped == 0);
  fl_reading(&fl, 258);
  fl_add_text(&fl, "text", text);
  EXPECT(fl_send(&fl));
  EXPECT(fl.kept_used == UINT16_MAX && fl.counts.dropped == 1);
  EXPECT(largest[2] == 2 && largest[UINT16_MAX - 255 + 2] == 2 && largest[UINT16_MAX - 255 + 3] == 1);
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

/* Between two of them the board takes in what came. */
static void it_sends_one_again_in_each_call(void) {
  const char hello[] = "\xa1\x64type\x65hello";
  const char ack[] = "\xa3\x64type\x63" "ack\x64" "boot\x68" "00C0FFEE\x63seq\x02";
  start(FL_COBS, false);
  for (uint32_t i = 0; i < 4; i++) {
    fl_reading(&fl, 0);
    fl_add_boolean(&fl, "a", true);
    fl_send(&fl);
  }
  const size_t one = out_used / 4;
  forget();
  for (size_t i = 1; i <= 4; i++) {
    fl_poll(&fl, FL_RESEND_MS + (uint32_t)i);
    EXPECT(out_used == i * one);
  }
  /* The next time is counted from the last of them. */
  fl_poll(&fl, 2 * FL_RESEND_MS + 3);
  EXPECT(out_used == 4 * one);
  fl_poll(&fl, 2 * FL_RESEND_MS + 4);
  EXPECT(out_used == 5 * one);
  /* A hello begins anew, and what is acknowledged meanwhile is left out. */
  forget();
  hear_frame(hello, sizeof hello - 1);
  fl_poll(&fl, UINT32_MAX);
  hear_frame(ack, sizeof ack - 1);
  const size_t before = out_used;
  for (int i = 0; i < 9; i++) fl_poll(&fl, UINT32_MAX);
  EXPECT(out_used == before + 2 * one);
  EXPECT(fl.kept_used > 0 && kept[2] == 3);
  forget();
}

/* An old acknowledgement that comes again and again must not put off what is missing. */
static void only_what_is_acknowledged_puts_it_off(void) {
  const char ack[] = "\xa3\x64type\x63" "ack\x64" "boot\x68" "00C0FFEE\x63seq\x01";
  start(FL_COBS, false);
  for (uint32_t i = 0; i < 2; i++) {
    fl_reading(&fl, 0);
    fl_add_boolean(&fl, "a", true);
    fl_send(&fl);
  }
  fl_poll(&fl, 0);
  hear_frame(ack, sizeof ack - 1);
  EXPECT(fl.kept_used > 0 && kept[2] == 2);
  const uint32_t due = fl.resend_at;
  EXPECT(due == UINT32_MAX + FL_RESEND_MS);
  fl.resend_at = 77;
  hear_frame(ack, sizeof ack - 1);
  EXPECT(fl.resend_at == 77);
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

void test_frames(void) {
  what_cannot_work_does_not_begin();
  the_longest_hello_is_said();
  the_oldest_gives_way();
  no_frame_is_longer_than_the_bridge_takes();
  no_frame_is_anything_but_cbor();
  a_text_of_a_frame_is_cut_between_characters();
  the_largest_ring_is_filled_to_its_last_byte();
  it_sends_again_after_a_while();
  it_sends_one_again_in_each_call();
  only_what_is_acknowledged_puts_it_off();
  a_long_message_of_the_log_is_cut();
}
