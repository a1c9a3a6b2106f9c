#!/usr/bin/env python3
"""A device that speaks MQTT only, and knows nothing of this repository: Eclipse Paho.

usage: mqtt-device.py <port> <topic> <boot> <first> <last> [<user name> <password>]

Publishes {"n": first} … {"n": last} as telemetry with QoS 1, prints `acked <n>` for every PUBACK, and ends with 0
when all are there, with 3 when the connection ends before. 65,535 messages at the most.
"""

import json
import sys
import threading

import paho.mqtt.client as mqtt

PORT, TOPIC, BOOT = int(sys.argv[1]), sys.argv[2], sys.argv[3]
FIRST, LAST = int(sys.argv[4]), int(sys.argv[5])
CREDENTIALS = sys.argv[6:8]

client = mqtt.Client(client_id=f"paho-{BOOT}", clean_session=True)
client.max_inflight_messages_set(100)
client.max_queued_messages_set(0)
if CREDENTIALS:
    client.username_pw_set(*CREDENTIALS)

unacked = set(range(FIRST, LAST + 1))
exit_code = 3
ended = threading.Event()


def on_connect(client, userdata, flags, rc):
    if rc != 0:
        print(f"refused {rc}", flush=True)
        ended.set()


def on_publish(client, userdata, mid):
    global exit_code
    # Paho counts the messages of a new client from 1.
    n = FIRST + mid - 1
    unacked.remove(n)
    print(f"acked {n}", flush=True)
    if not unacked:
        exit_code = 0
        ended.set()


def on_disconnect(client, userdata, rc):
    ended.set()


client.on_connect = on_connect
client.on_publish = on_publish
client.on_disconnect = on_disconnect
client.connect("127.0.0.1", PORT, keepalive=30)
client.loop_start()
for n in range(FIRST, LAST + 1):
    if ended.is_set():
        break
    client.publish(TOPIC, json.dumps({"boot": BOOT, "seq": n, "values": {"n": n}}), qos=1)
ended.wait()
client.disconnect()
sys.exit(exit_code)
