"""Renders templates as Home Assistant does, in Jinja's sandbox, but stricter: whatever is undefined is an error.

Standard input: [{"template": …, "payload": …}, …]; standard output: the results, in the same order.
"""

import json
import sys

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)


def render(template, payload):
    variables = {"value": payload}
    try:
        variables["value_json"] = json.loads(payload)
    except ValueError:
        pass  # Home Assistant leaves value_json out, too
    try:
        return environment.from_string(template).render(variables).strip()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


print(json.dumps([render(case["template"], case["payload"]) for case in json.load(sys.stdin)]))
