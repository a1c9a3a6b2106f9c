/*
 * Fieldline for Arduino: readings and commands over a serial line to `fieldline-bridge`, in lines with checks.
 * It is a thin class around fieldline.h, which says more about each call.
 * Copyright the Fieldline authors. Apache-2.0.
 */
#ifndef FIELDLINE_SERIAL_H
#define FIELDLINE_SERIAL_H

#include <Arduino.h>

#include "fieldline.h"

#ifdef __AVR__
#include <avr/eeprom.h>
#endif

/** Most commands that a board may have. */
#ifndef FIELDLINE_COMMANDS
#define FIELDLINE_COMMANDS 4
#endif
/** Longest line that a board takes. */
#ifndef FIELDLINE_RX
#ifdef __AVR__
#define FIELDLINE_RX 128
#else
#define FIELDLINE_RX 512
#endif
#endif

/** A command that came. What the handler leaves without an answer is answered with "ok". */
class FieldlineCall {
 public:
  explicit FieldlineCall(fl_call *call) : call(call) {}

  /** Reads a parameter. False, and `to` as it was, where there is none of that type. Integers are held at their limits. */
  bool get(const char *name, bool &to) const { return fl_param_boolean(call, name, &to); }
  bool get(const char *name, int &to) const { return getInteger(name, to); }
  bool get(const char *name, long &to) const { return getInteger(name, to); }
  bool get(const char *name, unsigned int &to) const { return getUnsigned(name, to); }
  bool get(const char *name, unsigned long &to) const { return getUnsigned(name, to); }
  bool get(const char *name, uint8_t &to) const { return getUnsigned(name, to); }
  bool get(const char *name, double &to) const { return fl_param_number(call, name, &to); }
  bool get(const char *name, float &to) const {
    double value;
    if (!fl_param_number(call, name, &value)) return false;
    to = static_cast<float>(value);
    return true;
  }
  /** Valid until the handler returns. */
  bool get(const char *name, const char *&to) const { return fl_param_text(call, name, &to); }

  /** Adds to the result. False where it is left out: no room in FL_ANSWER_BYTES, or no name, or one that was there before. */
  bool result(const char *name, bool value) { return fl_result_boolean(call, name, value); }
  bool result(const char *name, int value) { return fl_result_integer(call, name, value); }
  bool result(const char *name, long value) { return fl_result_integer(call, name, static_cast<int32_t>(value)); }
  bool result(const char *name, unsigned int value) { return fl_result_unsigned(call, name, value); }
  bool result(const char *name, unsigned long value) {
    return fl_result_unsigned(call, name, static_cast<uint32_t>(value));
  }
  bool result(const char *name, double value, uint8_t decimals = 2) {
    return fl_result_number(call, name, value, decimals);
  }
  bool result(const char *name, const char *value) { return fl_result_text(call, name, value); }
  bool result(const char *name, const String &value) { return fl_result_text(call, name, value.c_str()); }
  /** Of another pointer a boolean would be made: `F("text")` is one. */
  bool result(const char *name, const void *value) = delete;

  /** It could not be done. */
  void fail(const char *code, const char *message = nullptr) { fl_fail(call, code, message); }
  /** It was not even tried. */
  void reject(const char *code, const char *message = nullptr) { fl_reject(call, code, message); }

 private:
  template <typename Integer>
  bool getInteger(const char *name, Integer &to) const {
    int32_t value;
    if (!fl_param_integer(call, name, &value)) return false;
    const int32_t most = sizeof(Integer) < 4 ? INT16_MAX : INT32_MAX;
    to = static_cast<Integer>(value > most ? most : value < -most - 1 ? -most - 1 : value);
    return true;
  }

  template <typename Unsigned>
  bool getUnsigned(const char *name, Unsigned &to) const {
    uint32_t value;
    if (!fl_param_unsigned(call, name, &value)) return false;
    const uint32_t most = sizeof(Unsigned) < 2 ? UINT8_MAX : sizeof(Unsigned) < 4 ? UINT16_MAX : UINT32_MAX;
    to = static_cast<Unsigned>(value > most ? most : value);
    return true;
  }

  fl_call *call;
};

class Fieldline {
 public:
  typedef void (*Handler)(FieldlineCall &call);

  explicit Fieldline(Stream &stream) : stream(stream), config(), commands(), handlers(), fl(), last(FL_NOT_OPEN), timeAt(0) {}

  /** Names what the board does when a command comes. Before `begin`. False when there are FIELDLINE_COMMANDS already. */
  bool on(const char *command, Handler handler) {
    if (config.command_count == FIELDLINE_COMMANDS) return false;
    commands[config.command_count].name = command;
    commands[config.command_count].handler = &Fieldline::execute;
    handlers[config.command_count++] = handler;
    return true;
  }

