// Links2004/arduinoWebSockets 2.6
#pragma once
#include "Arduino.h"
enum WStype_t { WStype_ERROR, WStype_DISCONNECTED, WStype_CONNECTED, WStype_TEXT, WStype_BIN };
class WebSocketsClient {
 public:
  void beginSslWithCA(const char *host, uint16_t port, const char *url, const char *authority,
                      const char *protocol = "arduino");
  void setAuthorization(const char *user, const char *password);
  void setReconnectInterval(unsigned long ms);
  void enableHeartbeat(uint32_t ping_ms, uint32_t pong_ms, uint8_t times);
  void onEvent(void (*event)(WStype_t type, uint8_t *payload, size_t length));
  [[nodiscard]] bool sendTXT(String &text);
  void disconnect();
  void loop();
};
