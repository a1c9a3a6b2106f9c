# A network board with MicroPython (ESP32, Pico W): readings are numbered, and kept until the hub has them on disk.
# Copy it to the board as main.py. `requests` comes with most firmware, or by `mpremote mip install requests`.
import binascii, os, time

import network
import requests

WIFI = ("your wifi", "its password")
HUB, DEVICE, TOKEN = "http://192.168.4.2:8080", "board-1", "fld_..."
PERIOD_MS, KEPT, BATCH = 10000, 200, 50

boot = binascii.hexlify(os.urandom(4)).decode()  # this start's name
kept, seq = [], 0
uptime, ticks = 0, time.ticks_ms()


def read_sensors():
    return {"temperature": 21.5}  # your sensors go here; None or NaN where one does not answer


def is_value(value):
    return not isinstance(value, float) or value - value == 0  # JSON knows no NaN and nothing infinite


def measure():
    global seq, uptime, ticks
    now = time.ticks_ms()  # begins anew every twelve days, and the uptime must not
    uptime, ticks = uptime + time.ticks_diff(now, ticks), now
    seq += 1
    kept.append((seq, uptime, {name: value if is_value(value) else None for name, value in read_sensors().items()}))
    if len(kept) > KEPT:
        kept.pop(0)  # the oldest gives way; the hub counts it as missing


def send():
    """The hub answers when it has them on disk; what comes to it twice it stores once."""
    batch = kept[:BATCH]
    messages = [
        {"type": "telemetry", "boot": boot, "seq": n, "uptime": at, "values": values} for n, at, values in batch
    ]
    url = "%s/api/v1/ingest/%s" % (HUB, DEVICE)
    answer = requests.post(url, headers={"Authorization": "Bearer " + TOKEN}, json=messages)
    status, text = answer.status_code, answer.text
    answer.close()
    if status != 200:
        print("refused:", status, text)
    if status in (200, 400, 413, 422):  # taken; or no message at all, which will be none the next time either
        del kept[: len(batch)]
    return status == 200


wifi = network.WLAN(network.STA_IF)
wifi.active(True)
wifi.connect(*WIFI)
while True:
    measure()
    try:
        while kept and wifi.isconnected() and send():
            pass
    except OSError as error:
        print("not sent:", error)
    time.sleep_ms(PERIOD_MS)
