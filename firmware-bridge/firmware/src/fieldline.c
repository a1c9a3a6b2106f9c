/* Copyright the Fieldline authors. Apache-2.0. */
#include "fieldline.h"

#include <string.h>

#ifdef __AVR__
#include <avr/pgmspace.h>
/* A literal would take RAM for as long as the program runs: it stays in the flash instead. */
#define TEXT(literal) PSTR(literal)
#define FLASH_BYTE(at) ((char)pgm_read_byte(at))
typedef uint32_t whole_t;
#define WHOLE_DIGITS_MAX UINT32_MAX
#define WHOLE_MAX 4294967040.0 /* the largest 24-bit float below 2^32 */
#else
#define TEXT(literal) (literal)
#define FLASH_BYTE(at) (*(at))
typedef uint64_t whole_t;
#define WHOLE_DIGITS_MAX UINT64_MAX
#define WHOLE_MAX 18446744073709549568.0 /* the largest double below 2^64 */
#endif

/* ` @4294967295`, ` *XXXX` and the newline. */
#define LINE_END_BYTES 19
/* A sign, twenty digits, the point, and nine more. */
#define NUMBER_BYTES 31
/* In `kept`, before each message: its length and its number. */
#define KEPT_HEAD_BYTES 6
/* One reading of one short name must find room. */
#define KEPT_LEAST_BYTES (KEPT_HEAD_BYTES + 80)
#define CRC32_BYTES 4
/* A metric, a parameter, a key of a result (docs/protocol.md, Names). */
#define NAME_BYTES 64
/* The longest text that is a value. */
#define TEXT_BYTES 256
/* How deep maps and arrays that nobody wants may stand in one another. */
#define SKIP_DEPTH 4
/* Of the answers: the one that is not remembered. */
#define SPARE_SLOT FL_ANSWERS
/* The longest hello without the texts that tell firmware and profile, and the longest result without its values. */
#define HELLO_BYTES 124
#define RESULT_BYTES 70
/* In lines: the longest hello without the texts that tell firmware and profile, and what follows a text of the log. */
#define HELLO_LINE_BYTES 121
#define LOG_LINE_END_BYTES 21
#define LEVEL_BYTES 16

#if FL_ANSWERS < 1 || FL_ANSWERS > 254
#error "FL_ANSWERS is 1 to 254"
#endif
#if FL_ANSWER_BYTES < 16 || FL_ANSWER_BYTES > 255
#error "FL_ANSWER_BYTES is 16 to 255: the library's own codes need 16"
#endif
#if FL_MESSAGE_BYTES < HELLO_BYTES || FL_MESSAGE_BYTES < RESULT_BYTES + FL_ANSWER_BYTES
#error "FL_MESSAGE_BYTES is too small for a hello, or for a result of FL_ANSWER_BYTES"
#endif
#if FL_MESSAGE_BYTES > FL_FRAME_BYTES || FL_FRAME_BYTES < 160 || FL_FRAME_BYTES > 16000
#error "FL_FRAME_BYTES is 160 to 16000, and holds FL_MESSAGE_BYTES"
#endif
#if FL_LINE_BYTES < HELLO_LINE_BYTES + NAME_BYTES + 16 || FL_LINE_BYTES > 16000
#error "FL_LINE_BYTES is 201 to 16000: a hello needs 201"
#endif
#if FL_PARAMS < 1 || FL_PARAMS > 255
#error "FL_PARAMS is 1 to 255"
#endif

/* Which framing. Where one is left out the compiler drops all that only it needs. */
#if defined(FL_ONLY_LINES)
static bool speaks_lines(const fl_t *fl) {
  (void)fl;
  return true;
}
#elif defined(FL_ONLY_COBS)
static bool speaks_lines(const fl_t *fl) {
  (void)fl;
  return false;
}
#else
static bool speaks_lines(const fl_t *fl) {
  return fl->config->framing == FL_LINES;
}
#endif

/* ---- Checks ---------------------------------------------------------------------------------------------------- */

static uint16_t crc16_add(uint16_t crc, uint8_t byte) {
  crc = (uint16_t)(crc ^ ((uint16_t)byte << 8));
  for (uint8_t bit = 0; bit < 8; bit++) {
    const uint16_t shifted = (uint16_t)(crc << 1);
    crc = (crc & 0x8000u) ? (uint16_t)(shifted ^ 0x1021u) : shifted;
  }
  return crc;
}

uint16_t fl_crc16(const uint8_t *bytes, size_t count) {
  uint16_t crc = 0xffff;
  while (count--) crc = crc16_add(crc, *bytes++);
  return crc;
}

uint32_t fl_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
  crc = ~crc;
  while (count--) {
    crc ^= *bytes++;
    for (uint8_t bit = 0; bit < 8; bit++) crc = (crc & 1u) ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
  }
  return ~crc;
}

/* ---- Texts and numbers ----------------------------------------------------------------------------------------- */

static char hex_digit(uint32_t nibble) { return (char)(nibble < 10 ? '0' + nibble : 'A' + nibble - 10); }

