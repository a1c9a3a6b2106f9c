// What a sketch uses of Links2004/arduinoWebSockets. It prints what the sketch says, and ends with its first message.
#pragma once
#include <cstdio>
#include <cstdlib>

class WebSocketsClient {
public:
  void begin(const char *host, unsigned short port, const char *url) { printf("ws %s %u %s\n", host, port, url); }
  void beginSSL(const char *host, unsigned short port, const char *url) { printf("wss %s %u %s\n", host, port, url); }
  void setAuthorization(const char *user, const char *password) { printf("as %s %s\n", user, password); }
  void loop() {}
  bool isConnected() { return true; }
  bool sendTXT(const char *text) {
    printf("text %s\n", text);
    exit(0);
  }
};

void setup();
void loop();
int main() {
  setup();
  for (;;) loop();
}
