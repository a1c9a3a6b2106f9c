// An ESP32 on Wi-Fi, straight to the hub over TLS, without a bridge. Readings are numbered and kept until the hub has
// them on disk; commands are executed once.
// Library manager: "WebSockets" by Markus Sattler, "ArduinoJson" by Benoit Blanchon (7 or later).
#include <ArduinoJson.h>
#include <WebSocketsClient.h>
#include <WiFi.h>

const char WIFI[] = "your wifi", WIFI_PASSWORD[] = "its password";
const char HUB[] = "hub.example", DEVICE[] = "esp-1", TOKEN[] = "fld_...";
const uint16_t PORT = 8443;
// Of the authority that signed the hub's certificate (docs/tls.md).
const char AUTHORITY[] = R"(-----BEGIN CERTIFICATE-----
...
-----END CERTIFICATE-----)";
const int RELAY = 2;
const unsigned long PERIOD_MS = 10000;

WebSocketsClient hub;
char boot[9];       // this start's name
bool welcomed;      // the hub has answered our hello on this connection
uint32_t window;    // how many readings may be on their way
uint32_t newest;    // number of the newest reading
uint32_t acked;     // the hub has all up to here
uint32_t sent;      // on this connection all up to here were sent

struct Reading {
  uint32_t uptime;
  float temperature;
  bool relay;
};
const uint32_t KEPT = 256;
Reading kept[KEPT];  // number n is at n % KEPT

struct Answer {
  String id, text;
};
Answer answers[16];  // so that a command which comes again is not executed again
uint8_t nextAnswer;

float temperature() { return 21.5; }  // your sensor goes here; NaN when it does not answer

// What cannot be sent may be on the line by half: only a new connection helps, and on it comes what is not acknowledged.
bool say(String &text) {
  if (hub.sendTXT(text)) return true;
  welcomed = false;
  hub.disconnect();
  return false;
}

bool say(const JsonDocument &message) {
  String text;
  serializeJson(message, text);
  return say(text);
}

void measure() {
  newest++;
  if (newest - acked > KEPT) acked = newest - KEPT;  // the oldest gives way; the hub counts it as missing
  if (sent < acked) sent = acked;
  kept[newest % KEPT] = {(uint32_t)millis(), temperature(), digitalRead(RELAY) == HIGH};
}

void sendNext() {
  const uint32_t next = sent + 1;
  const Reading &reading = kept[next % KEPT];
  JsonDocument message;
  message["type"] = "telemetry";
  message["seq"] = next;
  message["uptime"] = reading.uptime;
  if (!isnan(reading.temperature)) message["values"]["temperature"] = reading.temperature;
  message["values"]["relay"] = reading.relay;
  if (say(message)) sent = next;
}

void sayHello() {
  JsonDocument hello;
  hello["type"] = "hello";
  hello["boot"] = boot;
  hello["seq"] = newest;
  hello["firmware"] = "esp32 1.0";
  hello["profile"] = "env-sensor";
  hello["caps"].add("command");
  hello["uptime"] = millis();
  say(hello);
}

// The hub has everything up to `seq`.
void acknowledged(uint32_t seq) {
  if (seq > acked && seq <= newest) acked = seq;
  if (sent < acked) sent = acked;
}

void execute(JsonDocument &command) {
  const String id = command["id"].as<const char *>(), name = command["name"].as<const char *>();
  for (const Answer &answer : answers) {
    if (answer.id == id) {
      String text = answer.text;
      say(text);
      return;
    }
  }
  JsonDocument result;
  result["type"] = "result";
  result["id"] = id;
  const JsonVariant on = command["params"]["on"];
  if (command["again"].as<bool>()) {
    result["status"] = "error";  // it is not known here whether it was executed: it is not executed now
    result["code"] = "unknown_id";
  } else if (name != "relay.set" || !on.is<bool>()) {
    result["status"] = "rejected";
    result["code"] = name == "relay.set" ? "bad_params" : "unknown_command";
  } else {
    digitalWrite(RELAY, on.as<bool>());
    result["status"] = "ok";
    result["result"]["on"] = on.as<bool>();
  }
  Answer &answer = answers[nextAnswer++ % 16];
  answer.id = id;
  answer.text = "";
  serializeJson(result, answer.text);
  String text = answer.text;
  say(text);  // where it does not arrive the hub asks again, and is answered from memory
  if (result["status"] == "ok") measure();  // the hub takes the command as verified by a reading that shows it
}

void heard(WStype_t type, uint8_t *payload, size_t length) {
  if (type == WStype_CONNECTED) sayHello();
  if (type == WStype_DISCONNECTED) welcomed = false;
  JsonDocument message;
  if (type != WStype_TEXT || deserializeJson(message, payload, length)) return;
  const String kind = message["type"].as<const char *>();
  if (kind == "welcome") {
    acknowledged(message["ack"].as<uint32_t>());  // null, which is 0, for a boot that the hub has not seen
    window = message["window"].as<uint32_t>();
    sent = acked;
    welcomed = true;
  } else if (kind == "ack") {
    acknowledged(message["seq"].as<uint32_t>());
  } else if (kind == "window") {
    window = message["window"].as<uint32_t>();
  } else if (kind == "command") {
    execute(message);
  }
}

void setup() {
  pinMode(RELAY, OUTPUT);
  snprintf(boot, sizeof boot, "%08x", (unsigned)esp_random());
  WiFi.begin(WIFI, WIFI_PASSWORD);
  hub.beginSslWithCA(HUB, PORT, "/ws/v1/device", AUTHORITY);
  hub.setAuthorization(DEVICE, TOKEN);
  hub.setReconnectInterval(5000 + esp_random() % 5000);  // not all boards at once
  hub.enableHeartbeat(15000, 5000, 2);
  hub.onEvent(heard);
}

void loop() {
  static unsigned long measuredAt;
  hub.loop();
  if (millis() - measuredAt >= PERIOD_MS) {
    measuredAt = millis();
    measure();
  }
  while (welcomed && sent < newest && sent - acked < window) sendNext();
}
