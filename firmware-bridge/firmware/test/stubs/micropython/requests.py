"""MicroPython's requests, as far as the example uses it."""
import json as _json
import urllib.error
import urllib.request


class Response:
    def __init__(self, answer):
        self.status_code = answer.status
        self.text = answer.read().decode()

    def close(self):
        pass


def post(url, headers, json):
    headers = {**headers, "Content-Type": "application/json"}
    request = urllib.request.Request(url, _json.dumps(json).encode(), headers, method="POST")
    try:
        return Response(urllib.request.urlopen(request))
    except urllib.error.HTTPError as error:
        return Response(error)
