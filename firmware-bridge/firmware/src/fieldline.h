/**
 * Fieldline for microcontrollers: readings up, commands down, over a serial line to `fieldline-bridge`.
 *
 * C99, no heap, no stdio, no floating point beyond + - * /. One instance speaks one of two framings:
 *   FL_LINES  a reading is a line of text, `temperature=21.5 door=true @5123 *A1B2`. The bridge numbers it.
 *   FL_COBS   a message is a frame of CBOR. The board numbers its readings and keeps each one until it is acknowledged.
 * Both are described in docs/firmware-bridge.md. Nothing here blocks but your `write`, and nothing is called from an
 * interrupt: call `fl_receive` for each byte that came, and `fl_poll` now and then, from the same loop that sends
 * readings.
 *
 * Copyright the Fieldline authors. Apache-2.0.
 */
#ifndef FIELDLINE_H
#define FIELDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FL_VERSION "0.1.0"

/* Sizes. Define them before this header, the same for every file, to change them; what they cost is in README.md. */

/** Answers that are remembered, so that a command which comes twice is not executed twice. The protocol asks for 16. */
#ifndef FL_ANSWERS
#define FL_ANSWERS 16
#endif
/** Longest result, or code with its message, that an answer has; values and messages beyond it are left out. */
#ifndef FL_ANSWER_BYTES
#ifdef __AVR__
#define FL_ANSWER_BYTES 20
#else
#define FL_ANSWER_BYTES 64
#endif
#endif
/** Most parameters that a command, or keys that a configuration, may have. */
#ifndef FL_PARAMS
#define FL_PARAMS 8
#endif
/** Longest frame that is written beside readings (hello, result, log), with FL_COBS. Taken from the stack. */
#ifndef FL_MESSAGE_BYTES
#ifdef __AVR__
#define FL_MESSAGE_BYTES 160
#else
#define FL_MESSAGE_BYTES 256
#endif
#endif
/**
 * FL_COBS: longest message that is written, bytes of CBOR without its check. The bridge takes no longer one unless its
 * `maxLineBytes` says so: a value that finds no room in it any more is left out, since the whole would never arrive.
 */
#ifndef FL_FRAME_BYTES
#define FL_FRAME_BYTES 1024
#endif
/** FL_LINES: longest line of a reading, hello or log, with its newline. A reading that needs more goes on in a second line. */
#ifndef FL_LINE_BYTES
#define FL_LINE_BYTES 240
#endif
/** How long an acknowledgement may take before readings are sent again, ms. */
#ifndef FL_RESEND_MS
#define FL_RESEND_MS 2000u
#endif

/*
 * Define FL_ONLY_LINES or FL_ONLY_COBS to leave the other framing out: it is about half of the flash. The Arduino IDE has
 * no place for that, so that there a small AVR has lines only, unless something is defined.
 */
#if defined(ARDUINO_ARCH_AVR) && !defined(FL_BOTH) && !defined(FL_ONLY_COBS) && !defined(FL_ONLY_LINES)
#define FL_ONLY_LINES
#endif

/** Longest id of a command (docs/protocol.md, Names). */
#define FL_ID_BYTES 26
/** Longest name of a boot. */
#define FL_BOOT_BYTES 8

typedef enum { FL_LINES, FL_COBS } fl_framing;

typedef enum { FL_NULL, FL_BOOLEAN, FL_NUMBER, FL_TEXT } fl_type;

/** A parameter of a command, or a key of a configuration. Valid until the handler returns. */
typedef struct {
  const char *name;
  fl_type type;
  /** FL_NUMBER: the nearest `double`, which on AVR has 24 bits. */
  double number;
  /** FL_NUMBER: the same, cut to an integer and held at its limits. */
  int32_t integer;
  bool boolean;
  /** FL_TEXT: UTF-8 with a NUL behind it. */
  const char *text;
} fl_value;

typedef struct fl fl_t;

/** What became of a command. `FL_ACCEPTED`: it was begun, and its end follows. */
typedef enum { FL_OPEN, FL_OK, FL_ACCEPTED, FL_ERROR, FL_REJECTED } fl_status;

/** A command that is being answered; the answer is written into the memory of answers. */
typedef struct {
  fl_t *fl;
  const fl_value *params;
  uint8_t param_count;
  /** Which of `commands` it is, for handlers that serve several. */
  uint8_t command;
  /** Of the answer in the memory. */
  uint8_t slot;
} fl_call;

