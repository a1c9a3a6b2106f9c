/*
 * ESP-IDF with Espressif's esp_websocket_client, straight to the hub over TLS. Readings are numbered and kept until the
 * hub has them on disk. Wi-Fi comes up as in IDF's own examples (protocol_examples_common, `idf.py menuconfig`).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cJSON.h"
#include "esp_crt_bundle.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_random.h"
#include "esp_timer.h"
#include "esp_websocket_client.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "nvs_flash.h"
#include "protocol_examples_common.h"

#define HUB_URL "wss://hub.example:8443/ws/v1/device"
#define TOKEN "fld_..."
#define PERIOD_MS 10000
#define KEPT 256u

typedef struct {
  uint32_t uptime;
  float temperature;
} reading_t;

/* What follows is shared with the client's task, which calls `heard`. */
static SemaphoreHandle_t lock;
static reading_t kept[KEPT]; /* number n is at n % KEPT */
static uint32_t newest, acked, sent, window;
static uint32_t welcomes; /* counts connections: what was sent on an earlier one may be lost */
static bool welcomed;
static char boot[9];

static float measure_temperature(void) { return 21.5f; /* your sensor goes here; NAN when it does not answer */ }

static uint32_t uptime_ms(void) { return (uint32_t)(esp_timer_get_time() / 1000); }

/* False: it was not sent, or by half, and then the client has given the connection up. */
static bool send_text(esp_websocket_client_handle_t hub, const char *text, int length) {
  if (esp_websocket_client_send_text(hub, text, length, pdMS_TO_TICKS(5000)) == length) return true;
  ESP_LOGW("fieldline", "not sent, to be tried again: %.60s", text);
  return false;
}

static void say_hello(esp_websocket_client_handle_t hub) {
  char text[160];
  xSemaphoreTake(lock, portMAX_DELAY);
  const int length = snprintf(text, sizeof text,
                              "{\"type\":\"hello\",\"boot\":\"%s\",\"seq\":%lu,\"firmware\":\"esp-idf 1.0\","
                              "\"profile\":\"env-sensor\",\"uptime\":%lu}",
                              boot, (unsigned long)newest, (unsigned long)uptime_ms());
  xSemaphoreGive(lock);
  (void)send_text(hub, text, length); /* it is said again on the next connection */
}

static uint32_t number_of(const cJSON *message, const char *name) {
  const cJSON *number = cJSON_GetObjectItemCaseSensitive(message, name);
  return cJSON_IsNumber(number) ? (uint32_t)number->valuedouble : 0; /* also for null */
}

static void take(const cJSON *message) {
  const cJSON *type = cJSON_GetObjectItemCaseSensitive(message, "type");
  if (!cJSON_IsString(type)) return;
  const bool is_welcome = strcmp(type->valuestring, "welcome") == 0;
  const bool is_ack = strcmp(type->valuestring, "ack") == 0;
  const uint32_t seq = number_of(message, is_welcome ? "ack" : "seq");
  xSemaphoreTake(lock, portMAX_DELAY);
  if ((is_welcome || is_ack) && seq > acked && seq <= newest) acked = seq;
  if (sent < acked) sent = acked;
  if (is_welcome || strcmp(type->valuestring, "window") == 0) window = number_of(message, "window");
  if (is_welcome) {
    sent = acked;
    welcomes++;
    welcomed = true;
  }
  xSemaphoreGive(lock);
}

static void heard(void *unused, esp_event_base_t base, int32_t event, void *data) {
  const esp_websocket_event_data_t *frame = data;
  (void)unused;
  (void)base;
  if (event == WEBSOCKET_EVENT_CONNECTED) say_hello(frame->client);
  if (event == WEBSOCKET_EVENT_DISCONNECTED) {
    xSemaphoreTake(lock, portMAX_DELAY);
    welcomed = false;
    xSemaphoreGive(lock);
  }
  /* The client's buffer holds what the hub says to a device that told no larger rxMax: no message comes in pieces. */
  if (event != WEBSOCKET_EVENT_DATA || frame->op_code != 1 || frame->data_len != frame->payload_len) return;
  cJSON *message = cJSON_ParseWithLength(frame->data_ptr, frame->data_len);
  if (message != NULL) take(message);
  cJSON_Delete(message);
}

static void measure(void) {
  const reading_t reading = {uptime_ms(), measure_temperature()};
  xSemaphoreTake(lock, portMAX_DELAY);
  kept[++newest % KEPT] = reading;
  if (newest - acked > KEPT) acked = newest - KEPT; /* the oldest gives way; the hub counts it as missing */
  if (sent < acked) sent = acked;
  xSemaphoreGive(lock);
}

/* Sends the next reading. False when there is none to be sent now, or it could not be sent. */
static bool send_next(esp_websocket_client_handle_t hub) {
  char text[160], temperature[16] = "null"; /* JSON knows no NaN */
  xSemaphoreTake(lock, portMAX_DELAY);
  const bool is_due = welcomed && sent < newest && sent - acked < window;
  const uint32_t number = sent + 1, connection = welcomes;
  const reading_t reading = kept[number % KEPT];
  xSemaphoreGive(lock);
  if (!is_due) return false;
  if (isfinite(reading.temperature)) snprintf(temperature, sizeof temperature, "%.2f", (double)reading.temperature);
  const int length = snprintf(text, sizeof text,
                              "{\"type\":\"telemetry\",\"seq\":%lu,\"uptime\":%lu,\"values\":{\"temperature\":%s}}",
                              (unsigned long)number, (unsigned long)reading.uptime, temperature);
  if (!send_text(hub, text, length)) return false;
  xSemaphoreTake(lock, portMAX_DELAY);
  if (connection == welcomes && sent + 1 == number) sent = number;
  xSemaphoreGive(lock);
  return true;
}

void app_main(void) {
  ESP_ERROR_CHECK(nvs_flash_init());
  ESP_ERROR_CHECK(esp_netif_init());
  ESP_ERROR_CHECK(esp_event_loop_create_default());
  ESP_ERROR_CHECK(example_connect());
  lock = xSemaphoreCreateMutex();
  snprintf(boot, sizeof boot, "%08lx", (unsigned long)esp_random());

  const esp_websocket_client_config_t config = {
      .uri = HUB_URL,
      .headers = "Authorization: Bearer " TOKEN "\r\n",
      .crt_bundle_attach = esp_crt_bundle_attach, /* or .cert_pem for a CA of your own (docs/tls.md) */
      .enable_close_reconnect = true,             /* without it a clean close stops the client for ever */
      .reconnect_timeout_ms = 5000 + (int)(esp_random() % 5000), /* not all boards at once */
  };
  esp_websocket_client_handle_t hub = esp_websocket_client_init(&config);
  ESP_ERROR_CHECK(esp_websocket_register_events(hub, WEBSOCKET_EVENT_ANY, heard, NULL));
  ESP_ERROR_CHECK(esp_websocket_client_start(hub));

  for (uint32_t measured_at = 0;; vTaskDelay(pdMS_TO_TICKS(50))) {
    if (newest == 0 || uptime_ms() - measured_at >= PERIOD_MS) {
      measured_at = uptime_ms();
      measure();
    }
    while (send_next(hub)) {
    }
  }
}
