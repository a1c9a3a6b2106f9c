// An Uno at a serial port with fieldline-bridge: a TMP36 sensor at A0, and a relay (here the board's own light).
#include <FieldlineSerial.h>

Fieldline fieldline(Serial);

void relaySet(FieldlineCall &call) {
  bool on;
  if (!call.get("on", on)) return call.reject("bad_params", "on?");
  digitalWrite(LED_BUILTIN, on);
  call.result("on", on);
}

void setup() {
  Serial.begin(115200);
  pinMode(LED_BUILTIN, OUTPUT);
  fieldline.on("relay.set", relaySet);
  fieldline.begin("uno 1.0", "env-sensor");
}

void loop() {
  fieldline.loop();
  if (!fieldline.every(1000)) return;
  const double volts = analogRead(A0) * 5.0 / 1023;
  fieldline.reading().add("temperature", (volts - 0.5) * 100, 1).add("relay", digitalRead(LED_BUILTIN) == HIGH).send();
}
