#!/usr/bin/env python3
"""The round-1 pools of a development cluster, seen over its cores' sockets (docs/wire.md).

pool.py fill DIR N: from before the cluster is started; how long each core's pool takes from the end of the ceremony to
64 batches. pool.py drain DIR N PID: while that process lives, asks each core for commitments and lets them lapse, so that
the pools are filled again and again, and are never empty.
"""
import os
import socket
import struct
import sys
import time

HEADER = struct.Struct("<BBBBIQ")  # magic, version, type, zero, body length, request id
HELLO, R1, STATS = 0x01, 0x10, 0x20
PQ_READY = 20  # enum stat_id
KEY_PQ = 2
POOL = 64
EPOCH = slice(16, 64)  # of a HELLO answer
START_S, FILL_S = 120, 60
PAUSE_S = 0.002  # between two questions
DRAIN_PAUSE_S = 0.05


class Core:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        self.socket.connect(path)

    def receive(self, n):
        data = b""
        while len(data) < n:
            part = self.socket.recv(n - len(data))
            if not part:
                raise ConnectionError("the core has gone")
            data += part
        return data

    def ask(self, kind, body=b""):
        """The answer's body; an ERROR is the empty one."""
        self.socket.sendall(HEADER.pack(0x51, 1, kind, 0, len(body), 1) + body)
        head = HEADER.unpack(self.receive(HEADER.size))
        answer = self.receive(head[4])
        return answer if head[2] == kind | 0x80 else b""

    def stats(self):
        rows = self.ask(STATS)[2:]
        return dict(struct.unpack_from("<HQ", rows, at) for at in range(0, len(rows), 10))


def paths(folder, n):
    return [os.path.join(folder, f"core-{i}.sock") for i in range(1, n + 1)]


def connect(path, until):
    while time.monotonic() < until:
        try:
            return Core(path)
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(PAUSE_S)
    sys.exit(f"pool.py: nobody listens at {path}")


def fill(folder, n):
    until = time.monotonic() + START_S
    cores = [connect(path, until) for path in paths(folder, n)]
    begun, ended = {}, {}
    while len(ended) < n:
        for at, core in enumerate(cores):
            ready = core.stats().get(PQ_READY)
            now = time.monotonic()
            if ready is not None and at not in begun:
                begun[at] = now
                until = now + FILL_S
            if ready == POOL:
                ended.setdefault(at, now)
        if time.monotonic() > until:
            sys.exit(f"pool.py: {len(ended)} of {n} pools are full")
        time.sleep(PAUSE_S)
    took = sorted(ended[at] - begun[at] for at in range(n))
    print(f"pools of {POOL} batches: full {took[0] * 1e3:.0f} to {took[-1] * 1e3:.0f} ms after the ceremony, "
          f"{n * POOL / (max(ended.values()) - min(begun.values())):.0f} batches/s in all")


def lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def drain(folder, n, pid):
    cores = [connect(path, time.monotonic() + 10) for path in paths(folder, n)]
    epochs = [core.ask(HELLO)[EPOCH] for core in cores]
    granted, asked, ready, begun = 0, 0, 0, time.monotonic()
    while lives(pid):
        for core, epoch in zip(cores, epochs):
            granted += 4 * (core.ask(R1, epoch + bytes([KEY_PQ, 4]) + os.urandom(4 * 32))[:1] == b"\x04")
            ready += core.stats()[PQ_READY]
            asked += 1
        time.sleep(DRAIN_PAUSE_S)
    print(f"  meanwhile filled again: {granted / (time.monotonic() - begun):.0f} batches/s in all; "
          f"ready in a pool: {ready / asked:.0f} of {POOL}")


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(sys.argv[2], int(sys.argv[3]))
    else:
        drain(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
