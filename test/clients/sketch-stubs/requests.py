"""What a sketch uses of MicroPython's requests, on any Python."""
import json as _json
import urllib.request


def post(url, headers, json):
    body = _json.dumps(json).encode()
    return urllib.request.urlopen(urllib.request.Request(url, body, headers, method="POST"))
