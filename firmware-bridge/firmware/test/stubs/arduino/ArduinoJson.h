// bblanchon/ArduinoJson 7
#pragma once
#include "Arduino.h"
class JsonVariant {
 public:
  JsonVariant operator[](const char *key) const;
  template <typename T> JsonVariant &operator=(const T &value);
  template <typename T> T as() const;
  template <typename T> bool is() const;
  template <typename T> bool add(const T &value) const;
  bool operator==(const char *text) const;
};
class JsonDocument {
 public:
  JsonVariant operator[](const char *key);
};
struct DeserializationError {
  explicit operator bool() const;
};
DeserializationError deserializeJson(JsonDocument &document, const uint8_t *text, size_t length);
size_t serializeJson(const JsonDocument &document, String &text);
