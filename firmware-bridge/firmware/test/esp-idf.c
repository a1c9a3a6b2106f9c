/*
 * The example for ESP-IDF on this machine, with a client that fails now and then (`make examples`): every reading comes
 * once on each connection, in order, from the first that is not acknowledged. cJSON is the real one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "esp_websocket_client.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "nvs_flash.h"
#include "protocol_examples_common.h"

void app_main(void);

static esp_event_handler_t heard;
static int64_t now_us;
/* So many of what is sent next fail. */
static int failing;
static int hellos;
static unsigned long seqs[32];
static size_t sent;

esp_err_t nvs_flash_init(void) { return 0; }
esp_err_t esp_netif_init(void) { return 0; }
esp_err_t esp_event_loop_create_default(void) { return 0; }
esp_err_t example_connect(void) { return 0; }
esp_err_t esp_crt_bundle_attach(void *conf) { return conf == NULL; }
uint32_t esp_random(void) { return 4; }
int64_t esp_timer_get_time(void) { return now_us; }
SemaphoreHandle_t xSemaphoreCreateMutex(void) { return &now_us; }
int xSemaphoreTake(SemaphoreHandle_t semaphore, uint32_t ticks) { return semaphore != NULL && ticks > 0; }
int xSemaphoreGive(SemaphoreHandle_t semaphore) { return semaphore != NULL; }

esp_websocket_client_handle_t esp_websocket_client_init(const esp_websocket_client_config_t *config) {
  return config->enable_close_reconnect ? (esp_websocket_client_handle_t)&failing : NULL;
}

esp_err_t esp_websocket_register_events(esp_websocket_client_handle_t client, esp_websocket_event_id_t event,
                                        esp_event_handler_t handler, void *arg) {
  heard = event == WEBSOCKET_EVENT_ANY && arg == NULL ? handler : NULL;
  return client == NULL;
}

esp_err_t esp_websocket_client_start(esp_websocket_client_handle_t client) { return client == NULL; }

int esp_websocket_client_send_text(esp_websocket_client_handle_t client, const char *data, int length, uint32_t timeout) {
  if (client == NULL || timeout == 0) return -1;
  if (failing > 0) {
    failing--;
    return -1;
  }
  cJSON *message = cJSON_ParseWithLength(data, (size_t)length);
  const cJSON *type = cJSON_GetObjectItemCaseSensitive(message, "type");
  if (type == NULL) exit(2);
  if (strcmp(type->valuestring, "hello") == 0) hellos++;
  else if (sent < 32) seqs[sent++] = (unsigned long)cJSON_GetObjectItemCaseSensitive(message, "seq")->valuedouble;
  cJSON_Delete(message);
  return length;
}

static void event(esp_websocket_event_id_t id, const char *text) {
  const int length = text == NULL ? 0 : (int)strlen(text);
  esp_websocket_event_data_t data = {text, length, 1, (esp_websocket_client_handle_t)&failing, length};
  heard(NULL, "WEBSOCKET_EVENTS", id, &data);
}

/* What was sent since the last call are these numbers, one after another. */
static void expect(int line, unsigned long from, unsigned long to) {
  bool is_so = sent == to - from + 1;
  for (size_t i = 0; is_so && i < sent; i++) is_so = seqs[i] == from + i;
  if (!is_so) {
    fprintf(stderr, "esp-idf.c:%d: %lu to %lu expected, got", line, from, to);
    for (size_t i = 0; i < sent; i++) fprintf(stderr, " %lu", seqs[i]);
    fputc('\n', stderr);
    exit(1);
  }
  sent = 0;
}

/* The board's loop has come round: ten seconds have passed, and something happens. There is a reading at each turn. */
void vTaskDelay(uint32_t ticks) {
  static int turn;
  now_us += ticks > 0 ? 10000000 : 0;
  switch (++turn) {
    case 1:
      event(WEBSOCKET_EVENT_CONNECTED, NULL);
      event(WEBSOCKET_EVENT_DATA, "{\"type\":\"welcome\",\"ack\":null,\"window\":4}");
      failing = 1; /* the first one */
      break;
    case 2:
      expect(__LINE__, 1, 0);
      break;
    case 3:
      expect(__LINE__, 1, 3);
      failing = 1; /* the fourth */
      break;
    case 4:
      expect(__LINE__, 1, 0);
      event(WEBSOCKET_EVENT_DATA, "{\"type\":\"ack\",\"seq\":2}");
      break;
    case 5:
      expect(__LINE__, 4, 5);
      event(WEBSOCKET_EVENT_DISCONNECTED, NULL);
      event(WEBSOCKET_EVENT_CONNECTED, NULL);
      event(WEBSOCKET_EVENT_DATA, "{\"type\":\"welcome\",\"ack\":3,\"window\":256}");
      break;
    default:
      expect(__LINE__, 4, 6);
      exit(hellos == 2 ? 0 : 1);
  }
}

int main(void) { app_main(); }
