#!/usr/bin/env python3
"""Asks a core for its STATE (docs/wire.md 2.2) until its time is valid, or not any more, and holds its span against the clock
of this machine.

timed_state.py SOCKET SECONDS valid|invalid WIDTH_MS"""
import socket
import struct
import sys
import time

from timed_core import take


def ask(sock, number):
    before = time.clock_gettime_ns(time.CLOCK_REALTIME)
    sock.sendall(struct.pack("<BBBBIQ", 0x51, 1, 0x02, 0, 0, number))
    magic, version, kind, zero, length, request = struct.unpack("<BBBBIQ", take(sock, 16))
    body = take(sock, length)
    after = time.clock_gettime_ns(time.CLOCK_REALTIME)
    assert (magic, version, kind, zero, request) == (0x51, 1, 0x82, 0, number)
    state, reason, valid, _sync, lo, hi = struct.unpack_from("<BHBBqq", body)
    return state, reason, valid == 1, lo, hi, before, after


def main():
    path, seconds, want, width_ms = sys.argv[1], float(sys.argv[2]), sys.argv[3] == "valid", int(sys.argv[4])
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(seconds)
    sock.connect(path)
    begin, number, last = time.monotonic(), 0, None
    while time.monotonic() - begin < seconds:
        number += 1
        state, reason, valid, lo, hi, before, after = last = ask(sock, number)
        if valid:
            slack = 20_000
            assert lo - slack <= after and hi + slack >= before, (lo - after, hi - before)
        if valid == want and (not want or hi - lo <= width_ms * 1_000_000):
            print(f"after {time.monotonic() - begin:.2f} s: state {state}, {(hi - lo) / 1e6:.3f} ms wide")
            return 0
        time.sleep(0.05)
    print(f"not {sys.argv[3]}; the last: {last}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