  /** Says hello. The stream has been opened: `Serial.begin(115200)`. False where it cannot work (fl_begin). */
  bool begin(const char *firmware = nullptr, const char *profile = nullptr) {
    return begin(firmware, profile, nextBoot());
  }
  /**
   * The same with a number for this start that no earlier one had, for boards other than AVR, ESP32 and ESP8266: there the
   * class knows no source of random numbers, and starts that take equally long have the same number without it.
   */
  bool begin(const char *firmware, const char *profile, uint32_t boot) {
    config.framing = FL_LINES;
    config.checks = true;
    config.write = &Fieldline::write;
    config.user = this;
    config.rx = rx;
    config.rx_size = sizeof rx;
    config.commands = commands;
    config.firmware = firmware;
    config.profile = profile;
    return fl_begin(&fl, &config, boot);
  }

  /** Takes in what came, and executes commands. To be called from `loop`, at least every few milliseconds. */
  void loop() {
    while (stream.available() > 0) fl_receive(&fl, static_cast<uint8_t>(stream.read()), millis());
    fl_poll(&fl, millis());
  }

  /**
   * Whether so many milliseconds have passed since it last said so: `if (fieldline.every(1000)) fieldline.send(…)`.
   * For one period; a second one needs a clock of its own.
   */
  bool every(unsigned long ms) {
    const unsigned long now = millis();
    if (now - timeAt < ms) return false;
    timeAt = now;
    return true;
  }

  /** A reading of several values: `fieldline.reading().add("temperature", 21.5).add("door", true).send()`. */
  Fieldline &reading() {
    fl_reading(&fl, millis());
    return *this;
  }
  Fieldline &add(const char *metric, bool value) { return became(fl_add_boolean(&fl, metric, value)); }
  Fieldline &add(const char *metric, int value) { return became(fl_add_integer(&fl, metric, value)); }
  Fieldline &add(const char *metric, unsigned int value) { return became(fl_add_unsigned(&fl, metric, value)); }
  /** Integers beyond 32 bits are sent as exactly as a `double` is. */
  Fieldline &add(const char *metric, long value) { return addInteger(metric, value); }
  Fieldline &add(const char *metric, long long value) { return addInteger(metric, value); }
  Fieldline &add(const char *metric, unsigned long value) { return addUnsigned(metric, value); }
  Fieldline &add(const char *metric, unsigned long long value) { return addUnsigned(metric, value); }
  /** NaN, which sensors give when they do not answer, is "no reading". */
  Fieldline &add(const char *metric, double value, uint8_t decimals = 2) {
    return became(fl_add_number(&fl, metric, value, decimals));
  }
  Fieldline &add(const char *metric, const char *value) { return became(fl_add_text(&fl, metric, value)); }
  Fieldline &add(const char *metric, const String &value) { return add(metric, value.c_str()); }
  /** Of another pointer a boolean would be made: `F("text")` is one. */
  Fieldline &add(const char *metric, const void *value) = delete;
  /** "No reading": the sensor did not answer. */
  Fieldline &addNull(const char *metric) { return became(fl_add_null(&fl, metric)); }
  /** What became of the value that was added last. */
  fl_added added() const { return last; }
  /** False when there is no value in it. */
  bool send() { return fl_send(&fl); }

  /** A reading of one value. */
  template <typename Value>
  bool send(const char *metric, const Value &value) {
    return reading().add(metric, value).send();
  }
  bool send(const char *metric, double value, uint8_t decimals) {
    return reading().add(metric, value, decimals).send();
  }

  /** A line of the device's log; `level` is debug, info, warn or error. */
  void log(const char *level, const char *message) { fl_log(&fl, level, message); }

  /** What went wrong on the line so far. */
  const fl_counts &counts() const { return fl.counts; }

 private:
  static void write(void *user, const uint8_t *bytes, size_t count) {
    static_cast<Fieldline *>(user)->stream.write(bytes, count);
  }

  static void execute(fl_call *call, void *user) {
    FieldlineCall wrapped(call);
    static_cast<Fieldline *>(user)->handlers[call->command](wrapped);
  }

  Fieldline &became(fl_added added) {
    last = added;
    return *this;
  }

  template <typename Integer>
  Fieldline &addInteger(const char *metric, Integer value) {
    const int32_t narrow = static_cast<int32_t>(value);
    if (narrow == value) return became(fl_add_integer(&fl, metric, narrow));
    return add(metric, static_cast<double>(value), 0);
  }

  template <typename Unsigned>
  Fieldline &addUnsigned(const char *metric, Unsigned value) {
    const uint32_t narrow = static_cast<uint32_t>(value);
    if (narrow == value) return became(fl_add_unsigned(&fl, metric, narrow));
    return add(metric, static_cast<double>(value), 0);
  }

  /** A name for this start that no earlier one had, where the board can know; in lines it only tells a restart. */
  static uint32_t nextBoot() {
#if defined(__AVR__)
    uint32_t *const starts = reinterpret_cast<uint32_t *>(E2END - 3);
    const uint32_t boot = eeprom_read_dword(starts) + 1;
    eeprom_write_dword(starts, boot);
    return boot;
#elif defined(ESP32)
    return esp_random();
#elif defined(ESP8266)
    return RANDOM_REG32;
#else
    return micros();
#endif
  }

  Stream &stream;
  fl_config config;
  fl_command commands[FIELDLINE_COMMANDS];
  Handler handlers[FIELDLINE_COMMANDS];
  uint8_t rx[FIELDLINE_RX];
  fl_t fl;
  fl_added last;
  unsigned long timeAt;
};

#endif
