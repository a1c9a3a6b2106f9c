// What a sketch uses of Espressif's esp_websocket_client. It prints what the sketch says, and ends with its first message.
#pragma once
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  const char *uri;
  const char *headers;
  int (*crt_bundle_attach)(void *conf);
  bool enable_close_reconnect;
} esp_websocket_client_config_t;
typedef const esp_websocket_client_config_t *esp_websocket_client_handle_t;

static inline esp_websocket_client_handle_t esp_websocket_client_init(const esp_websocket_client_config_t *config) {
  printf("uri %s\n%s", config->uri, config->headers);
  return config;
}
static inline int esp_websocket_client_start(esp_websocket_client_handle_t client) { return client == 0; }
static inline bool esp_websocket_client_is_connected(esp_websocket_client_handle_t client) { return client != 0; }
static inline int esp_websocket_client_send_text(esp_websocket_client_handle_t client, const char *text, int length,
                                                 unsigned long timeout) {
  (void)client, (void)timeout;
  printf("text %.*s\n", length, text);
  exit(0);
}

void fieldline(void *unused);
int main(void) {
  fieldline(0);
  return 1;
}