/**
 * Executes a command. It answers with `fl_result_…`, `fl_fail`, `fl_reject` or `fl_accept`; when it does nothing of
 * that, the answer is "ok". It is called once for each id, whatever the line repeats.
 */
typedef void (*fl_handler)(fl_call *call, void *user);

typedef struct {
  const char *name;
  fl_handler handler;
} fl_command;

/** What does not change while the board runs. The library keeps the pointer. */
typedef struct {
  fl_framing framing;
  /** Writes bytes to the serial line; it may block until they fit into the hardware's buffer. */
  void (*write)(void *user, const uint8_t *bytes, size_t count);
  /** Given to `write`, to handlers, and to `on_config`. */
  void *user;

  /** FL_LINES: puts a check behind each line; the bridge then wants one behind every line. Recommended. */
  bool checks;

  /** Where received lines or frames are collected; longer ones are dropped. 256 bytes suit an AVR. */
  uint8_t *rx;
  uint16_t rx_size;

  /** FL_COBS: readings that are not acknowledged yet. When it is full the oldest are dropped, and counted. */
  uint8_t *kept;
  uint16_t kept_size;

  /** May be NULL, and then 0: the board takes no commands. */
  const fl_command *commands;
  uint8_t command_count;

  /**
   * FL_COBS: a new configuration (desired state), or NULL. It answers as a command does: "ok", or `fl_reject`.
   * What it adds with `fl_result_…` is reported as the state that is in force.
   */
  fl_handler on_config;

  /** Told to the hub; each may be NULL. With FL_COBS they and 124 bytes fit into FL_MESSAGE_BYTES. */
  const char *firmware;
  const char *profile;
} fl_config;

/** One answer that is remembered. */
typedef struct {
  char id[FL_ID_BYTES];
  uint8_t status;
  /** Pairs in `bytes`. */
  uint8_t count;
  uint8_t length;
  uint8_t bytes[FL_ANSWER_BYTES];
} fl_answer;

/** What went wrong so far. Nobody sets them back. */
typedef struct {
  /** Lines and frames with a wrong check, or without the one they need. */
  uint16_t bad_check;
  /** Lines and frames that were longer than `rx`. */
  uint16_t too_long;
  /** Frames that were no message. */
  uint16_t malformed;
  /** Readings that were dropped because `kept` was full. */
  uint16_t dropped;
  /** Values that were left out of a reading: FL_BAD_NAME, FL_TWICE and FL_NO_ROOM. */
  uint16_t left_out;
} fl_counts;

/** The state of one serial line. Its fields are the library's own, but for `counts`, which may be read. */
struct fl {
  const fl_config *config;
  fl_counts counts;
  char boot[FL_BOOT_BYTES + 1];
  uint32_t now;
  /** Of the newest numbered reading. */
  uint32_t seq;
  uint32_t resend_at;
  int32_t config_version;
  /** FL_COBS: the acknowledged state ends here. */
  uint16_t kept_used;
  /** FL_COBS: what is sent again next, and where that ends. */
  uint16_t resend_from;
  uint16_t resend_end;
  uint16_t rx_used;
  /** Of the line or reading that is being written: bytes so far, and its check. */
  uint16_t open_bytes;
  uint16_t check;
  uint32_t open_uptime;
  uint8_t open_pairs;
  bool rx_overrun;
  bool checked;
  bool is_open;
  uint8_t next_answer;
  /* The last one is for what is not remembered: the report of a configuration. */
  fl_answer answers[FL_ANSWERS + 1];
};

/**
 * Begins. `boot` names this start of the board and must differ from earlier ones: a counter in EEPROM or the
 * hardware's random numbers. Two starts with one boot look to the hub as if numbers were used twice.
 * @return false when the configuration cannot work, and then nothing else may be called: no `write` or `rx`, or a framing
 *   that was left out; with FL_COBS no `kept` of 86 bytes or more, or too long a text of `firmware` and `profile`
 */
bool fl_begin(fl_t *fl, const fl_config *config, uint32_t boot);

/** A byte came from the serial line. Commands are executed in here, when their last byte has come. */
void fl_receive(fl_t *fl, uint8_t byte, uint32_t uptime_ms);

/**
 * Sends again what was not acknowledged in time: one reading in each call, so that it blocks no longer than `fl_send`. Call
 * it every few milliseconds.
 */
void fl_poll(fl_t *fl, uint32_t uptime_ms);