static bool same(const char *text, size_t length, const char *flash) {
  for (; length > 0; length--, text++, flash++) {
    const char wanted = FLASH_BYTE(flash);
    if (wanted == '\0' || wanted != *text) return false;
  }
  return FLASH_BYTE(flash) == '\0';
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* A line with another name is no reading to the bridge, and a frame may not even be CBOR with it. */
static bool is_name(const char *name) {
  size_t length = 0;
  for (; name[length] != '\0'; length++) {
    const char c = name[length];
    const bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    const bool is_good = is_letter || (length > 0 && (is_digit(c) || c == '.' || c == '-'));
    if (!is_good || length == NAME_BYTES) return false;
  }
  return length > 0 && !same(name, length, TEXT("__proto__")) && !same(name, length, TEXT("constructor")) &&
         !same(name, length, TEXT("prototype"));
}

static bool is_metric(const char *name) { return is_name(name) && !same(name, strlen(name), TEXT("time")); }

/* Digits of an integer. Returns how many, 20 at most. */
static uint8_t format_whole(char *to, whole_t value) {
  char digits[20];
  uint8_t count = 0;
  do digits[count++] = (char)('0' + (char)(value % 10u));
  while (value /= 10u);
  for (uint8_t i = 0; i < count; i++) to[i] = digits[count - 1 - i];
  return count;
}

static bool is_finite(double value) { return value - value == 0.0; }

/* A finite number as JSON has it, in NUMBER_BYTES at most. */
static uint8_t format_number(char *to, double value, uint8_t decimals) {
  uint8_t length = 0;
  int16_t exponent = 0;
  if (value < 0.0) {
    to[length++] = '-';
    value = -value;
  }
  if (decimals > 9) decimals = 9;
  if (value >= WHOLE_MAX) {
    for (; value >= 10.0; value /= 10.0) exponent++;
    decimals = 6;
  }
  double half = 0.5;
  for (uint8_t i = 0; i < decimals; i++) half /= 10.0;
  if (value != (double)(whole_t)value) value += half; /* to a large whole one it would add 1 or nothing */
  whole_t whole = (whole_t)value;
  length = (uint8_t)(length + format_whole(to + length, whole));
  double rest = value - (double)whole;
  if (decimals > 0) to[length++] = '.';
  for (; decimals > 0; decimals--) {
    rest *= 10.0;
    uint8_t digit = (uint8_t)rest;
    if (digit > 9) digit = 9;
    rest -= digit;
    to[length++] = (char)('0' + digit);
  }
  if (exponent > 0) {
    to[length++] = 'e';
    length = (uint8_t)(length + format_whole(to + length, (whole_t)exponent));
  }
  return length;
}

/* What it is without its sign. */
static uint32_t size_of(int32_t value) { return value < 0 ? ~(uint32_t)value + 1u : (uint32_t)value; }

static uint8_t format_integer(char *to, bool is_negative, uint32_t size) {
  to[0] = '-';
  return (uint8_t)(is_negative + format_whole(to + is_negative, size));
}

/* False for what is no number: a line and CBOR can both hold one that is infinite here. */
static bool set_number(fl_value *value, double number) {
  if (!is_finite(number)) return false;
  value->type = FL_NUMBER;
  value->number = number;
  value->integer = number >= 2147483647.0 ? INT32_MAX : number <= -2147483648.0 ? INT32_MIN : (int32_t)number;
  return true;
}

/* A small integer as it is: a double of AVR has fewer bits. */
static void set_integer(fl_value *value, bool is_negative, uint32_t size) {
  if (size <= INT32_MAX) value->integer = is_negative ? -(int32_t)size : (int32_t)size;
}

/* Bytes of the character of UTF-8 (RFC 3629, section 4) at `text`, or 0: what stands there is none. */
static uint8_t character_length(const char *text) {
  const uint8_t first = (uint8_t)text[0];
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const uint8_t second = (uint8_t)text[1];
  const uint8_t least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const uint8_t most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  const uint8_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (uint8_t i = 2; i < length; i++) {
    if (((uint8_t)text[i] & 0xc0u) != 0x80u) return 0;
  }
  return length;
}

/* Takes the next character, four bytes at most. A byte that is no UTF-8 becomes `?`, and `is_mended`, if there is one. */
static uint8_t take_character(const char **text, char *to, bool *is_mended) {
  uint8_t length = character_length(*text);
  const bool is_good = length > 0;
  if (!is_good) length = 1;
  for (uint8_t i = 0; i < length; i++) to[i] = is_good ? (*text)[i] : '?';
  if (!is_good && is_mended != NULL) *is_mended = true;
  *text += length;
  return length;
}

/* As it stands between quotes: five bytes at most. Control characters become spaces. */
static uint8_t quote_character(char *to, const char **text, bool *is_mended) {
  char taken[4];
  uint8_t length = take_character(text, taken, is_mended);
  const uint8_t first = (uint8_t)taken[0];
  if (first < 0x20 || first == 0x7f || (first == 0xc2 && (uint8_t)taken[1] < 0xa0)) {
    *to = ' ';
    if (is_mended != NULL) *is_mended = true;
    return 1;
  }
  const uint8_t escape = first == '"' || first == '\\';
  if (escape) *to++ = '\\';
  memcpy(to, taken, length);
  return (uint8_t)(escape + length);
}

/* Bytes of a text that is cut between characters. Whole, or mended, it has no other length. */
static size_t cut_length(const char *text, size_t most) {
  const char *at = text;
  while (*at != '\0') {
    const uint8_t length = character_length(at);
    const char *next = at + (length > 0 ? length : 1);
    if ((size_t)(next - text) > most) break;
    at = next;
  }
  return (size_t)(at - text);
}

/* ---- Writing lines --------------------------------------------------------------------------------------------- */

static void emit(fl_t *fl, const char *text, size_t length) {
  if (length == 0) return;
  for (size_t i = 0; i < length; i++) fl->check = crc16_add(fl->check, (uint8_t)text[i]);
  fl->open_bytes = (uint16_t)(fl->open_bytes + length);
  fl->config->write(fl->config->user, (const uint8_t *)text, length);
}

static void emit_text(fl_t *fl, const char *text) { emit(fl, text, strlen(text)); }

static void emit_flash(fl_t *fl, const char *flash) {
  char byte;
  while ((byte = FLASH_BYTE(flash++)) != '\0') emit(fl, &byte, 1);
}

/* Between quotes, in at most `room` bytes and cut between characters. Returns whether it is there as it was. */
static bool emit_quoted(fl_t *fl, const char *text, size_t room) {
  bool is_mended = false;
  emit_flash(fl, TEXT("\""));
  while (*text != '\0') {
    char quoted[5];
    const char *next = text;
    const uint8_t length = quote_character(quoted, &next, &is_mended);
    if (room < length) break;
    room -= length;
    emit(fl, quoted, length);
    text = next;
  }
  emit_flash(fl, TEXT("\""));
  return *text == '\0' && !is_mended;
}

static void line_begin(fl_t *fl) {
  fl->check = 0xffff;
  fl->open_bytes = 0;
  fl->open_pairs = 0;
}

static void line_end(fl_t *fl) {
  if (fl->config->checks || fl->checked) {
    uint16_t check = fl->check;
    char text[6] = {' ', '*', hex_digit((check >> 12) & 15u), hex_digit((check >> 8) & 15u),
                    hex_digit((check >> 4) & 15u), hex_digit(check & 15u)};
    emit(fl, text, sizeof text);
  }
  emit_flash(fl, TEXT("\n"));
}

static void line_end_reading(fl_t *fl) {
  char text[10];
  emit_flash(fl, TEXT(" @"));
  emit(fl, text, format_whole(text, fl->open_uptime));
  line_end(fl);
}

/* The name of a value that takes `length` bytes; where the line has no room left it goes on in a new one. */
static void line_name(fl_t *fl, const char *metric, size_t length) {
  size_t needed = strlen(metric) + 2 + length;
  const bool is_full = fl->open_pairs == UINT8_MAX || fl->open_bytes + needed + LINE_END_BYTES > FL_LINE_BYTES;
  if (fl->open_pairs > 0 && is_full) {
    line_end_reading(fl);
    line_begin(fl);
  }
  if (fl->open_pairs++ > 0) emit_flash(fl, TEXT(" "));
  emit_text(fl, metric);
  emit_flash(fl, TEXT("="));
}

/* ---- Writing CBOR (RFC 8949) ----------------------------------------------------------------------------------- */

typedef struct {
  /* NULL: only what it takes is counted. */
  uint8_t *to;
  uint16_t size;
  uint16_t used;
  /* Something found no room: what is there is not whole. */
  bool is_full;
} writer_t;

enum { MAJOR_UINT, MAJOR_NEGATIVE, MAJOR_BYTES, MAJOR_TEXT, MAJOR_ARRAY, MAJOR_MAP, MAJOR_TAG, MAJOR_SIMPLE };
enum { CBOR_FALSE = 0xf4, CBOR_TRUE = 0xf5, CBOR_NULL = 0xf6, CBOR_FLOAT32 = 0xfa, CBOR_FLOAT64 = 0xfb };

static void put(writer_t *out, uint8_t byte) {
  if (out->used == out->size) {
    out->is_full = true;
    return;
  }
  if (out->to != NULL) out->to[out->used] = byte;
  out->used++;
}

/* Where a head is filled in later it has its five bytes whatever the number is. */
static void put_wide(writer_t *out, unsigned major, uint32_t value) {
  put(out, (uint8_t)(major << 5 | 26u));
  for (int8_t shift = 24; shift >= 0; shift = (int8_t)(shift - 8)) put(out, (uint8_t)(value >> shift));
}

static void put_head(writer_t *out, unsigned major, uint32_t value) {
  if (value < 24) {
    put(out, (uint8_t)(major << 5 | value));
  } else if (value < 256) {
    put(out, (uint8_t)(major << 5 | 24u));
    put(out, (uint8_t)value);
  } else {
    put_wide(out, major, value);
  }
}

/* So many bytes of a text, which end between characters: what is no UTF-8 must not reach CBOR (RFC 8949, section 5.3.1). */
static bool put_characters(writer_t *out, const char *text, size_t length) {
  const char *end = text + length;
  bool is_mended = false;
  put_head(out, MAJOR_TEXT, (uint32_t)length);
  while (text < end) {
    char taken[4];
    const uint8_t count = take_character(&text, taken, &is_mended);
    for (uint8_t i = 0; i < count; i++) put(out, (uint8_t)taken[i]);
  }
  return !is_mended;
}

static void put_text(writer_t *out, const char *text) { put_characters(out, text, strlen(text)); }

static void put_flash(writer_t *out, const char *flash) {
  uint8_t length = 0;
  while (FLASH_BYTE(flash + length) != '\0') length++;
  put_head(out, MAJOR_TEXT, length);
  while (length--) put(out, (uint8_t)FLASH_BYTE(flash++));
}

static void put_integer(writer_t *out, bool is_negative, uint32_t size) {
  if (is_negative) put_head(out, MAJOR_NEGATIVE, size - 1u);
  else put_head(out, MAJOR_UINT, size);
}

/* A finite double, or where it loses nothing by it a float. */
static void put_number(writer_t *out, double value) {
  float narrow = (float)value;
#if __SIZEOF_DOUBLE__ > 4
  if ((double)narrow != value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put(out, CBOR_FLOAT64);
    for (int8_t shift = 56; shift >= 0; shift = (int8_t)(shift - 8)) put(out, (uint8_t)(bits >> shift));
    return;
  }
#endif
  uint32_t bits;
  memcpy(&bits, &narrow, sizeof bits);
  put(out, CBOR_FLOAT32);
  for (int8_t shift = 24; shift >= 0; shift = (int8_t)(shift - 8)) put(out, (uint8_t)(bits >> shift));
}

static void put_boolean(writer_t *out, bool value) { put(out, value ? CBOR_TRUE : CBOR_FALSE); }

/* ---- Frames: COBS (Cheshire and Baker, 1999) around CBOR and its CRC-32 ----------------------------------------- */

static void write_byte(fl_t *fl, uint8_t byte) { fl->config->write(fl->config->user, &byte, 1); }

static void write_frame(fl_t *fl, const uint8_t *payload, uint16_t length) {
  uint32_t crc = fl_crc32(0, payload, length);
  uint8_t tail[CRC32_BYTES];
  for (uint8_t i = 0; i < CRC32_BYTES; i++) tail[i] = (uint8_t)(crc >> (8 * i));
  const uint16_t total = (uint16_t)(length + CRC32_BYTES);
  uint16_t at = 0;
  for (;;) {
    uint16_t run = 0;
    while (run < 254 && at + run < total && (at + run < length ? payload[at + run] : tail[at + run - length]) != 0) run++;
    write_byte(fl, (uint8_t)(run + 1));
    uint16_t inside = at >= length ? 0 : (uint16_t)(at + run > length ? length - at : run);
    if (inside > 0) fl->config->write(fl->config->user, payload + at, inside);
    if (run > inside) fl->config->write(fl->config->user, tail + (at + inside - length), (size_t)(run - inside));
    at = (uint16_t)(at + run);
    if (at == total) break;
    if (run == 254) continue; /* a full block stands for no zero behind it */
    at++;
    if (at == total) {
      write_byte(fl, 1);
      break;
    }
  }
  write_byte(fl, 0);
}

/* In place. Returns the length, or 0 when it is no COBS. */
static uint16_t cobs_decode(uint8_t *bytes, uint16_t length) {
  uint16_t from = 0, to = 0;
  while (from < length) {
    uint8_t code = bytes[from++];
    if (code == 0 || from + code - 1 > length) return 0;
    for (uint8_t i = 1; i < code; i++) bytes[to++] = bytes[from++];
    if (code < 255 && from < length) bytes[to++] = 0;
  }
  return to;
}

/* ---- Readings that are kept until they are acknowledged (FL_COBS) ----------------------------------------------- */

static uint16_t kept_length(const uint8_t *head) { return (uint16_t)(head[0] | (uint16_t)head[1] << 8); }

static uint32_t kept_seq(const uint8_t *head) {
  return head[2] | (uint32_t)head[3] << 8 | (uint32_t)head[4] << 16 | (uint32_t)head[5] << 24;
}

/* Takes the oldest out. What is being written behind the last one moves with the rest. */
static void forget_oldest(fl_t *fl) {
  uint8_t *kept = fl->config->kept;
  uint16_t size = (uint16_t)(KEPT_HEAD_BYTES + kept_length(kept));
  uint16_t open = fl->is_open && fl->open_bytes > 0 ? (uint16_t)(KEPT_HEAD_BYTES + fl->open_bytes) : 0;
  memmove(kept, kept + size, (size_t)(fl->kept_used - size + open));
  fl->kept_used = (uint16_t)(fl->kept_used - size);
  fl->resend_from = (uint16_t)(fl->resend_from > size ? fl->resend_from - size : 0);
  fl->resend_end = (uint16_t)(fl->resend_end > size ? fl->resend_end - size : 0);
}

static void acknowledged(fl_t *fl, uint32_t seq) {
  while (fl->kept_used > 0 && kept_seq(fl->config->kept) <= seq) {
    forget_oldest(fl);
    fl->resend_at = fl->now + FL_RESEND_MS;
  }
}

/* All of it at once would keep the line for seconds, and whoever takes in bytes from doing so. */
static void resend_next(fl_t *fl) {
  if (fl->resend_from < fl->resend_end) {
    const uint8_t *head = fl->config->kept + fl->resend_from;
    write_frame(fl, head + KEPT_HEAD_BYTES, kept_length(head));
    fl->resend_from = (uint16_t)(fl->resend_from + KEPT_HEAD_BYTES + kept_length(head));
  }
  if (fl->resend_from >= fl->resend_end) fl->resend_at = fl->now + FL_RESEND_MS;
}

static void resend(fl_t *fl) {
  fl->resend_from = 0;
  fl->resend_end = fl->kept_used;
  resend_next(fl);
}

/* Where in the message the number of its values stands: behind a prefix that always has the same length. */
#define VALUES_COUNT_AT (1 + 5 + 10 + 5 + (1 + FL_BOOT_BYTES) + 4 + 5 + 7 + 5 + 7 + 1)

static void put_telemetry(fl_t *fl, writer_t *out) {
  put_head(out, MAJOR_MAP, 5);
  put_flash(out, TEXT("type"));
  put_flash(out, TEXT("telemetry"));
  put_flash(out, TEXT("boot"));
  put_text(out, fl->boot);
  put_flash(out, TEXT("seq"));
  put_wide(out, MAJOR_UINT, fl->seq + 1);
  put_flash(out, TEXT("uptime"));
  put_wide(out, MAJOR_UINT, fl->open_uptime);
  put_flash(out, TEXT("values"));
  put(out, (uint8_t)(MAJOR_MAP << 5 | 24u));
  put(out, 0);
}

/* What a value is made of. */
typedef struct {
  const char *metric;
  fl_type type;
  bool is_integer;
  bool boolean;
  /* Of an integer. */
  bool is_negative;
  uint32_t size;
  double number;
  const char *text;
} pair_t;

static pair_t integer_pair(const char *metric, bool is_negative, uint32_t size) {
  const pair_t pair = {metric, FL_NUMBER, true, false, is_negative, size, 0.0, NULL};
  return pair;
}

/* NaN and infinities are no values: they are "no reading". */
static pair_t number_pair(const char *metric, double number) {
  const pair_t pair = {metric, is_finite(number) ? FL_NUMBER : FL_NULL, false, false, false, 0, number, NULL};
  return pair;
}

static pair_t plain_pair(const char *metric, fl_type type, bool boolean, const char *text) {
  const pair_t pair = {metric, type, false, boolean, false, 0, 0.0, text};
  return pair;
}

/* Returns whether a text is there as it was. */
static bool put_pair(writer_t *out, const pair_t *pair) {
  put_text(out, pair->metric);
  if (pair->type == FL_TEXT) {
    const size_t length = cut_length(pair->text, TEXT_BYTES);
    return put_characters(out, pair->text, length) && pair->text[length] == '\0';
  }
  if (pair->type == FL_BOOLEAN) put_boolean(out, pair->boolean);
  else if (pair->type == FL_NULL) put(out, CBOR_NULL);
  else if (pair->is_integer) put_integer(out, pair->is_negative, pair->size);
  else put_number(out, pair->number);
  return true;
}

/*
 * Adds a pair to the open reading, or begins it when `pair` is NULL; drops older ones where it needs their room. What the
 * bridge would not take, or `kept` cannot hold, is refused before anything gives way for it: the bridge drops such a
 * frame unread, and it would be sent again for ever.
 */
static fl_added frame_add(fl_t *fl, const pair_t *pair) {
  const fl_config *config = fl->config;
  const uint16_t room = (uint16_t)(config->kept_size - KEPT_HEAD_BYTES);
  writer_t counted = {NULL, room < FL_FRAME_BYTES ? room : FL_FRAME_BYTES, fl->open_bytes, false};
  if (pair == NULL) put_telemetry(fl, &counted);
  else put_pair(&counted, pair);
  if (counted.is_full) return FL_NO_ROOM;
  while ((uint32_t)fl->kept_used + KEPT_HEAD_BYTES + counted.used > config->kept_size) {
    forget_oldest(fl);
    fl->counts.dropped++;
  }
  writer_t out = {config->kept + fl->kept_used + KEPT_HEAD_BYTES, counted.used, fl->open_bytes, false};
  bool is_whole = true;
  if (pair == NULL) put_telemetry(fl, &out);
  else is_whole = put_pair(&out, pair);
  fl->open_bytes = out.used;
  return is_whole ? FL_ADDED : FL_MENDED;
}

/* ---- Readings -------------------------------------------------------------------------------------------------- */

static bool is_in_pairs(uint8_t *pairs, size_t length, const char *name);

/* No map of CBOR may have a name twice. */
static bool is_in_frame(fl_t *fl, const char *metric) {
  const uint16_t values_at = VALUES_COUNT_AT + 1;
  uint8_t *frame = fl->config->kept + fl->kept_used + KEPT_HEAD_BYTES;
  return is_in_pairs(frame + values_at, (size_t)(fl->open_bytes - values_at), metric);
}

void fl_reading(fl_t *fl, uint32_t uptime_ms) {
  fl->now = uptime_ms;
  fl->open_uptime = uptime_ms;
  line_begin(fl);
  fl->is_open = true;
  if (!speaks_lines(fl)) frame_add(fl, NULL);
}

static fl_added left_out(fl_t *fl, fl_added why) {
  fl->counts.left_out++;
  return why;
}

/* Adds a value, which as text has `length` bytes. */
static fl_added add(fl_t *fl, const pair_t *pair, const char *text, uint8_t length) {
  if (!fl->is_open) return FL_NOT_OPEN;
  if (!is_metric(pair->metric)) return left_out(fl, FL_BAD_NAME);
  if (speaks_lines(fl)) {
    line_name(fl, pair->metric, length);
    emit(fl, text, length);
    return FL_ADDED;
  }
  if (is_in_frame(fl, pair->metric)) return left_out(fl, FL_TWICE);
  const fl_added added = fl->open_pairs < UINT8_MAX ? frame_add(fl, pair) : FL_NO_ROOM;
  if (added == FL_NO_ROOM) return left_out(fl, added);
  fl->open_pairs++;
  return added;
}

fl_added fl_add_null(fl_t *fl, const char *metric) {
  const pair_t pair = plain_pair(metric, FL_NULL, false, NULL);
  return add(fl, &pair, "null", 4);
}

fl_added fl_add_number(fl_t *fl, const char *metric, double value, uint8_t decimals) {
  char text[NUMBER_BYTES];
  const pair_t pair = number_pair(metric, value);
  if (pair.type == FL_NUMBER) return add(fl, &pair, text, speaks_lines(fl) ? format_number(text, value, decimals) : 0);
  const fl_added added = fl_add_null(fl, metric);
  return added == FL_ADDED ? FL_NO_NUMBER : added;
}

static fl_added add_integer(fl_t *fl, const char *metric, bool is_negative, uint32_t size) {
  char text[11];
  const pair_t pair = integer_pair(metric, is_negative, size);
  return add(fl, &pair, text, speaks_lines(fl) ? format_integer(text, is_negative, size) : 0);
}

fl_added fl_add_integer(fl_t *fl, const char *metric, int32_t value) {
  return add_integer(fl, metric, value < 0, size_of(value));
}

fl_added fl_add_unsigned(fl_t *fl, const char *metric, uint32_t value) { return add_integer(fl, metric, false, value); }

fl_added fl_add_boolean(fl_t *fl, const char *metric, bool value) {
  const pair_t pair = plain_pair(metric, FL_BOOLEAN, value, NULL);
  return add(fl, &pair, value ? "true" : "false", value ? 4 : 5);
}

/* Writes a text while it looks at it: nothing has room for it on a small board. */
static fl_added line_add_text(fl_t *fl, const char *metric, const char *value) {
  size_t room = FL_LINE_BYTES - LINE_END_BYTES - 4 - strlen(metric);
  if (room > TEXT_BYTES) room = TEXT_BYTES;
  size_t needed = 0;
  for (const char *at = value; *at != '\0' && needed < room; at++) needed += 1u + (*at == '"' || *at == '\\');
  line_name(fl, metric, (needed < room ? needed : room) + 2);
  return emit_quoted(fl, value, room) ? FL_ADDED : FL_MENDED;
}

fl_added fl_add_text(fl_t *fl, const char *metric, const char *value) {
  const pair_t pair = plain_pair(metric, FL_TEXT, false, value);
  if (!speaks_lines(fl)) return add(fl, &pair, NULL, 0);
  if (!fl->is_open) return FL_NOT_OPEN;
  if (!is_metric(metric)) return left_out(fl, FL_BAD_NAME);
  return line_add_text(fl, metric, value);
}

bool fl_send(fl_t *fl) {
  bool is_whole = fl->is_open && fl->open_pairs > 0;
  fl->is_open = false;
  if (!is_whole) return false;
  if (speaks_lines(fl)) {
    line_end_reading(fl);
    return true;
  }
  uint8_t *head = fl->config->kept + fl->kept_used;
  uint16_t length = fl->open_bytes;
  fl->seq++;
  head[0] = (uint8_t)length;
  head[1] = (uint8_t)(length >> 8);
  for (uint8_t i = 0; i < 4; i++) head[2 + i] = (uint8_t)(fl->seq >> (8 * i));
  head[KEPT_HEAD_BYTES + VALUES_COUNT_AT] = fl->open_pairs;
  if (fl->kept_used == 0) fl->resend_at = fl->now + FL_RESEND_MS;
  fl->kept_used = (uint16_t)(fl->kept_used + KEPT_HEAD_BYTES + length);
  write_frame(fl, head + KEPT_HEAD_BYTES, length);
  return true;
}

/* ---- Messages beside readings ----------------------------------------------------------------------------------- */

static writer_t message_begin(uint8_t *bytes, uint8_t pairs, const char *flash_type) {
  writer_t out = {bytes, FL_MESSAGE_BYTES, 0, false};
  put_head(&out, MAJOR_MAP, pairs);
  put_flash(&out, TEXT("type"));
  put_flash(&out, flash_type);
  return out;
}

static void message_end(fl_t *fl, const writer_t *out) {
  if (!out->is_full) write_frame(fl, out->to, out->used);
}

/* Of a line: what a hello leaves for the text that nobody has to read whole. */
#define HELLO_FIRMWARE_BYTES (FL_LINE_BYTES - HELLO_LINE_BYTES - NAME_BYTES)

static void emit_json(fl_t *fl, const char *flash_key, const char *text, size_t room) {
  emit_flash(fl, flash_key);
  emit_quoted(fl, text, room);
}

static void hello_line(fl_t *fl) {
  const fl_config *config = fl->config;
  char text[10];
  line_begin(fl);
  emit_json(fl, TEXT("{\"type\":\"hello\",\"boot\":"), fl->boot, FL_BOOT_BYTES);
  if (config->firmware != NULL) emit_json(fl, TEXT(",\"firmware\":"), config->firmware, HELLO_FIRMWARE_BYTES);
  if (config->profile != NULL) emit_json(fl, TEXT(",\"profile\":"), config->profile, NAME_BYTES);
  if (config->command_count > 0) emit_flash(fl, TEXT(",\"caps\":[\"command\"]"));
  emit_flash(fl, TEXT(",\"rxMax\":"));
  emit(fl, text, format_whole(text, config->rx_size));
  emit_flash(fl, TEXT(",\"uptime\":"));
  emit(fl, text, format_whole(text, fl->now));
  emit_flash(fl, TEXT("}"));
  line_end(fl);
}

static void hello_frame(fl_t *fl) {
  const fl_config *config = fl->config;
  uint8_t bytes[FL_MESSAGE_BYTES];
  const bool has_config = config->on_config != NULL;
  const bool has_version = has_config && fl->config_version >= 0;
  const uint8_t caps = (uint8_t)((config->command_count > 0) + has_config);
  uint8_t pairs = (uint8_t)(7 + (config->firmware != NULL) + (config->profile != NULL) + has_version);
  writer_t out = message_begin(bytes, pairs, TEXT("hello"));
  put_flash(&out, TEXT("boot"));
  put_text(&out, fl->boot);
  put_flash(&out, TEXT("seq"));
  put_head(&out, MAJOR_UINT, fl->seq);
  /* The oldest number that this board can still send: what lies before it and never came is lost. */
  put_flash(&out, TEXT("oldest"));
  put_head(&out, MAJOR_UINT, fl->kept_used > 0 ? kept_seq(config->kept) : fl->seq + 1);
  put_flash(&out, TEXT("rxMax"));
  put_head(&out, MAJOR_UINT, config->rx_size);
  put_flash(&out, TEXT("uptime"));
  put_head(&out, MAJOR_UINT, fl->now);
  put_flash(&out, TEXT("caps"));
  put_head(&out, MAJOR_ARRAY, caps);
  if (config->command_count > 0) put_flash(&out, TEXT("command"));
  if (has_config) put_flash(&out, TEXT("config"));
  if (has_version) {
    put_flash(&out, TEXT("config"));
    put_head(&out, MAJOR_UINT, (uint32_t)fl->config_version);
  }
  if (config->firmware != NULL) {
    put_flash(&out, TEXT("firmware"));
    put_text(&out, config->firmware);
  }
  if (config->profile != NULL) {
    put_flash(&out, TEXT("profile"));
    put_text(&out, config->profile);
  }
  write_byte(fl, 0); /* ends whatever noise came before */
  message_end(fl, &out);
}

static void say_hello(fl_t *fl) {
  if (speaks_lines(fl)) {
    hello_line(fl);
    return;
  }
  hello_frame(fl);
  resend(fl);
}

void fl_log(fl_t *fl, const char *level, const char *message) {
  if (speaks_lines(fl)) {
    line_begin(fl);
    emit_json(fl, TEXT("{\"type\":\"log\",\"level\":"), level, LEVEL_BYTES);
    emit_json(fl, TEXT(",\"message\":"), message, (size_t)(FL_LINE_BYTES - LOG_LINE_END_BYTES - fl->open_bytes));
    emit_flash(fl, TEXT("}"));
    line_end(fl);
    return;
  }
  uint8_t bytes[FL_MESSAGE_BYTES];
  writer_t out = message_begin(bytes, 3, TEXT("log"));
  put_flash(&out, TEXT("level"));
  put_text(&out, level);
  put_flash(&out, TEXT("message"));
  const uint16_t needed = (uint16_t)(out.used + 3u); /* with the head of the message's text */
  const size_t length = cut_length(message, needed < FL_MESSAGE_BYTES ? (size_t)(FL_MESSAGE_BYTES - needed) : 0);
  put_characters(&out, message, length);
  message_end(fl, &out);
}

/* ---- Answers --------------------------------------------------------------------------------------------------- */

static fl_answer *answer_of(const fl_call *call) { return &call->fl->answers[call->slot]; }

static size_t id_length(const char *id) {
  size_t length = 0;
  while (length < FL_ID_BYTES && id[length] != '\0') length++;
  return length;
}

static const char *status_word(uint8_t status) {
  if (status == FL_ACCEPTED) return TEXT("accepted");
  if (status == FL_ERROR) return TEXT("error");
  return status == FL_REJECTED ? TEXT("rejected") : TEXT("ok");
}

static bool is_refusal(const fl_answer *answer) {
  return answer->status == FL_ERROR || answer->status == FL_REJECTED;
}

/* Of a refusal: what follows its code, or NULL. */
static const char *message_of(const fl_answer *answer) {
  return answer->count > 1 ? (const char *)answer->bytes + strlen((const char *)answer->bytes) + 1 : NULL;
}

/* How many pairs `put_answer` writes. */
static uint8_t answer_pairs(const fl_answer *answer) {
  return is_refusal(answer) ? answer->count : answer->count > 0;
}

static void put_answer(writer_t *out, const fl_answer *answer, const char *flash_key) {
  if (is_refusal(answer)) {
    const char *message = message_of(answer);
    put_flash(out, TEXT("code"));
    put_text(out, (const char *)answer->bytes);
    if (message == NULL) return;
    put_flash(out, TEXT("message"));
    put_text(out, message);
  } else if (answer->count > 0) {
    put_flash(out, flash_key);
    put_head(out, MAJOR_MAP, answer->count);
    for (uint8_t i = 0; i < answer->length; i++) put(out, answer->bytes[i]);
  }
}

static void answer_line(fl_t *fl, const fl_answer *answer) {
  line_begin(fl);
  emit_flash(fl, TEXT("="));
  emit(fl, answer->id, id_length(answer->id));
  emit_flash(fl, TEXT(" "));
  emit_flash(fl, status_word(answer->status));
  if (is_refusal(answer)) {
    const char *message = message_of(answer);
    emit_flash(fl, TEXT(" "));
    emit_text(fl, (const char *)answer->bytes);
    if (message != NULL) {
      emit_flash(fl, TEXT(" "));
      emit_quoted(fl, message, FL_LINE_BYTES);
    }
  } else {
    emit(fl, (const char *)answer->bytes, answer->length);
  }
  line_end(fl);
}

/* `version` is a configuration's, NULL for a command. One function, so that there is one buffer on the stack. */
static void answer_frame(fl_t *fl, const fl_answer *answer, const uint32_t *version) {
  uint8_t bytes[FL_MESSAGE_BYTES];
  const uint8_t pairs = (uint8_t)(3 + answer_pairs(answer));
  writer_t out = message_begin(bytes, pairs, version == NULL ? TEXT("result") : TEXT("config"));
  if (version == NULL) {
    put_flash(&out, TEXT("id"));
    put_characters(&out, answer->id, id_length(answer->id));
    put_flash(&out, TEXT("status"));
    put_flash(&out, status_word(answer->status));
  } else {
    put_flash(&out, TEXT("version"));
    put_head(&out, MAJOR_UINT, *version);
    put_flash(&out, TEXT("ok"));
    put_boolean(&out, !is_refusal(answer));
  }
  put_answer(&out, answer, version == NULL ? TEXT("result") : TEXT("reported"));
  message_end(fl, &out);
}

static void write_answer(fl_t *fl, const fl_answer *answer) {
  if (speaks_lines(fl)) answer_line(fl, answer);
  else answer_frame(fl, answer, NULL);
}

static bool answer_add(fl_answer *answer, const uint8_t *bytes, size_t length) {
  if (length > (size_t)(FL_ANSWER_BYTES - answer->length)) return false;
  memcpy(answer->bytes + answer->length, bytes, length);
  answer->length = (uint8_t)(answer->length + length);
  return true;
}

static void put_quoted(writer_t *out, const char *text) {
  put(out, '"');
  while (*text != '\0') {
    char quoted[5];
    const uint8_t length = quote_character(quoted, &text, NULL);
    for (uint8_t i = 0; i < length; i++) put(out, (uint8_t)quoted[i]);
  }
  put(out, '"');
}

/* The same among pairs of a line, each with a space before it. */
static bool is_in_text(const char *at, const char *end, const char *name) {
  const size_t length = strlen(name);
  while (at < end) {
    at++;
    if ((size_t)(end - at) > length && memcmp(at, name, length) == 0 && at[length] == '=') return true;
    for (bool is_quoted = false; at < end && (is_quoted || *at != ' '); at++) {
      if (*at == '"') is_quoted = !is_quoted;
      else if (*at == '\\') at++;
    }
  }
  return false;
}

static bool result_add(fl_call *call, const pair_t *pair, const char *text, size_t length) {
  fl_answer *answer = answer_of(call);
  uint8_t bytes[FL_ANSWER_BYTES];
  writer_t out = {bytes, sizeof bytes, 0, false};
  if (is_refusal(answer) || !is_name(pair->metric)) return false;
  if (speaks_lines(call->fl)) {
    const char *written = (const char *)answer->bytes;
    if (is_in_text(written, written + answer->length, pair->metric)) return false;
    put(&out, ' ');
    for (const char *at = pair->metric; *at != '\0'; at++) put(&out, (uint8_t)*at);
    put(&out, '=');
    if (pair->type == FL_TEXT) put_quoted(&out, pair->text);
    while (length--) put(&out, (uint8_t)*text++);
  } else {
    if (is_in_pairs(answer->bytes, answer->length, pair->metric)) return false;
    put_pair(&out, pair);
  }
  if (out.is_full || !answer_add(answer, bytes, out.used)) return false;
  answer->count++;
  return true;
}

bool fl_result_number(fl_call *call, const char *name, double value, uint8_t decimals) {
  char text[NUMBER_BYTES];
  const pair_t pair = number_pair(name, value);
  if (pair.type == FL_NULL) return result_add(call, &pair, "null", 4);
  return result_add(call, &pair, text, speaks_lines(call->fl) ? format_number(text, value, decimals) : 0);
}

static bool result_integer(fl_call *call, const char *name, bool is_negative, uint32_t size) {
  char text[11];
  const pair_t pair = integer_pair(name, is_negative, size);
  return result_add(call, &pair, text, speaks_lines(call->fl) ? format_integer(text, is_negative, size) : 0);
}

bool fl_result_integer(fl_call *call, const char *name, int32_t value) {
  return result_integer(call, name, value < 0, size_of(value));
}

bool fl_result_unsigned(fl_call *call, const char *name, uint32_t value) {
  return result_integer(call, name, false, value);
}

bool fl_result_boolean(fl_call *call, const char *name, bool value) {
  const pair_t pair = plain_pair(name, FL_BOOLEAN, value, NULL);
  return result_add(call, &pair, value ? "true" : "false", value ? 4 : 5);
}

bool fl_result_text(fl_call *call, const char *name, const char *value) {
  const pair_t pair = plain_pair(name, FL_TEXT, false, value);
  return result_add(call, &pair, NULL, 0);
}

static bool is_code(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '.' || c == '-';
}

static uint8_t code_byte(char c) { return is_code(c) ? (uint8_t)c : (uint8_t)'_'; }

/* The code, and where there is room for it the message, each with a NUL behind it. */
static void refuse(fl_call *call, fl_status status, const char *code, const char *message) {
  fl_answer *answer = answer_of(call);
  /* Without one the answer were none to the bridge. */
  const bool has_code = code != NULL && *code != '\0';
  size_t length = has_code ? strlen(code) : 6;
  if (length > FL_ANSWER_BYTES - 1) length = FL_ANSWER_BYTES - 1;
  answer->status = (uint8_t)status;
  answer->count = 1;
  if (length > NAME_BYTES) length = NAME_BYTES;
  for (size_t i = 0; i < length; i++) answer->bytes[i] = has_code ? code_byte(code[i]) : (uint8_t)FLASH_BYTE(TEXT("failed") + i);
  answer->bytes[length] = 0;
  answer->length = (uint8_t)(length + 1);
  if (message != NULL && answer_add(answer, (const uint8_t *)message, strlen(message) + 1)) answer->count = 2;
}

void fl_fail(fl_call *call, const char *code, const char *message) { refuse(call, FL_ERROR, code, message); }

void fl_reject(fl_call *call, const char *code, const char *message) { refuse(call, FL_REJECTED, code, message); }

void fl_accept(fl_call *call) {
  fl_answer *answer = answer_of(call);
  if (call->slot == SPARE_SLOT) return;
  answer->status = FL_ACCEPTED;
  answer->count = 0;
  answer->length = 0;
}

const char *fl_call_id(const fl_call *call) { return answer_of(call)->id; }

static fl_answer *remembered(fl_t *fl, const char *id, size_t length) {
  for (uint8_t i = 0; i < FL_ANSWERS; i++) {
    fl_answer *answer = &fl->answers[i];
    if (answer->status == FL_OPEN || id_length(answer->id) != length) continue;
    if (memcmp(answer->id, id, length) == 0) return answer;
  }
  return NULL;
}

bool fl_resume(fl_t *fl, const char *id, fl_call *call) {
  fl_answer *answer = remembered(fl, id, id_length(id));
  if (answer == NULL || answer->status != FL_ACCEPTED) return false;
  call->fl = fl;
  call->params = NULL;
  call->param_count = 0;
  call->command = 0;
  call->slot = (uint8_t)(answer - fl->answers);
  answer->count = 0;
  answer->length = 0;
  return true;
}

void fl_answer_now(fl_call *call) {
  fl_answer *answer = answer_of(call);
  if (answer->status == FL_ACCEPTED) answer->status = FL_OK;
  write_answer(call->fl, answer);
}

/* ---- Commands -------------------------------------------------------------------------------------------------- */

static bool is_id(const char *id, size_t length) {
  if (length == 0 || length > FL_ID_BYTES) return false;
  for (; length > 0; length--, id++) {
    if (!((*id >= '0' && *id <= '9') || (*id >= 'A' && *id <= 'Z') || (*id >= 'a' && *id <= 'z'))) return false;
  }
  return true;
}

/* The slot of the oldest answer; one whose end has still to follow is passed over while there are others. */
static uint8_t free_slot(fl_t *fl) {
  uint8_t slot = fl->next_answer;
  for (uint8_t i = 0; i < FL_ANSWERS && fl->answers[slot].status == FL_ACCEPTED; i++) {
    slot = (uint8_t)((slot + 1) % FL_ANSWERS);
  }
  fl->next_answer = (uint8_t)((slot + 1) % FL_ANSWERS);
  return slot;
}

static fl_call begin_call(fl_t *fl, uint8_t slot, const fl_value *params, uint8_t count) {
  fl_call call = {fl, params, count, 0, slot};
  memset(&fl->answers[slot], 0, sizeof(fl_answer));
  return call;
}

/* An id is executed once. `again`: the hub does not know whether it was, so that nothing is executed for it. */
static void command(fl_t *fl, const char *id, size_t length, const char *name, const fl_value *params, uint8_t count,
                    bool is_good, bool again) {
  const fl_answer *known = remembered(fl, id, length);
  if (known != NULL) {
    write_answer(fl, known);
    return;
  }
  /* Nothing is executed for what comes again, so nothing is remembered of it. */
  fl_call call = begin_call(fl, again ? SPARE_SLOT : free_slot(fl), params, count);
  fl_answer *answer = answer_of(&call);
  memcpy(answer->id, id, length);
  const fl_config *config = fl->config;
  while (call.command < config->command_count && strcmp(config->commands[call.command].name, name) != 0) call.command++;
  if (again) fl_fail(&call, "unknown_id", NULL);
  else if (call.command == config->command_count) fl_reject(&call, "unknown_command", NULL);
  else if (!is_good) fl_reject(&call, "bad_params", NULL);
  else config->commands[call.command].handler(&call, config->user);
  if (answer->status == FL_OPEN) answer->status = FL_OK;
  write_answer(fl, answer);
}

const fl_value *fl_param(const fl_call *call, const char *name) {
  for (uint8_t i = 0; i < call->param_count; i++) {
    if (strcmp(call->params[i].name, name) == 0) return &call->params[i];
  }
  return NULL;
}

static const fl_value *typed_param(const fl_call *call, const char *name, fl_type type) {
  const fl_value *value = fl_param(call, name);
  return value != NULL && value->type == type ? value : NULL;
}

bool fl_param_boolean(const fl_call *call, const char *name, bool *to) {
  const fl_value *value = typed_param(call, name, FL_BOOLEAN);
  if (value != NULL) *to = value->boolean;
  return value != NULL;
}

bool fl_param_number(const fl_call *call, const char *name, double *to) {
  const fl_value *value = typed_param(call, name, FL_NUMBER);
  if (value != NULL) *to = value->number;
  return value != NULL;
}

bool fl_param_integer(const fl_call *call, const char *name, int32_t *to) {
  const fl_value *value = typed_param(call, name, FL_NUMBER);
  if (value != NULL) *to = value->integer;
  return value != NULL;
}

bool fl_param_unsigned(const fl_call *call, const char *name, uint32_t *to) {
  const fl_value *value = typed_param(call, name, FL_NUMBER);
  if (value == NULL) return false;
  if (value->integer < INT32_MAX) *to = value->integer < 0 ? 0 : (uint32_t)value->integer;
  else *to = value->number >= 4294967295.0 ? UINT32_MAX : (uint32_t)value->number;
  return true;
}

bool fl_param_text(const fl_call *call, const char *name, const char **to) {
  const fl_value *value = typed_param(call, name, FL_TEXT);
  if (value != NULL) *to = value->text;
  return value != NULL;
}

/* ---- Reading lines --------------------------------------------------------------------------------------------- */

/* Whether ` *XXXX` stands at the end. */
static bool has_check(const char *line, uint16_t length) {
  if (length < 6 || line[length - 6] != ' ' || line[length - 5] != '*') return false;
  for (uint8_t i = 1; i <= 4; i++) {
    char c = line[length - i];
    if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

static uint16_t read_check(const char *digits) {
  uint16_t check = 0;
  for (uint8_t i = 0; i < 4; i++) {
    char c = digits[i];
    check = (uint16_t)(check << 4 | (uint16_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10));
  }
  return check;
}

static double power_of_ten(int16_t exponent) {
  double power = 1.0;
  for (; exponent > 0; exponent--) power *= 10.0;
  return power;
}

/* Takes digits into `number`; returns by how many tens the last one is too small, since not all have room there. */
static const char *read_digits(const char *text, whole_t *number, int16_t *left_out) {
  *left_out = 0;
  for (; is_digit(*text); text++) {
    const uint8_t digit = (uint8_t)(*text - '0');
    if (*left_out == 0 && *number <= (WHOLE_DIGITS_MAX - 9u) / 10u) *number = *number * 10u + digit;
    else if (*left_out < INT16_MAX) ++*left_out;
  }
  return text;
}

/* A JSON number (RFC 8259, section 6), the whole text. Exact where digits and power of ten are (15 and 22 digits). */
static bool read_number(const char *text, fl_value *value) {
  const bool is_negative = *text == '-';
  whole_t digits = 0, power = 0;
  int16_t exponent, left_out;
  if (is_negative) text++;
  if (!is_digit(*text) || (*text == '0' && is_digit(text[1]))) return false;
  text = read_digits(text, &digits, &exponent);
  if (*text == '.') {
    const char *fraction = ++text;
    if (!is_digit(*text)) return false;
    text = read_digits(text, &digits, &left_out);
    exponent = (int16_t)(exponent - (text - fraction) + left_out);
  }
  const bool is_whole = exponent == 0 && *text == '\0';
  if (*text == 'e' || *text == 'E') {
    const bool is_small = *++text == '-';
    if (*text == '-' || *text == '+') text++;
    if (!is_digit(*text)) return false;
    text = read_digits(text, &power, &left_out);
    if (power > 999 || left_out > 0) power = 999;
    exponent = (int16_t)(is_small ? exponent - (int16_t)power : exponent + (int16_t)power);
  }
  if (*text != '\0') return false;
  double number = (double)digits;
  if (digits != 0) number = exponent < 0 ? number / power_of_ten((int16_t)-exponent) : number * power_of_ten(exponent);
  if (!set_number(value, is_negative ? -number : number)) return false;
  if (is_whole && digits <= UINT32_MAX) set_integer(value, is_negative, (uint32_t)digits);
  return true;
}

/* The text between the quotes at `at`, unescaped where it stands. Returns what follows it, or NULL. */
static char *read_quoted(char *at, fl_value *value) {
  char *to = at;
  value->type = FL_TEXT;
  value->text = at;
  for (at++; *at != '"'; at++) {
    if (*at == '\\' && *++at != '"' && *at != '\\') return NULL;
    if (*at == '\0') return NULL;
    *to++ = *at;
  }
  *to = '\0';
  return at + 1;
}

/* `name=value` at `at`. Returns what follows it, which is a space or the end, or NULL. */
static char *read_pair(char *at, fl_value *value) {
  char *equals = at;
  for (; *equals != '='; equals++) {
    if (*equals == ' ' || *equals == '\0') return NULL;
  }
  if (equals == at) return NULL;
  value->name = at;
  *equals = '\0';
  at = equals + 1;
  if (*at == '"') {
    at = read_quoted(at, value);
    return at != NULL && (*at == ' ' || *at == '\0') ? at : NULL;
  }
  char *end = at;
  while (*end != ' ' && *end != '\0') end++;
  const size_t length = (size_t)(end - at);
  const char last = *end;
  *end = '\0';
  bool is_good = true;
  if (same(at, length, TEXT("true")) || same(at, length, TEXT("false"))) {
    value->type = FL_BOOLEAN;
    value->boolean = length == 4;
  } else if (same(at, length, TEXT("null"))) {
    value->type = FL_NULL;
  } else {
    is_good = read_number(at, value);
  }
  *end = last;
  return is_good ? end : NULL;
}

/* `!id name pairs`, with a NUL behind it. What is no command is somebody else's. */
static void command_line(fl_t *fl, char *line) {
  char *id = line + 1;
  char *name = strchr(id, ' ');
  if (name == NULL) return;
  const size_t length = (size_t)(name - id);
  *name++ = '\0';
  char *at = strchr(name, ' ');
  if (!is_id(id, length)) return;
  fl_value params[FL_PARAMS];
  uint8_t count = 0;
  bool is_good = true;
  while (is_good && at != NULL && *at == ' ') {
    *at++ = '\0';
    is_good = count < FL_PARAMS;
    if (!is_good) break;
    memset(&params[count], 0, sizeof params[count]);
    at = read_pair(at, &params[count]);
    is_good = at != NULL;
    if (is_good) count++;
  }
  command(fl, id, length, name, params, count, is_good, false);
}

static void line_received(fl_t *fl) {
  char *line = (char *)fl->config->rx;
  uint16_t length = fl->rx_used;
  if (length > 0 && line[length - 1] == '\r') length--;
  if (length == 1 && line[0] == '?') {
    /* The port was opened anew: checks are agreed anew. */
    fl->checked = false;
    say_hello(fl);
    return;
  }
  const bool is_question = length == 7 && line[0] == '?' && has_check(line, length);
  if (length < 2 || (line[0] != '!' && !is_question)) return;
  for (uint16_t i = 0; i < length; i++) {
    if ((uint8_t)line[i] < 0x20 || line[i] == 0x7f) return; /* noise: no line has control characters */
  }
  if (has_check(line, length)) {
    uint16_t content = (uint16_t)(length - 6);
    if (fl_crc16(fl->config->rx, content) != read_check(line + length - 4)) {
      fl->counts.bad_check++;
      return;
    }
    fl->checked = true;
    length = content;
  } else if (fl->checked || fl->config->checks) {
    fl->counts.bad_check++;
    return;
  }
  if (is_question) {
    say_hello(fl);
    return;
  }
  line[length] = '\0'; /* there was a newline, a carriage return, or the check behind it */
  command_line(fl, line);
}

/* ---- Reading CBOR ---------------------------------------------------------------------------------------------- */

typedef struct {
  uint8_t *at;
  uint8_t *end;
} reader_t;

typedef struct {
  uint8_t major;
  uint8_t info;
  /* The argument, beyond 32 bits in two parts. */
  uint32_t high;
  uint32_t low;
} head_t;

static bool read_head(reader_t *in, head_t *head) {
  if (in->at == in->end) return false;
  const uint8_t first = *in->at++;
  head->major = first >> 5;
  head->info = first & 31u;
  head->high = 0;
  head->low = head->info;
  if (head->info < 24) return true;
  if (head->info > 27) return false; /* of indefinite length, or reserved */
  const uint8_t size = (uint8_t)(1u << (head->info - 24u));
  if (in->end - in->at < size) return false;
  head->low = 0;
  for (uint8_t i = 0; i < size; i++) {
    head->high = head->high << 8 | head->low >> 24;
    head->low = head->low << 8 | *in->at++;
  }
  return true;
}

static bool has_bytes(const reader_t *in, const head_t *head) {
  return head->high == 0 && head->low <= (uint32_t)(in->end - in->at);
}

/* Passes over one data item. */
static bool skip_item(reader_t *in, uint8_t depth) {
  head_t head;
  if (depth == 0 || !read_head(in, &head)) return false;
  if (head.major == MAJOR_BYTES || head.major == MAJOR_TEXT) {
    if (!has_bytes(in, &head)) return false;
    in->at += head.low;
    return true;
  }
  if (head.major == MAJOR_TAG) return skip_item(in, (uint8_t)(depth - 1));
  if (head.major != MAJOR_ARRAY && head.major != MAJOR_MAP) return true;
  if (!has_bytes(in, &head)) return false; /* an item has at least one byte */
  uint32_t items = head.major == MAJOR_MAP ? head.low * 2u : head.low;
  for (; items > 0; items--) {
    if (!skip_item(in, (uint8_t)(depth - 1))) return false;
  }
  return true;
}

typedef struct {
  char *text;
  uint16_t length;
} span_t;

static bool read_text(reader_t *in, span_t *span) {
  head_t head;
  if (!read_head(in, &head) || head.major != MAJOR_TEXT || !has_bytes(in, &head)) return false;
  span->text = (char *)in->at;
  span->length = (uint16_t)head.low;
  in->at += head.low;
  return memchr(span->text, 0, span->length) == NULL; /* it would end there, and mean something else */
}

/* Puts a NUL behind a text, which moves over its own head for it. Once for each text. */
static const char *terminate(const span_t *span) {
  char *text = span->text - 1;
  memmove(text, span->text, span->length);
  text[span->length] = '\0';
  return text;
}

/* Whether there is a value of that name among pairs that this library wrote. */
static bool is_in_pairs(uint8_t *pairs, size_t length, const char *name) {
  reader_t in = {pairs, pairs + length};
  span_t known;
  while (read_text(&in, &known)) {
    if (strlen(name) == known.length && memcmp(name, known.text, known.length) == 0) return true;
    skip_item(&in, 1);
  }
  return false;
}

static double wide(const head_t *head) { return (double)head->high * 4294967296.0 + (double)head->low; }

/* 2^exponent times a fraction of `bits` bits: one of the three floats of IEEE 754. */
static double scaled(double fraction, int16_t exponent) {
  for (; exponent > 0 && is_finite(fraction); exponent--) fraction *= 2.0;
  for (; exponent < 0 && fraction != 0.0; exponent++) fraction /= 2.0;
  return fraction;
}

static double read_float(const head_t *head) {
  uint32_t bits = head->low;
  double value;
  if (head->info == 25) {
    const int16_t exponent = (int16_t)((bits >> 10) & 31u);
    const double fraction = (double)(bits & 0x3ffu);
    if (exponent == 31) return 1e30 * 1e30; /* infinite, or no number: neither is taken */
    value = exponent == 0 ? scaled(fraction, -24) : scaled(fraction + 1024.0, (int16_t)(exponent - 25));
    return bits & 0x8000u ? -value : value;
  }
  if (head->info == 26) {
    float narrow;
    memcpy(&narrow, &bits, sizeof narrow);
    return (double)narrow;
  }
  const int16_t exponent = (int16_t)((head->high >> 20) & 0x7ffu);
  const double fraction = (double)(head->high & 0xfffffu) * 4294967296.0 + (double)bits;
  if (exponent == 0x7ff) return 1e30 * 1e30;
  if (exponent == 0) value = scaled(fraction, -1074);
  else value = scaled(fraction + 4503599627370496.0, (int16_t)(exponent - 1075));
  return head->high & 0x80000000u ? -value : value;
}

static bool read_value(reader_t *in, fl_value *value) {
  reader_t before = *in;
  head_t head;
  if (!read_head(in, &head)) return false;
  if (head.major == MAJOR_TEXT) {
    span_t span;
    *in = before;
    if (!read_text(in, &span)) return false;
    value->type = FL_TEXT;
    value->text = terminate(&span);
    return true;
  }
  if (head.major == MAJOR_UINT || head.major == MAJOR_NEGATIVE) {
    const bool is_negative = head.major == MAJOR_NEGATIVE;
    set_number(value, is_negative ? -1.0 - wide(&head) : wide(&head));
    if (head.high == 0 && head.low < INT32_MAX) set_integer(value, is_negative, head.low + is_negative);
    return true;
  }
  if (head.major != MAJOR_SIMPLE) return false;
  if (head.info == 20 || head.info == 21) {
    value->type = FL_BOOLEAN;
    value->boolean = head.info == 21;
    return true;
  }
  if (head.info == 22) {
    value->type = FL_NULL;
    return true;
  }
  if (head.info < 25 || head.info > 27) return false;
  return set_number(value, read_float(&head));
}

/* A map of names and plain values. Returns how many, or -1 when it holds something else or too many. */
static int16_t read_values(reader_t in, fl_value *values) {
  head_t head;
  if (!read_head(&in, &head) || head.major != MAJOR_MAP || head.high > 0 || head.low > FL_PARAMS) return -1;
  for (uint32_t i = 0; i < head.low; i++) {
    span_t name;
    memset(&values[i], 0, sizeof values[i]);
    if (!read_text(&in, &name)) return -1;
    values[i].name = terminate(&name);
    if (!read_value(&in, &values[i])) return -1;
  }
  return (int16_t)head.low;
}

/* What the messages to a board have in them. */
typedef struct {
  span_t type, id, name, boot;
  /* `params` or `desired`; `at` is NULL without it. */
  reader_t values;
  uint32_t seq;
  uint32_t version;
  bool has_seq;
  bool has_version;
  bool again;
} message_t;

static bool read_unsigned(reader_t *in, uint32_t *to, bool *is_there) {
  reader_t before = *in;
  head_t head;
  if (!read_head(in, &head)) return false;
  if (head.major == MAJOR_UINT && head.high == 0) {
    *to = head.low;
    *is_there = true;
    return true;
  }
  *in = before;
  return skip_item(in, SKIP_DEPTH);
}

static bool read_field(reader_t *in, const span_t *key, message_t *message) {
  const char *name = key->text;
  const uint16_t length = key->length;
  span_t *text = same(name, length, TEXT("type"))   ? &message->type
                 : same(name, length, TEXT("id"))   ? &message->id
                 : same(name, length, TEXT("name")) ? &message->name
                 : same(name, length, TEXT("boot")) ? &message->boot
                                                    : NULL;
  if (text != NULL) return read_text(in, text);
  if (same(name, length, TEXT("params")) || same(name, length, TEXT("desired"))) message->values = *in;
  if (same(name, length, TEXT("seq"))) return read_unsigned(in, &message->seq, &message->has_seq);
  if (same(name, length, TEXT("version"))) return read_unsigned(in, &message->version, &message->has_version);
  if (same(name, length, TEXT("again"))) message->again = in->at < in->end && *in->at == CBOR_TRUE;
  return skip_item(in, SKIP_DEPTH);
}

static bool read_message(reader_t *in, message_t *message) {
  head_t head;
  memset(message, 0, sizeof *message);
  if (!read_head(in, &head) || head.major != MAJOR_MAP || !has_bytes(in, &head)) return false;
  for (uint32_t i = 0; i < head.low; i++) {
    span_t key;
    if (!read_text(in, &key) || !read_field(in, &key, message)) return false;
  }
  return in->at == in->end && message->type.text != NULL;
}

static bool is_type(const message_t *message, const char *flash) {
  return same(message->type.text, message->type.length, flash);
}

/* `params` has room for FL_PARAMS; a board has little stack, so that commands and configurations share it. */
static void command_received(fl_t *fl, const message_t *message, fl_value *params) {
  if (message->name.text == NULL || message->id.text == NULL || !is_id(message->id.text, message->id.length)) {
    fl->counts.malformed++;
    return;
  }
  char id[FL_ID_BYTES];
  memcpy(id, message->id.text, message->id.length);
  int16_t count = message->values.at == NULL ? 0 : read_values(message->values, params);
  command(fl, id, message->id.length, terminate(&message->name), params, (uint8_t)(count < 0 ? 0 : count), count >= 0,
          message->again);
}

static void config_received(fl_t *fl, const message_t *message, fl_value *values) {
  if (fl->config->on_config == NULL) return;
  int16_t count = message->values.at == NULL ? -1 : read_values(message->values, values);
  if (!message->has_version || message->version > INT32_MAX) {
    fl->counts.malformed++;
    return;
  }
  fl_call call = begin_call(fl, SPARE_SLOT, values, (uint8_t)(count < 0 ? 0 : count));
  if (count < 0) fl_reject(&call, "bad_params", NULL);
  else fl->config->on_config(&call, fl->config->user);
  const fl_answer *answer = answer_of(&call);
  if (!is_refusal(answer)) fl->config_version = (int32_t)message->version;
  answer_frame(fl, answer, &message->version);
}

static void frame_received(fl_t *fl) {
  uint8_t *bytes = fl->config->rx;
  if (fl->rx_used == 0) return;
  uint16_t length = cobs_decode(bytes, fl->rx_used);
  if (length <= CRC32_BYTES) {
    fl->counts.malformed++;
    return;
  }
  length = (uint16_t)(length - CRC32_BYTES);
  const uint32_t crc = fl_crc32(0, bytes, length);
  for (uint8_t i = 0; i < CRC32_BYTES; i++) {
    if (bytes[length + i] == (uint8_t)(crc >> (8 * i))) continue;
    fl->counts.bad_check++;
    return;
  }
  reader_t in = {bytes, bytes + length};
  message_t message;
  fl_value values[FL_PARAMS];
  if (!read_message(&in, &message)) {
    fl->counts.malformed++;
  } else if (is_type(&message, TEXT("hello"))) {
    say_hello(fl);
  } else if (is_type(&message, TEXT("command"))) {
    command_received(fl, &message, values);
  } else if (is_type(&message, TEXT("config"))) {
    config_received(fl, &message, values);
  } else if (is_type(&message, TEXT("ack")) && message.has_seq && message.boot.text != NULL) {
    const bool is_ours =
        message.boot.length == FL_BOOT_BYTES && memcmp(message.boot.text, fl->boot, FL_BOOT_BYTES) == 0;
    if (is_ours) acknowledged(fl, message.seq);
  }
}

/* ---- The line itself ------------------------------------------------------------------------------------------- */

static size_t length_of(const char *text) { return text == NULL ? 0 : strlen(text); }

bool fl_begin(fl_t *fl, const fl_config *config, uint32_t boot) {
  memset(fl, 0, sizeof *fl);
  fl->config = config;
  fl->config_version = -1;
  for (uint8_t i = 0; i < FL_BOOT_BYTES; i++) {
    fl->boot[i] = hex_digit((boot >> (28 - 4 * i)) & 15u);
  }
  if (config->write == NULL || config->rx == NULL || config->rx_size < 2) return false;
  if (speaks_lines(fl) != (config->framing == FL_LINES)) return false;
  if (!speaks_lines(fl)) {
    const size_t texts = length_of(config->firmware) + length_of(config->profile);
    if (config->kept == NULL || config->kept_size < KEPT_LEAST_BYTES) return false;
    if (HELLO_BYTES + texts > FL_MESSAGE_BYTES) return false;
  }
  say_hello(fl);
  return true;
}

void fl_receive(fl_t *fl, uint8_t byte, uint32_t uptime_ms) {
  fl->now = uptime_ms;
  if (byte != (speaks_lines(fl) ? (uint8_t)'\n' : 0)) {
    /* One byte stays free for the NUL behind a line. */
    if (fl->rx_used < fl->config->rx_size - 1) fl->config->rx[fl->rx_used++] = byte;
    else fl->rx_overrun = true;
    return;
  }
  if (fl->rx_overrun) fl->counts.too_long++;
  else if (speaks_lines(fl)) line_received(fl);
  else frame_received(fl);
  fl->rx_overrun = false;
  fl->rx_used = 0;
}

void fl_poll(fl_t *fl, uint32_t uptime_ms) {
  fl->now = uptime_ms;
  if (speaks_lines(fl) || fl->kept_used == 0) return;
  if (fl->resend_from < fl->resend_end) resend_next(fl);
  else if ((int32_t)(uptime_ms - fl->resend_at) >= 0) resend(fl);
}
