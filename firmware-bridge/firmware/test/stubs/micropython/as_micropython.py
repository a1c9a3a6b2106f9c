"""Runs a program of MicroPython on this machine's Python."""
import sys
import time

time.ticks_ms = lambda: time.monotonic_ns() // 1000000 & 0x3FFFFFFF
time.ticks_diff = lambda a, b: (a - b + 0x20000000 & 0x3FFFFFFF) - 0x20000000
time.sleep_ms = lambda ms: time.sleep(ms / 1000)
with open(sys.argv[1]) as program:
    exec(compile(program.read(), sys.argv[1], "exec"), {"__name__": "__main__"})
