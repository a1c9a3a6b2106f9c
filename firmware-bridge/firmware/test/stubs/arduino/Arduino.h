#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LOW = 0, HIGH = 1, OUTPUT = 1 };
unsigned long millis();
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
};
