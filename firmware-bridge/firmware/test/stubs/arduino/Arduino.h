#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LOW = 0, HIGH = 1, OUTPUT = 1 };
unsigned long millis();
unsigned long micros();
void pinMode(int pin, int mode);
int digitalRead(int pin);
void digitalWrite(int pin, int value);
uint32_t esp_random();

class String {
 public:
  String(const char *text = "");
  String(const String &) = default;
  String &operator=(const String &) = default;
  bool operator==(const String &other) const;
  bool operator==(const char *other) const;
  bool operator!=(const char *other) const;
  const char *c_str() const;
};

/** What `F("text")` is: a text in the flash. */
class __FlashStringHelper;

class Stream {
 public:
  virtual int available() = 0;
  virtual int read() = 0;
  virtual size_t write(const uint8_t *bytes, size_t count) = 0;
};
