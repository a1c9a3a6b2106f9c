#!/usr/bin/env python3
"""A device and a reader that know nothing of this repository: Eclipse's paho, from Debian's python3-paho-mqtt.

usage: paho-device.py <host> <port> <device id> <device token> <api token> <ws port>

The reader subscribes over WebSocket with a persistent session; the device, over TCP, publishes ten messages of each
QoS, and one where it must not. Prints what they saw as one JSON object.
"""

import json
import sys
import threading

import paho.mqtt.client as paho

HOST, PORT, DEVICE, DEVICE_TOKEN, API_TOKEN, WS_PORT = sys.argv[1:7]
PREFIX = "fieldline/v1"
seen = {"retained": [], "confirmed": 0, "disconnected": None, "granted": None}
subscribed = threading.Event()
got_retained = threading.Event()
refused = threading.Event()


def wait(event, what):
    if not event.wait(10):
        sys.exit(f"waited 10 s for {what}: {seen}")


def on_subscribe(client, userdata, mid, granted):
    seen["granted"] = list(granted)
    subscribed.set()


def on_message(client, userdata, message):
    seen["retained"].append([message.topic, message.payload.decode(), message.retain, message.qos])
    got_retained.set()


reader = paho.Client(client_id="reader", clean_session=False, transport="websockets")
reader.ws_set_options(path="/mqtt")
reader.username_pw_set("anybody", API_TOKEN)
reader.on_subscribe = on_subscribe
reader.on_message = on_message
reader.connect(HOST, int(WS_PORT))
reader.loop_start()
reader.subscribe([(f"{PREFIX}/hub/status", 1), ("$share/x/y", 1)])
wait(subscribed, "the subscription")
wait(got_retained, "the retained message")

device = paho.Client(client_id="device")
device.username_pw_set(DEVICE, DEVICE_TOKEN)
device.connect(HOST, int(PORT))
device.loop_start()
for number in range(30):
    info = device.publish(f"{PREFIX}/ingest/{DEVICE}", json.dumps({"n": number}), qos=number % 3)
    info.wait_for_publish(10)
    seen["confirmed"] += info.is_published()


def on_disconnect(client, userdata, code):
    seen["disconnected"] = code != 0
    refused.set()


device.on_disconnect = on_disconnect
device.publish(f"{PREFIX}/devices/{DEVICE}/status", "x", qos=1)
wait(refused, "the connection to be closed")
device.loop_stop()
reader.disconnect()
reader.loop_stop()
print(json.dumps(seen))
