"""Steady load on a front: a few connections ask one thing after the other, and what becomes of each request is kept.

One thread drives all connections, so that a latency is the front's and not that of a crowd of threads."""
import concurrent.futures
import os
import selectors
import socket
import subprocess
import threading
import time

from front import TSQ, read, write

BIN = os.environ["QUORATE_BIN"]
ARC = "1.3.6.1.4.1.32473.3161.1."
# What is asked for, and which signatures a token of it must have.
HYBRID, CLASSIC, PQ = (ARC + "93", "classic,pq"), (ARC + "91", "classic"), (ARC + "92", "pq")
TIMEOUT = 10.0 # s; then there is no answer
SYSTEM_FAILURE = 25 # PKIFailureInfo, RFC 3161 2.4.2


def der(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    size = bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else bytes([0x82, n >> 8, n & 255])
    return bytes([tag]) + size + body


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = b""
    for n in [first * 40 + second, *rest]:
        part = bytes([n & 127])
        while n > 127:
            n >>= 7
            part = bytes([n & 127 | 128]) + part
        out += part
    return der(6, out)


def query(digest, nonce, policy):
    """TimeStampReq, RFC 3161 2.4.1, over a SHA-384 imprint."""
    imprint = der(0x30, der(0x30, oid("2.16.840.1.101.3.4.2.2")), der(4, digest))
    return der(0x30, der(2, b"\x01"), imprint, oid(policy), der(2, b"\x01" + nonce), der(1, b"\xff"))


def element(data, at=0):
    """(tag, content, what follows) of the DER element there."""
    tag, n, at = data[at], data[at + 1], at + 2
    if n > 127:
        width = n & 127
        n, at = int.from_bytes(data[at:at + width], "big"), at + width
    return tag, data[at:at + n], at + n


class Answer:
    """One request and what became of it: kind is token, rejection, http (another status) or none."""

    def __init__(self, policy):
        self.policy, self.needs = policy
        self.digest = os.urandom(48)
        self.query = query(self.digest, os.urandom(8), self.policy)
        self.sent = self.done = 0.0
        self.kind, self.why, self.fail_info, self.body = "none", "", None, b""

    @property
    def seconds(self):
        return self.done - self.sent

    def end(self, status, body):
        self.done = time.monotonic()
        self.body = body
        if status != 200:
            self.kind, self.why = "http", str(status)
            return
        _, response, _ = element(body)
        _, info, _ = element(response)
        _, pki_status, at = element(info)
        if pki_status == b"\x00":
            self.kind = "token"
            return
        self.kind = "rejection"
        while at < len(info):
            tag, content, at = element(info, at)
            if tag == 0x30:
                self.why = element(content)[1].decode()
            elif tag == 3:
                bits = int.from_bytes(content[1:], "big") >> content[0]
                n = 8 * (len(content) - 1) - content[0]
                self.fail_info = [i for i in range(n) if bits >> (n - 1 - i) & 1]

    def serial(self):
        """serialNumber, which follows the imprint in TSTInfo."""
        return element(self.body, self.body.index(self.digest) + len(self.digest))[1]

    def __repr__(self):
        return f"{self.kind} {self.why!r} of {self.policy} after {self.seconds:.3f} s"


class Connection:
    """Asks at most every so often; what is under way when it is lost has no answer."""

    def __init__(self, load, policy, first):
        self.load, self.policy = load, policy
        self.next = first
        self.socket, self.now, self.out, self.raw = None, None, b"", b""

    def connect(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.socket.connect_ex(self.load.address)
        self.load.selector.register(self.socket, selectors.EVENT_WRITE, self)

    def begin(self, now):
        self.now = Answer(self.policy)
        self.now.sent = now
        self.next = max(self.next + self.load.pause, now)
        head = f"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: {len(self.now.query)}\r\nContent-Type: {TSQ}\r\n\r\n"
        self.out, self.raw = head.encode() + self.now.query, b""
        if self.socket is None:
            self.connect()
        else:
            self.load.selector.modify(self.socket, selectors.EVENT_WRITE, self)

    def step(self, events):
        try:
            if events & selectors.EVENT_WRITE:
                self.out = self.out[self.socket.send(self.out):]
                if not self.out:
                    self.load.selector.modify(self.socket, selectors.EVENT_READ, self)
            if events & selectors.EVENT_READ:
                self.receive()
        except OSError as e:
            self.lost(str(e))

    def receive(self):
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionResetError("closed")
        self.raw += part
        head, _, body = self.raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        sizes = [int(line.split(":")[1]) for line in lines if line.startswith("content-length:")]
        if sizes and len(body) == sizes[0]:
            self.now.end(int(lines[0].split()[1]), body)
            self.finish()
            if "connection: close" in lines:
                self.close()

    def finish(self):
        self.load.answers.append(self.now)
        self.now = None

    def close(self):
        self.load.selector.unregister(self.socket)
        self.socket.close()
        self.socket = None

    def lost(self, why):
        if self.now is not None:
            self.now.done = time.monotonic()
            self.now.why = why
            self.finish()
        self.close()


class Load(threading.Thread):
    """Six connections, of every profile, until stop(); at most `most` requests."""

    def __init__(self, address, policies=(HYBRID, HYBRID, HYBRID, HYBRID, CLASSIC, PQ), pause=0.1, most=4000):
        super().__init__(daemon=True)
        self.address, self.pause, self.most = address, pause, most
        self.selector = selectors.DefaultSelector()
        self.answers = []
        self.ending = False
        self.stall = 0.0 # s, the longest that this thread, which is as light as a front's, came late to its work
        start = time.monotonic()
        step = pause / len(policies)
        self.connections = [Connection(self, policy, start + i * step) for i, policy in enumerate(policies)]
        self.start()

    def run(self):
        asked = 0
        while True:
            now = time.monotonic()
            for c in self.connections:
                if c.now is None and now >= c.next and asked < self.most and not self.ending:
                    c.begin(now)
                    asked += 1
                elif c.now is not None and now - c.now.sent > TIMEOUT:
                    c.lost("nothing came")
            if all(c.now is None for c in self.connections) and (self.ending or asked == self.most):
                break
            due = min((c.next for c in self.connections if c.now is None), default=now + 0.1)
            wait = max(0.0, min(due - now, 0.1))
            ready = self.selector.select(wait)
            late = time.monotonic() - now - wait
            self.stall = max(self.stall, late)
            for key, events in ready:
                key.data.step(events)
        for c in self.connections:
            if c.socket is not None:
                c.close()

    def await_tokens(self, n, since=None, seconds=30):
        """Until n tokens more have come, or that many of requests sent after the moment."""
        since = time.monotonic() if since is None else since
        end = time.monotonic() + seconds
        while sum(a.kind == "token" and a.sent >= since for a in list(self.answers)) < n:
            if time.monotonic() > end:
                raise TimeoutError("no tokens: %s" % self.answers[-3:])
            time.sleep(0.01)

    def stop(self):
        self.ending = True
        return self.done()

    def done(self):
        """After the last request."""
        self.join(TIMEOUT + self.most * self.pause / len(self.connections) + 5)
        assert not self.is_alive(), "a request hangs"
        return self.answers


def longest_gap(answers, since):
    """The longest time without a token, from the last one before the moment on."""
    times = sorted(a.done for a in answers if a.kind == "token")
    times = [t for t in times if t < since][-1:] + [t for t in times if t >= since]
    return max(b - a for a, b in zip(times, times[1:]))


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]


def verify_all(answers, folder, ca):
    """Each token is genuine to the client, of its query, with the signatures that its policy promises."""
    def judge(item):
        number, a = item
        base = os.path.join(folder, f"verify-{number}")
        write(base + ".tsq", a.query)
        write(base + ".tsr", a.body)
        done = subprocess.run([os.path.join(BIN, "quorate"), "verify", "--require", a.needs, "--query", base + ".tsq",
                               "--ca", ca, "--allow-simulated", base + ".tsr"], capture_output=True)
        os.unlink(base + ".tsq")
        os.unlink(base + ".tsr")
        return done.returncode, done.stdout

    tokens = [a for a in answers if a.kind == "token"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for code, text in pool.map(judge, enumerate(tokens)):
            assert code == 0, text.decode(errors="replace")
    serials = {a.serial() for a in tokens}
    assert len(serials) == len(tokens), "a serial number came twice"
    return len(tokens)
