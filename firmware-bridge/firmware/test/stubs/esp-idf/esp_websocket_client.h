/* espressif/esp_websocket_client 1.2 */
#pragma once
#include "esp_event.h"
typedef struct esp_websocket_client *esp_websocket_client_handle_t;
typedef enum {
  WEBSOCKET_EVENT_ANY = -1,
  WEBSOCKET_EVENT_ERROR = 0,
  WEBSOCKET_EVENT_CONNECTED,
  WEBSOCKET_EVENT_DISCONNECTED,
  WEBSOCKET_EVENT_DATA
} esp_websocket_event_id_t;
typedef struct {
  const char *data_ptr;
  int data_len;
  uint8_t op_code;
  esp_websocket_client_handle_t client;
  int payload_len;
} esp_websocket_event_data_t;
typedef struct {
  const char *uri;
  const char *headers;
  const char *cert_pem;
  esp_err_t (*crt_bundle_attach)(void *conf);
  bool enable_close_reconnect;
  int reconnect_timeout_ms;
} esp_websocket_client_config_t;
esp_websocket_client_handle_t esp_websocket_client_init(const esp_websocket_client_config_t *config);
esp_err_t esp_websocket_register_events(esp_websocket_client_handle_t client, esp_websocket_event_id_t event,
                                        esp_event_handler_t handler, void *arg);
esp_err_t esp_websocket_client_start(esp_websocket_client_handle_t client);
/* Answers how many bytes it sent, or -1. */
__attribute__((warn_unused_result))
int esp_websocket_client_send_text(esp_websocket_client_handle_t client, const char *data, int length, uint32_t timeout);