/** What became of a value that was added. From FL_BAD_NAME on it is left out, and the reading goes on without it. */
typedef enum {
  /** It is in the reading, as it was given. */
  FL_ADDED,
  /** A text that is in the reading, but cut, or with `?` for what is no UTF-8, or (FL_LINES) spaces for control characters. */
  FL_MENDED,
  /** NaN or infinite, which are no values (docs/protocol.md, Values): it is in the reading as "no reading". */
  FL_NO_NUMBER,
  /** Its name is no metric (docs/protocol.md, Names). */
  FL_BAD_NAME,
  /** FL_COBS: there is a value of that name already. */
  FL_TWICE,
  /** FL_COBS: with it the reading were longer than FL_FRAME_BYTES, or than `kept`. */
  FL_NO_ROOM,
  /** There is no reading to add to. */
  FL_NOT_OPEN
} fl_added;

/**
 * A reading: open it, add its values, close it. Between the two nothing else may be written to the serial line.
 * Names are metrics (docs/protocol.md, Names); one name once: FL_LINES writes while values are added and cannot see to
 * that itself, and the bridge takes a line with a name twice for one of the log.
 */
void fl_reading(fl_t *fl, uint32_t uptime_ms);
/** Decimals 0 to 9. NaN and infinities, which sensors give that do not answer, are sent as "no reading". */
fl_added fl_add_number(fl_t *fl, const char *metric, double value, uint8_t decimals);
fl_added fl_add_integer(fl_t *fl, const char *metric, int32_t value);
fl_added fl_add_unsigned(fl_t *fl, const char *metric, uint32_t value);
fl_added fl_add_boolean(fl_t *fl, const char *metric, bool value);
/** UTF-8 of at most 256 bytes, with FL_LINES of what a line holds; a longer text is cut between two characters. */
fl_added fl_add_text(fl_t *fl, const char *metric, const char *value);
/** "No reading": the sensor did not answer. */
fl_added fl_add_null(fl_t *fl, const char *metric);
/** @return false when there is no value in it: then nothing was sent */
bool fl_send(fl_t *fl);

/** A line of the device's log at the hub. Not kept: it is lost when nobody listens. */
void fl_log(fl_t *fl, const char *level, const char *message);

/** A parameter, or NULL. Of several with one name the first. */
const fl_value *fl_param(const fl_call *call, const char *name);
/** Reads a parameter of that type. @return false, and `to` as it was, when there is none */
bool fl_param_boolean(const fl_call *call, const char *name, bool *to);
bool fl_param_number(const fl_call *call, const char *name, double *to);
bool fl_param_integer(const fl_call *call, const char *name, int32_t *to);
/** Cut to an integer and held at its limits; from 2^31 on as exact as a `double` is. */
bool fl_param_unsigned(const fl_call *call, const char *name, uint32_t *to);
bool fl_param_text(const fl_call *call, const char *name, const char **to);

/** The command's id, FL_ID_BYTES long, with zeros behind a shorter one. Copy it to answer later. */
const char *fl_call_id(const fl_call *call);

/**
 * Adds to the result of "ok". Texts are mended as in readings, and what is no number is null.
 * @return false when it is left out: FL_ANSWER_BYTES have no room, its name is none or came before, or it was refused
 */
bool fl_result_number(fl_call *call, const char *name, double value, uint8_t decimals);
bool fl_result_integer(fl_call *call, const char *name, int32_t value);
bool fl_result_unsigned(fl_call *call, const char *name, uint32_t value);
bool fl_result_boolean(fl_call *call, const char *name, bool value);
bool fl_result_text(fl_call *call, const char *name, const char *value);
/** It could not be done. `code` as `stuck`, up to 64 of `[A-Za-z0-9_.-]`, others become `_`, and none becomes
 *  `failed`; `message` may be NULL. */
void fl_fail(fl_call *call, const char *code, const char *message);
/** It was not even tried: unknown, or with wrong parameters. */
void fl_reject(fl_call *call, const char *code, const char *message);
/**
 * It was begun; what was answered so far does not count. Answer it within an hour: `fl_resume`, then as in a handler,
 * then `fl_answer_now`.
 */
void fl_accept(fl_call *call);
/** @return false when it was never accepted, has its answer, or is forgotten behind FL_ANSWERS newer ones */
bool fl_resume(fl_t *fl, const char *id, fl_call *call);
void fl_answer_now(fl_call *call);

/** CRC-16/CCITT-FALSE, and CRC-32 as in zlib: begin with 0. For tests, and for checks of your own. */
uint16_t fl_crc16(const uint8_t *bytes, size_t count);
uint32_t fl_crc32(uint32_t crc, const uint8_t *bytes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
