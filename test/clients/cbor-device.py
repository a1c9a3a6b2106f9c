#!/usr/bin/env python3
"""A device that speaks CBOR and knows nothing of this repository: Python's websockets and cbor2.

usage: cbor-device.py <hub url> <device token> <base time>

Sends a bare reading, the three shapes of telemetry, a message with values that are refused, and frames that are no CBOR
as it is taken; then waits for a command and a configuration, and answers them. Prints what it saw as one JSON object.
"""

import asyncio
import json
import sys

import cbor2
import websockets

URL, TOKEN, BASE = sys.argv[1], sys.argv[2], int(sys.argv[3])
BOOT = "python1"

TELEMETRY = [
    {"type": "telemetry", "seq": 1, "time": BASE, "values": {"x": 0.1, "label": "grün", "ok": True}},
    {"type": "telemetry", "seq": 2, "rows": [[BASE + 1000, {"x": -1e-9}], [BASE + 2000, {"x": 1e300}]]},
    {
        "type": "telemetry",
        "seq": 3,
        "t0": BASE + 3000,
        "dt": [0, 1000],
        "columns": {"x": [9007199254740991, 3], "label": [None, cbor2.undefined]},
    },
    {
        "type": "telemetry",
        "seq": 4,
        "time": BASE + 5000,
        "values": {"x": 1.5, "label": 7, "nan": float("nan"), "endless": float("inf"), "raw": b"\x01\x02"},
    },
]


class Frames:
    """What the hub sends, decoded, in order; that every frame is binary is part of the test."""

    def __init__(self, socket):
        self.socket = socket
        self.lengths = []

    async def take(self, kind):
        """The messages up to the first of this kind, and that one."""
        before = []
        while True:
            frame = await asyncio.wait_for(self.socket.recv(), 20)
            if not isinstance(frame, bytes):
                raise SystemExit(f"a binary frame was expected, got {frame}")
            self.lengths.append(len(frame))
            message = cbor2.loads(frame)
            if message["type"] == kind:
                return before, message
            before.append(message)

    async def acked(self, seq):
        seen = []
        while True:
            before, ack = await self.take("ack")
            seen += before
            if ack["seq"] >= seq:
                return seen, ack


async def talk():
    address = URL.replace("http", "ws", 1) + "/ws/v1/device"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    protocols = ["fieldline.v1.cbor", "fieldline.v1.json"]
    async with websockets.connect(address, extra_headers=headers, subprotocols=protocols) as socket:
        frames = Frames(socket)
        seen = {"subprotocol": socket.subprotocol}
        await socket.send(cbor2.dumps({"bare": 21.5, "open": True}))
        hello = {"type": "hello", "boot": BOOT, "seq": 0, "caps": ["command", "config"], "rxMax": 256}
        await socket.send(cbor2.dumps(hello))
        _, seen["welcome"] = await frames.take("welcome")
        for message in TELEMETRY:
            await socket.send(cbor2.dumps(message))
        seen["rejects"], seen["ack"] = await frames.acked(4)

        seen["errors"] = []
        cut_off = cbor2.dumps({"type": "telemetry", "seq": 5, "values": {"x": "a text"}})[:-3]
        date = cbor2.dumps({"type": "telemetry", "values": {"x": cbor2.CBORTag(1, 5)}, "seq": 6})
        for frame in (cut_off, date, b"\x9f" * 5000, '{"seq":7}', cbor2.dumps({"type": "fly", "seq": 8})):
            await socket.send(frame)
            _, error = await frames.take("error")
            seen["errors"].append(error)
        await socket.send(cbor2.dumps({"type": "time", "uptime": 5123}))
        _, seen["time"] = await frames.take("time")

        print("READY", flush=True)
        _, command = await frames.take("command")
        seen["command"] = command
        result = {"type": "result", "id": command["id"], "status": "ok", "result": {"to": command["params"]["to"]}}
        await socket.send(cbor2.dumps(result))
        _, config = await frames.take("config")
        seen["config"] = config
        report = {"type": "config", "version": config["version"], "ok": True, "reported": config["desired"]}
        await socket.send(cbor2.dumps(report))
        _, seen["bye"] = await frames.take("bye")
        seen["longest"] = max(frames.lengths[1:])  # `welcome` is the hub's to size
    return seen


print(json.dumps(asyncio.run(talk())), flush=True)
