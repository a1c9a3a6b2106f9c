#!/usr/bin/env python3
"""A device and a reader that know nothing of this repository: Python's websockets and urllib.

usage: independent.py <hub url> <device id> <device token> <api token>

Sends a bare reading and the three shapes of telemetry, waits for the acks, reads the numbers back over HTTP and
prints what it saw as one JSON object.
"""

import asyncio
import json
import sys
import time
import urllib.error
import urllib.request

import websockets

URL, DEVICE, DEVICE_TOKEN, API_TOKEN = sys.argv[1:5]
NOW = int(time.time() * 1000)
BASE = NOW - 60_000


def read_back(metric):
    query = f"metric={metric}&from={NOW - 3_600_000}&to={NOW + 3_600_000}&aggregate=raw"
    request = urllib.request.Request(
        f"{URL}/api/v1/devices/{DEVICE}/telemetry?{query}",
        headers={"Authorization": f"Bearer {API_TOKEN}"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["points"]


def read_when_there(metric, count):
    """A bare reading is not acked, so there is no moment from which on it must be there; and what was acked is, after
    a second, left out of the answer when the disk is slow."""
    deadline = time.monotonic() + 20
    points = []
    while True:
        try:
            points = read_back(metric)
            if len(points) >= count:
                return points
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
        if time.monotonic() > deadline:
            return points
        time.sleep(0.05)


async def talk():
    address = URL.replace("http", "ws", 1) + "/ws/v1/device"
    headers = {"Authorization": f"Bearer {DEVICE_TOKEN}"}
    async with websockets.connect(address, extra_headers=headers) as socket:
        await socket.send(json.dumps({"bare": 21.5, "open": True}))
        await socket.send(json.dumps({"type": "hello", "boot": "python1", "seq": 0}))
        welcome = json.loads(await asyncio.wait_for(socket.recv(), 10))
        messages = [
            {"type": "telemetry", "seq": 1, "time": BASE, "values": {"x": 0.1, "label": "grün"}},
            {"type": "telemetry", "seq": 2, "rows": [[BASE + 1000, {"x": -1e-9}], [BASE + 2000, {"x": 1e300}]]},
            {
                "type": "telemetry",
                "seq": 3,
                "t0": BASE + 3000,
                "dt": [0, 1000],
                "columns": {"x": [9007199254740991, 3], "label": [None, "ende"]},
            },
        ]
        for message in messages:
            await socket.send(json.dumps(message))
        acked = 0
        while acked < 3:
            answer = json.loads(await asyncio.wait_for(socket.recv(), 10))
            if answer["type"] != "ack" or answer["boot"] != "python1":
                raise SystemExit(f"an ack was expected, got {answer}")
            acked = answer["seq"]
    return welcome, acked


welcome, acked = asyncio.run(talk())
print(
    json.dumps(
        {
            "base": BASE,
            "welcome": welcome,
            "acked": acked,
            "bare": [value for _, value in read_when_there("bare", 1)],
            "open": [value for _, value in read_when_there("open", 1)],
            "x": read_when_there("x", 5),
            "label": read_when_there("label", 2),
        }
    )
)
