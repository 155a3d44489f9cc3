"""A quorate-front of a test's own, beside the core of a development authority (tests/lib/authority.sh)."""
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import time

BIN = os.environ["QUORATE_BIN"]
POLICY = "1.3.6.1.4.1.32473.3161.1.91"
TSQ = "application/timestamp-query"


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


class Front:
    """Started with more lines for [front]; ended by pid."""

    def __init__(self, authority, more="", journal="", env=None):
        self.dir = tempfile.mkdtemp(dir=os.path.dirname(authority))
        self.conf = os.path.join(self.dir, "quorate.conf")
        self.authority = authority
        self.write(more, journal)
        self.log_path = os.path.join(self.dir, "log")
        self.log = open(self.log_path, "wb")
        self.process = subprocess.Popen([os.path.join(BIN, "quorate-front"), "--config", self.conf],
                                        stderr=self.log, env={**os.environ, **(env or {})})
        try:
            self.addresses = self.wait_for(self.read_addresses)
        except AssertionError:
            self.stop()
            raise
        host, port = self.addresses[0].rsplit(":", 1)
        self.address = (host, int(port))

    def write(self, more="", journal="", policy=POLICY, chain=None):
        with open(self.conf, "w") as f:
            f.write(f"[front]\nlisten = 127.0.0.1:0\naddress_file = addr\n"
                    f"core = unix:{self.authority}/core.sock\n"
                    f"chain = {chain or self.authority + '/chain.pem'}\n{more}\n"
                    f"[journal]\ndir = journal\n{journal}\n"
                    f"[policy p]\noid = {policy}\nnumber = 3\n")

    def read_addresses(self):
        path = os.path.join(self.dir, "addr")
        return read(path).decode().split() if os.path.exists(path) else None

    def wait_for(self, what, seconds=30):
        """Asks until there is an answer; the pause only keeps the CPU free."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError("the front has ended: " + self.read_log())
            answer = what()
            if answer:
                return answer
            time.sleep(0.01)
        raise AssertionError("nothing after %d s: %s" % (seconds, self.read_log()))

    def read_log(self):
        return read(self.log_path).decode(errors="replace")

    def logged(self, word, times=1):
        return self.wait_for(lambda: self.read_log().count(word) >= times)

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.log.close()
        return status

    def connect(self, tls=None):
        s = socket.create_connection(self.address, timeout=20)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return tls.wrap_socket(s, server_hostname="localhost") if tls else s

    def ask(self, data, tls=None, method="GET"):
        """Sends the bytes on a connection of its own; gives the one answer."""
        with self.connect(tls) as s:
            s.sendall(data)
            return Answer(s, method)

    def get(self, path, tls=None):
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: t\r\n\r\n".encode(), tls)

    def post(self, body, path="/", more="", kind=TSQ, tls=None):
        return self.ask(post(body, path, more, kind), tls)


def post(body, path="/", more="", kind=TSQ):
    head = f"POST {path} HTTP/1.1\r\nHost: t\r\nContent-Length: {len(body)}\r\n"
    head += f"Content-Type: {kind}\r\n" if kind else ""
    return (head + more + "\r\n").encode() + body


class Answer:
    """One HTTP/1.1 answer read from a socket: status, headers, body, and whether the peer closed after it."""

    def __init__(self, s, method="GET"):
        self.raw = b""
        while b"\r\n\r\n" not in self.raw:
            self.more(s)
        head, self.body = self.raw.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            assert name.lower() not in self.headers, "repeated " + name
            self.headers[name.lower()] = value.strip()
        if self.status == 100:
            return
        n = 0 if method == "HEAD" else int(self.headers["content-length"])
        while len(self.body) < n:
            self.raw = b""
            self.more(s)
            self.body += self.raw
        self.left = self.body[n:]
        self.body = self.body[:n]
        self.type = self.headers.get("content-type")
        self.closes = self.headers.get("connection", "").lower() == "close"
        if self.closes:
            try:
                self.closed = s.recv(1) == b""
            except (ConnectionResetError, ssl.SSLError):
                self.closed = True

    def more(self, s):
        part = s.recv(65536)
        if not part:
            raise EOFError("closed after %r" % self.raw)
        self.raw += part


def query(path, *options):
    """The bytes of a TimeStampReq for the file at path."""
    out = path + ".tsq"
    subprocess.run(["openssl", "ts", "-query", "-data", path, "-out", out, *options], check=True,
                   stderr=subprocess.DEVNULL)
    return read(out)


def reply_text(der, folder):
    """What openssl ts -reply says of it."""
    path = os.path.join(folder, "reply.tsr")
    write(path, der)
    done = subprocess.run(["openssl", "ts", "-reply", "-in", path, "-text"], capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def granted(der, folder):
    return "Status: Granted." in reply_text(der, folder)


def verifies(der, data, folder, ca):
    """Whether openssl ts -verify takes the reply for the file data."""
    path = os.path.join(folder, "verify.tsr")
    write(path, der)
    done = subprocess.run(["openssl", "ts", "-verify", "-in", path, "-data", data, "-CAfile", ca],
                          capture_output=True)
    return b"Verification: OK" in done.stdout
