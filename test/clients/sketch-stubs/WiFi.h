// Enough of Arduino to run a sketch on this machine until it has sent once.
#pragma once
#include <cstdio>

struct WiFiStub {
  void begin(const char *ssid, const char *password) { (void)ssid, (void)password; }
};
inline WiFiStub WiFi;
inline unsigned long millis() { return 60000; }
