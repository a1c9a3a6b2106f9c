#pragma once
#include "Arduino.h"
struct WiFiClass {
  void begin(const char *ssid, const char *password);
};
extern WiFiClass WiFi;
