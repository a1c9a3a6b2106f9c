import type { Value } from '../messages/fields.js';
import { deviceSocketUrl, placeOf } from './hub-place.js';
import { cString } from './quote.js';
import type { SketchInput } from './sketch.js';

/** Arduino on an ESP32, with Links2004's WebSockets library (`setAuthorization` sends id and token as Basic). */
export function arduino({ hubUrl, device, token, values, intervalMs }: SketchInput): string {
  const { host, port, secure } = placeOf(hubUrl);
  const { format, args, size } = printed(values);
  const begin = secure ? 'beginSSL' : 'begin';
  return [
    '// Library manager: "WebSockets" by Markus Sattler.',
    '#include <WiFi.h>',
    '#include <WebSocketsClient.h>',
    '',
    'WebSocketsClient hub;',
    '',
    'void setup() {',
    '  WiFi.begin("your wifi", "its password");',
    ...(secure ? ['  // Encrypted; beginSslWithCA() checks the certificate, too.'] : []),
    `  hub.${begin}(${cString(host)}, ${port}, "/ws/v1/device");`,
    `  hub.setAuthorization(${cString(device)}, ${cString(token)});`,
    '}',
    '',
    'void loop() {',
    '  static unsigned long last;',
    '  hub.loop();',
    `  if (!hub.isConnected() || (last && millis() - last < ${intervalMs})) return;`,
    '  last = millis();',
    `  char text[${size}];`,
    `  snprintf(text, sizeof text, ${format},`,
    `           ${args});  // your sensors go here`,
    '  hub.sendTXT(text);',
    '}',
  ].join('\n');
}

/** ESP-IDF, with Espressif's esp_websocket_client: a task to be started once the network is up. */
export function espIdf({ hubUrl, token, values, intervalMs }: SketchInput): string {
  const { format, args, size } = printed(values);
  const { secure } = placeOf(hubUrl);
  return [
    '// idf.py add-dependency "espressif/esp_websocket_client"',
    '#include <stdio.h>',
    '#include "freertos/FreeRTOS.h"',
    '#include "freertos/task.h"',
    '#include "esp_websocket_client.h"',
    ...(secure ? ['#include "esp_crt_bundle.h"'] : []),
    '',
    '// Once the network is up: xTaskCreate(fieldline, "fieldline", 4096, NULL, 5, NULL);',
    'void fieldline(void *unused) {',
    '  const esp_websocket_client_config_t config = {',
    `    .uri = ${cString(deviceSocketUrl(hubUrl))},`,
    `    .headers = ${cString(`Authorization: Bearer ${token}\r\n`).replaceAll('\\015\\012', '\\r\\n')},`,
    ...(secure
      ? ['    .crt_bundle_attach = esp_crt_bundle_attach,  // or .cert_pem for a CA of your own']
      : []),
    '    .enable_close_reconnect = true,  // without it a clean close stops the client for ever',
    '  };',
    '  esp_websocket_client_handle_t hub = esp_websocket_client_init(&config);',
    '  esp_websocket_client_start(hub);',
    '  for (;;) {',
    '    if (!esp_websocket_client_is_connected(hub)) {',
    '      vTaskDelay(pdMS_TO_TICKS(100));',
    '      continue;',
    '    }',
    `    char text[${size}];`,
    `    int length = snprintf(text, sizeof text, ${format},`,
    `                          ${args});  // your sensors go here`,
    '    esp_websocket_client_send_text(hub, text, length, portMAX_DELAY);',
    `    vTaskDelay(pdMS_TO_TICKS(${intervalMs}));`,
    '  }',
    '}',
  ].join('\n');
}

/** The reading as a format and arguments of printf, and a buffer that has room for larger values. */
function printed(values: Readonly<Record<string, Value>>) {
  const entries = Object.entries(values);
  const format = entries.map(([name, value]) => `${JSON.stringify(name)}:${conversionOf(value)}`).join(',');
  const args = entries.map(([, value]) => argumentOf(value)).join(', ');
  const size = 64 * Math.ceil((format.length + 32 * entries.length) / 64);
  return { format: cString(`{${format}}`), args, size };
}

function conversionOf(value: Value): string {
  if (typeof value === 'string') return '"%s"';
  if (typeof value === 'boolean') return '%s';
  // At least one decimal: the example may be a whole number, and what the sensor gives need not be.
  const decimals = String(value).split('.')[1]?.length ?? 1;
  return `%.${Math.min(decimals, 6)}f`;
}

/** A text is sent as it is: one with quotes or backslashes in it would have to be escaped by the sketch. */
function argumentOf(value: Value): string {
  if (typeof value === 'string') return cString(JSON.stringify(value).slice(1, -1));
  if (typeof value === 'boolean') return `"${value}"`;
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
