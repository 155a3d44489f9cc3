"""Five cores make both keys; one ends; by an order the next process at its place gets the same shares."""
import json
import os
import struct
import subprocess
import sys

import snp_policy
from ceremony_host import BIN, Core, Refused

FOLDER = sys.argv[1]
PLAN, RECORD, POLICY = (os.path.join(FOLDER, name) for name in ("plan.ini", "ceremony.qcr", "policy"))
KEY, ORDER, RENEWAL = (os.path.join(FOLDER, name) for name in ("alice.pem", "order", "renewal"))
HELLO, ACTIVATE, REENROL_STEP = 0x01, 0x03, 0x56
PQ, LOST = 2, 5


def quorate(*args, status=0):
    r = subprocess.run([os.path.join(BIN, "quorate"), "ceremony", *args], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                       check=False)
    assert r.returncode == status, f"{args}: {r.returncode}, not {status}\n{r.stdout}{r.stderr}"
    return r.stdout + r.stderr


def hello(core):
    """index, epoch_id, boot nonce, and the pq key or None."""
    b = core.ask(HELLO)
    at = 69 + 32 + 97 + 32
    keys = {}
    n, at = b[at], at + 1
    for _ in range(n):
        length = struct.unpack_from("<H", b, at + 3)[0]
        keys[b[at]] = b[at + 5:at + 5 + length]
        at += 5 + length
    return b[64], b[16:64], b[69:101], keys.get(PQ)


def activate(core, epoch_id):
    issuer = b"\x30\x00"
    core.ask(ACTIVATE, epoch_id + bytes([PQ]) + bytes(32) + b"\x01\x07" + struct.pack("<H", len(issuer)) + issuer)


def order(attempt, *more):
    return quorate("order", "--record", RECORD, "--place", str(LOST), "--attempt", str(attempt), "--out", ORDER, *more)


def reenrol(*more, status=0):
    return quorate("reenrol", "--record", RECORD, "--order", ORDER, *more, status=status)


def renew(*more, status=0):
    return quorate("renew", "--record", RECORD, "--order", RENEWAL, *more, status=status)


def order_renewal(pair, attempt, *more, status=0):
    return quorate("order", "--record", RECORD, "--renew", pair, "--attempt", str(attempt), "--out", RENEWAL, *more, status=status)


def altered(at):
    """With another byte there; and as it was again."""
    with open(RENEWAL, "r+b") as f:
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ 1]))


def renews(epoch_id):
    """Operators have two nodes try once more: nobody else's order is taken, and each once."""
    for pair, attempt in (("2", 1), ("2,2", 1), ("2,6", 1), ("0,2", 1), ("2,4x", 1), ("2,4", 0)):
        order_renewal(pair, attempt, status=2)
    assert "nodes 2 and 4, attempt 1, signed by 0 of 1" in order_renewal("4,2", 1)
    assert "node 2: quorum" in renew(status=3)
    assert "signed by 1 of 1" in quorate("order", "--record", RECORD, "--order", RENEWAL, "--key", KEY)
    with open(RENEWAL, "rb") as f:
        assert f.read()[:72] == b"quorate-renew-v1" + epoch_id + b"\x01\x03\x01\0\0\0\x01\0"
    for at, says in ((0, "no order to renew"), (16, "mismatch"), (67, "signature"), (80, "signature")):
        altered(at)
        assert says in renew(status=2 if at == 0 else 3), (at, says)
        altered(at)
    others = [a for c in cores[1:] + cores[:1] for a in ("--core", f"unix:{c.path}")]
    assert "node 2: range" in renew(*others, status=3)
    assert json.loads(renew("--json")) == {"event": "renew", "nodes": [2, 4], "attempt": 1, "answers": ["ok", "ok"]}
    assert "node 4: stale" in renew(status=3)
    order_renewal("2,4", 2, "--key", KEY)
    assert "try once more" in renew()


def incarnations(core):
    return struct.unpack_from("<6I", core.ask(REENROL_STEP), 10)


cores = [Core(FOLDER, i + 1) for i in range(5)]
try:
    listen = [a for c in cores for a in ("--core", f"unix:{c.path}")]
    quorate("plan", *listen, "--threshold", "3", "--key", KEY, "--out", PLAN)
    with open(PLAN, encoding="ascii") as f:
        text = f.read()
    assert "orders_needed = 1" in text and "classic = threshold" in text, text
    with open(POLICY, "w", encoding="ascii") as f:
        f.write(snp_policy.text("00" * 47 + "01"))
    why = quorate("plan", *listen, "--threshold", "3", "--policy", POLICY, status=3)
    assert "started without --tsm-listen" in why, why
    quorate("run", "--plan", PLAN, "--out", RECORD)
    index, epoch_id, _, pq = hello(cores[LOST - 1])
    assert index == LOST and pq
    for c in cores:
        activate(c, epoch_id)

    renews(epoch_id)
    cores[LOST - 1].process.kill()
    cores[LOST - 1].process.wait()
    os.unlink(cores[LOST - 1].path)
    order_renewal("1,5", 1, "--key", KEY)
    assert "node 5: " in renew(status=3)
    cores[LOST - 1] = Core(FOLDER, LOST)
    fresh = cores[LOST - 1]
    assert hello(fresh)[0] == 0

    # Without the operator it is nothing, and says so at the first core.
    assert "signed by 0 of 1" in order(1)
    assert "node 1: quorum" in reenrol(status=3)
    subprocess.run(["openssl", "ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", KEY + "2"], check=True)
    assert "no operator of the plan" in quorate("order", "--record", RECORD, "--order", ORDER, "--key", KEY + "2", status=2)
    assert "signed by 1 of 1" in quorate("order", "--record", RECORD, "--order", ORDER, "--key", KEY)
    out = json.loads(reenrol("--json"))
    assert out["node"] == LOST and out["incarnation"] == 2 and out["helpers"] == 7, out
    print(f"# re-enrolled in {out['seconds']} s")
    assert out["seconds"] < 5, out

    # It is the fifth of that epoch, and known as such by all.
    assert hello(fresh)[:2] == (LOST, epoch_id) and hello(fresh)[3] == pq
    activate(fresh, epoch_id)
    for c in cores:
        assert incarnations(c) == (1, 1, 1, 1, 2, 0), incarnations(c)
    assert "node 1: stale" in reenrol(status=3)  # once is enough
    assert "try once more" in renew()  # node 1 took it, and node 5 is there now

    # Another one ends; who helped, and who was helped, are three again.
    os.rename(ORDER, ORDER + "1")
    cores[0].process.kill()
    cores[0].process.wait()
    os.unlink(cores[0].path)
    cores[0] = Core(FOLDER, 1)
    LOST = 1
    cores[3].process.kill()  # and only three are left to help
    cores[3].process.wait()
    order(2, "--key", KEY)
    out = json.loads(quorate("reenrol", "--record", RECORD, "--order", ORDER + "1", "--order", ORDER, "--json"))
    assert out["helpers"] == 0b10110 and out["incarnation"] == 3, out
    assert hello(cores[0])[3] == pq and incarnations(cores[0]) == (3, 1, 1, 1, 2, 0)

    # A third ends the epoch.
    os.unlink(cores[3].path)
    cores[3] = Core(FOLDER, 4)
    LOST = 4
    order(3, "--key", KEY)
    assert "node 1: halted" in quorate("reenrol", "--record", RECORD, "--order", ORDER, status=3)
    try:
        cores[1].ask(0x55, b"")
        raise AssertionError("an empty order was taken")
    except Refused:
        pass
finally:
    for c in cores:
        c.process.kill()
        c.process.wait()
