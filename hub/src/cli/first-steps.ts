/** What a new device needs to send its first reading. */
export interface FirstSteps {
  /** Base address of the hub as this command line reaches it. */
  readonly hubUrl: string;
  readonly device: string;
  readonly token: string;
}

/** A curl command that stores one reading; it can be pasted as it is. */
export function curlExample({ hubUrl, device, token }: FirstSteps): string {
  return [
    `curl ${hubUrl}/api/v1/ingest/${device} \\`,
    `  -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' \\`,
    `  -d '{"values":{"temperature":21.5}}'`,
  ].join('\n');
}

/** An Arduino sketch for an ESP32 with Links2004's WebSockets library: one reading every ten seconds. */
export function sketchExample({ hubUrl, device, token }: FirstSteps): string {
  const { hostname, port, protocol } = new URL(hubUrl);
  const secure = protocol === 'https:';
  const begin = secure ? 'beginSSL' : 'begin';
  return [
    '#include <WiFi.h>',
    '#include <WebSocketsClient.h>',
    'WebSocketsClient hub;',
    'void setup() {',
    '  WiFi.begin("your wifi", "its password");',
    `  hub.${begin}("${hostname}", ${port || (secure ? 443 : 80)}, "/ws/v1/device");`,
    `  hub.setAuthorization("${device}", "${token}");`,
    '}',
    'void loop() {',
    '  static unsigned long last;',
    '  hub.loop();',
    '  if (millis() - last >= 10000 && hub.sendTXT("{\\"temperature\\":21.5}")) last = millis();',
    '}',
  ].join('\n');
}

/** True for an address that only this machine can reach, which no real device can use. */
export function isLoopback(hubUrl: string): boolean {
  const { hostname } = new URL(hubUrl);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
