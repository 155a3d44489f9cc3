#!/usr/bin/env python3
"""The core's side of TIME_SAMPLE (docs/wire.md 7): takes samples on a unix socket until one is as wanted, and holds each
against the clock of this machine, which the servers of the test serve, too.

timed_core.py SOCKET TAI_MINUS_UTC SECONDS CONDITION...
A condition: agreeing=N and samples=N (at least), width_us=N (at most), flags=N, said=TEXT (is in the log,
which is SOCKET without .sock), NAME=STATE (of a row), NAME.kiss=CODE, NAME.off_s=N (whole
seconds). Prints the sample that met them all. TAI_MINUS_UTC has more in it where all servers lie alike."""
import os
import socket
import struct
import sys
import time

STATES = {1: "starting", 2: "agrees", 3: "disagrees", 4: "unreachable", 5: "refused", 6: "unsynchronised"}


def take(sock, n):
    data = b""
    while len(data) < n:
        part = sock.recv(n - len(data))
        if not part:
            raise ConnectionError("the client hung up")
        data += part
    return data


def decode(body):
    seq, counter, since, lo, hi = struct.unpack_from("<Qqqqq", body)
    sources, quota, agreeing, leap, flags, n = struct.unpack_from("<6B", body, 40)
    at, rows = 46, {}
    for _ in range(n):
        length = body[at]
        name = body[at + 1:at + 1 + length].decode()
        at += 1 + length
        state, offset, half, delay, age, reach = struct.unpack_from("<BqqqIB", body, at)
        at += 30
        kiss = body[at:at + 4].rstrip(b"\0").decode()
        at += 4
        rows[name] = dict(state=STATES[state], off_s=round(offset / 1e9), offset_ns=offset, half_ns=half, delay_ns=delay, age_ms=age,
                          reach=reach, kiss=kiss)
    assert at == len(body), "rows and length differ"
    return dict(seq=seq, counter=counter, since=since, lo=lo, hi=hi, sources=sources, quota=quota, agreeing=agreeing,
                leap=leap, flags=flags, rows=rows)


def true_tai(counter, ahead):
    for _ in range(1000):  # until nothing came between the two clocks
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        now = time.clock_gettime_ns(time.CLOCK_REALTIME)
        if time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) - before < 10_000:
            break
    return now - (before - counter) + ahead * 10**9


def meets(sample, conditions, log):
    for condition in conditions:
        key, value = condition.split("=", 1)
        if key == "agreeing":
            ok = sample["agreeing"] >= int(value)
        elif key == "width_us":
            ok = sample["hi"] > 0 and sample["hi"] - sample["lo"] <= int(value) * 1000
        elif key == "said":
            with open(log, encoding="utf-8") as lines:
                ok = value in lines.read()
        elif key == "samples":
            ok = sample["samples"] >= int(value)
        elif key == "flags":
            ok = sample["flags"] == int(value)
        else:
            name, field = key.rsplit(".", 1) if key.endswith((".kiss", ".off_s")) else (key, "state")
            ok = str(sample["rows"][name][field]) == value
        if not ok:
            return False
    return True


def main():
    path, ahead, seconds, conditions = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1)
    begin = time.monotonic()
    listener.settimeout(seconds)
    last, sample = 0, None
    try:
        sock, _ = listener.accept()
        while time.monotonic() - begin < seconds:
            sock.settimeout(seconds)
            magic, version, kind, zero, length, request = struct.unpack("<BBBBIQ", take(sock, 16))
            assert (magic, version, kind, zero) == (0x51, 1, 0x40, 0), "not a TIME_SAMPLE"
            sample = dict(decode(take(sock, length)), samples=(sample or {}).get("samples", 0) + 1)
            assert sample["seq"] > last and request == sample["seq"], "seq"
            assert sample["since"] <= sample["counter"]
            last = sample["seq"]
            if sample["agreeing"] >= sample["quota"]:
                tai = true_tai(sample["counter"], ahead)
                slack = 20_000  # of reading two clocks one after the other
                assert sample["lo"] - slack <= tai <= sample["hi"] + slack, (sample["lo"] - tai, sample["hi"] - tai)
            else:
                assert sample["lo"] == 0 and sample["hi"] == 0, "a span without a quota"
            sock.sendall(struct.pack("<BBBBIQ", 0x51, 1, 0xc0, 0, 0, request))
            if meets(sample, conditions, path.removesuffix(".sock")):
                print(f"after {time.monotonic() - begin:.2f} s: {sample}")
                return 0
    except (socket.timeout, ConnectionError) as error:
        print(f"{error or 'time is over'}", file=sys.stderr)
    print(f"not {conditions}; the last: {sample}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    code = main()
    os.unlink(sys.argv[1])
    sys.exit(code)
