"""A core, its quorate-tsm and a front: evidence for a nonce over HTTP, while quorate-tsm comes and goes; and the bundle."""
import hashlib
import http.client
import os
import struct
import subprocess
import sys
import time

from front import BIN, Front, write

FOLDER = sys.argv[1]
POLICY = "1,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000"
REPORT_DATA_AT = 80


def field(data):
    return struct.pack("<I", len(data)) + data


def report_data(nonce, hello, incarnation):
    at = 64 + 5
    identity = hello[at + 32:at + 32 + 97]
    parts = [b"\x02", b"\x01", hello[16:64], hello[64:65], struct.pack("<I", incarnation), identity, b"", hello[-97:], nonce,
             hashlib.sha384(hello).digest()]
    return hashlib.sha384(b"quorate-attest-v1" + b"".join(map(field, parts))).digest() + nonce[:16]


def get(front, path):
    c = http.client.HTTPConnection(*front.address, timeout=20)
    c.request("GET", path)
    r = c.getresponse()
    return r.status, r.read()


def evidence(front, nonce):
    """What comes in the end, and how often it was to be asked for."""
    end = time.monotonic() + 30
    asked = 0
    while time.monotonic() < end:
        status, body = get(front, "/evidence?nonce=" + nonce.hex())
        if status != 202:
            return status, body, asked
        asked += 1
        time.sleep(0.01)
    raise AssertionError("no evidence after 30 s")


def evidence_at_last():
    """The same once quorate-tsm has connected: a nonce that came before is answered with that there is nobody."""
    end = time.monotonic() + 60
    while True:
        nonce = os.urandom(32)
        status, body, asked = evidence(front, nonce)
        if status == 200:
            return nonce, body, asked
        assert status == 503 and time.monotonic() < end, (status, body[:80])


def check(body, nonce):
    magic = b"QUORATE-EVIDENCE-1\n"
    assert body.startswith(magic + nonce + b"\x01"), body[:64]
    at = len(magic) + 33
    incarnation, length = struct.unpack_from("<IH", body, at)
    hello = body[at + 6:at + 6 + length]
    at += 6 + length
    block = body[at + 4:]
    assert struct.unpack_from("<I", body, at)[0] == len(block)
    version, form, _, kind, n = struct.unpack_from("<BBBBI", block, 0)
    assert (version, form, kind, n) == (1, 1, 1, 1184), block[:8]
    report = block[8:8 + n]
    assert report[REPORT_DATA_AT:REPORT_DATA_AT + 64] == report_data(nonce, hello, incarnation), "another REPORT_DATA"
    return hello


def start_tsm():
    return subprocess.Popen([os.path.join(BIN, "quorate-tsm"), "--core", f"unix:{FOLDER}/tsm.sock", "--provider", "sim",
                             "--programs", BIN, "--chip", "4"], stderr=subprocess.DEVNULL)


running = []
front = None
try:
    core = subprocess.Popen([os.path.join(BIN, "quorate-core"), "--listen", f"unix:{FOLDER}/core.sock", "--tsm-listen",
                             f"unix:{FOLDER}/tsm.sock", "--clock", "trust-system", "--allow-untrusted-time", "--allow-unlocked",
                             "--policy", POLICY], stderr=subprocess.DEVNULL)
    running.append(core)
    front = Front(FOLDER, more="bundle = bundle")

    for bad in ("/evidence", "/evidence?nonce=", "/evidence?nonce=" + "zz" * 32, "/evidence?nonce=" + "ab" * 31,
                "/evidence?nonce=" + "ab" * 33):
        assert get(front, bad)[0] == 400, bad
    status, body, _ = evidence(front, b"\x41" * 32)  # no quorate-tsm is there
    assert status == 503 and b"no core shows" in body, (status, body)

    tsm = start_tsm()
    running.append(tsm)
    nonce, body, asked = evidence_at_last()
    assert asked > 0
    hello = check(body, nonce)
    assert evidence(front, nonce)[1] == body  # kept for a while
    tsm.kill()
    tsm.wait()
    running.remove(tsm)
    running.append(start_tsm())
    other, body, _ = evidence_at_last()
    assert check(body, other) == hello  # the same core
    for i in range(64):  # the places run out, and are said to
        status, body = get(front, "/evidence?nonce=" + bytes([i] * 32).hex())
        assert status in (202, 503), status
        if status == 503:
            break
    assert status == 503 and b"too busy" in body, (status, body)

    assert get(front, "/bundle")[0] == 404
    write(os.path.join(front.dir, "bundle"), b"QUORATE-BUNDLE-1\n...")
    assert get(front, "/bundle") == (200, b"QUORATE-BUNDLE-1\n...")
    with open(os.path.join(front.dir, "bundle"), "wb") as f:
        f.truncate(2097153)
    assert get(front, "/bundle")[0] == 503
finally:
    if front is not None:
        front.stop()
    for process in running:
        process.terminate()
        process.wait(20)
