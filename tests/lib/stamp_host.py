"""A host that asks cores itself for stamps of the classic key that they share (docs/wire.md 3.1, 3.2, 3.6, 14.4), for tests in
which it is a bad one."""
import os
import struct
import threading
from collections import namedtuple

from ceremony_host import ask, connected, hear, tell
from core_proxy import HEAD, R2, Lie, Proxy, take

ASK_R1, ASK_R2, ASK_LIST = 0x10, 0x11, 0x53
CLASSIC_KEY, SHA256 = 1, 1
EPOCH, SID0, RECORD, R1_LEN, LISTED = 48, 32, 48, 242, 105
OK, STALE = 0, 0x0206 # base/err.h

# Of an R2: its head, the place of each signer from 1, and of its last stamp the policy and the presignature.
Asked = namedtuple("Asked", "body epoch activation signers policy record")


def asked_of(body):
    """None: it is of the other key."""
    if body[EPOCH] != CLASSIC_KEY:
        return None
    t = body[97]
    at = 99 + t + SID0 + t * R1_LEN
    return Asked(body, body[:EPOCH], body[49:97], list(body[98:98 + t]), body[at + 1], body[-RECORD:])


def ask_all(sockets, kind, body):
    """At once, for R1s do not live long: the body of each answer."""
    for s in sockets:
        tell(s, kind, body)
    return [hear(s, kind) for s in sockets]


class Gate:
    """Where fronts' questions for signatures pass; once it is closed one of all reaches its core."""

    def __init__(self):
        self.lock = threading.Lock()
        self.closed = False
        self.passed, self.held = None, [] # (place, Asked)
        self.answered = False

    def lets(self, place, body):
        asked = asked_of(body)
        with self.lock:
            if not self.closed or asked is None:
                return True
            if self.passed is None:
                self.passed = (place, asked)
                return True
            self.held.append((place, asked))
            return False

    def held_of(self, record):
        with self.lock:
            return [(place, asked) for place, asked in self.held if asked.record == record]


class Sees(Lie):
    """Passes on what the one answers."""

    def __init__(self, gate, place):
        self.gate, self.place = gate, place

    def __call__(self, kind, number, body):
        if kind == R2 and self.gate.passed and self.gate.passed[0] == self.place:
            self.gate.answered = True
        return super().__call__(kind, number, body)


class GatedProxy(Proxy):
    def __init__(self, core, path, gate, place):
        self.gate, self.place = gate, place
        super().__init__(core, path)
        self.lie = Sees(gate, place)

    def ask(self, front, core):
        try:
            while True:
                head = take(front, HEAD.size)
                _, _, kind, _, n, _ = HEAD.unpack(head)
                body = take(front, n)
                if kind != ASK_R2 or self.gate.lets(self.place, body):
                    core.sendall(head + body)
        except (OSError, EOFError):
            pass
        self.end(front, core)
        front.close()


class Signers:
    """The cores that an R2 was for: {place: connection}, of which each signs what it is asked."""

    def __init__(self, folder, asked):
        self.folder, self.asked = folder, asked
        self.to = {place: self.connect(place) for place in asked.signers}

    def connect(self, place):
        return connected(os.path.join(self.folder, f"core-{place}.sock"))

    def listens(self, place):
        """A connection to who is in that place; None: nobody yet."""
        try:
            return self.connect(place)
        except OSError:
            return None

    def records(self, place):
        """The ids of what this core has of these three."""
        triple = sum(1 << (n - 1) for n in self.asked.signers)
        since, out = 1, set()
        while True:
            body = ask(self.to[place], ASK_LIST, struct.pack("<Q", since))
            rows = [body[at:at + LISTED] for at in range(8, len(body), LISTED)]
            out |= {row[9:9 + RECORD] for row in rows if row[8] == triple}
            if not rows:
                return out
            since = struct.unpack("<Q", body[:8])[0]

    def frame(self, records):
        """R2 of so many stamps, each of another message and of R1s of its own."""
        labels = [os.urandom(SID0) for _ in records]
        promised = [r1s[1:] for r1s in ask_all(self.to.values(), ASK_R1,
                                               self.asked.epoch + bytes([CLASSIC_KEY, len(records)]) + b"".join(labels))]
        out = self.asked.epoch + bytes([CLASSIC_KEY]) + self.asked.activation
        out += bytes([len(self.to), *self.to, len(records)])
        for i, record in enumerate(records):
            out += labels[i] + b"".join(r1s[i * R1_LEN:(i + 1) * R1_LEN] for r1s in promised)
            out += bytes([SHA256, self.asked.policy]) + os.urandom(32) + b"\0" + record
        return out

    def results(self, answer):
        """The error of each stamp."""
        out, at = [], 1
        for _ in range(answer[0]):
            out.append(struct.unpack_from("<H", answer, at)[0])
            at += 2 if out[-1] != OK else 4 + struct.unpack_from("<H", answer, at + 2)[0]
        assert at == len(answer)
        return out

    def stamp(self, frame):
        """What each says to it: {place: the error of each stamp}."""
        return dict(zip(self.to, map(self.results, ask_all(self.to.values(), ASK_R2, frame))))

    def stamp_twice(self, frames):
        """The same of several frames at once, each from connections of its own: {place: [what it says to each frame]}."""
        sockets = [[self.connect(place) for place in self.to] for _ in frames]
        for several, frame in zip(sockets, frames):
            for s in several:
                tell(s, ASK_R2, frame)
        got = [[self.results(hear(s, ASK_R2)) for s in several] for several in sockets]
        for s in sum(sockets, []):
            s.close()
        return dict(zip(self.to, zip(*got)))

    def close(self):
        for s in self.to.values():
            s.close()
