"""The host between the cores of a key ceremony (docs/wire.md 2.6 and 4.2), for tests in which it is a bad one."""
import os
import socket
import struct
import subprocess
from collections import namedtuple

from core_proxy import ERROR, HEAD, Proxy, take

BIN = os.environ["QUORATE_BIN"]
BEGIN, STEP, RECORD, ANSWER = 0x30, 0x31, 0x32, 0x80
RUNNING, FINISHED = 1, 3
TO_ALL, HASH, SIGNATURE = 0xff, 48, 96
T_COMMIT = 8
STEP_MAX = 458752
WAIT = 60 # s, that a core may take for an answer

Message = namedtuple("Message", "round sender to whole")
Answer = namedtuple("Answer", "state reason accused told_by proven more id messages")


class Closed(Exception):
    """The core ended the connection."""


class Refused(Exception):
    """The core answered with this error."""


def messages(data):
    out, at = [], 0
    while at < len(data):
        kind, sender, to, n = struct.unpack_from("<BBBI", data, at)
        out.append(Message(kind, sender, to, data[at:at + 7 + n + SIGNATURE]))
        at += 7 + n + SIGNATURE
    return out


def connected(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(WAIT)
    s.connect(path)
    return s


def tell(s, kind, body=b""):
    """Asks the core at the other end of this socket."""
    try:
        s.sendall(HEAD.pack(0x51, 1, kind, 0, len(body), 9) + body)
    except (BrokenPipeError, ConnectionResetError):
        raise Closed from None


def hear(s, kind):
    """The body of its answer to that."""
    try:
        _, _, got, _, n, _ = HEAD.unpack(take(s, HEAD.size))
        answer = take(s, n)
    except (EOFError, ConnectionResetError):
        raise Closed from None
    if got == ERROR:
        raise Refused(struct.unpack("<H", answer)[0])
    assert got == kind | ANSWER, hex(got)
    return answer


def ask(s, kind, body=b""):
    tell(s, kind, body)
    return hear(s, kind)


class Core:
    """quorate-core --member, its socket in folder."""

    def __init__(self, folder, place):
        self.place = place
        self.path = os.path.join(folder, f"core-{place}.sock")
        self.log = open(os.path.join(folder, f"core-{place}.log"), "wb+")
        self.process = subprocess.Popen(
            [os.path.join(BIN, "quorate-core"), "--listen", f"unix:{self.path}", "--clock", "kernel", "--policy",
             "1,classic,1.3.6.1.4.1.32473.3161.1.95,3,100,1000", "--policy", "2,pq,1.3.6.1.4.1.32473.3161.1.96,3,100,1000",
             "--member", "--allow-unlocked"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for line in self.process.stderr:
            self.log.write(line)
            if line.startswith(b"ready "):
                break
        self.connection = self.connect()

    def connect(self):
        return connected(self.path)

    def ask(self, kind, body=b"", s=None):
        """The body of the answer."""
        return ask(s or self.connection, kind, body)

    def turn(self, kind, body=b"", s=None):
        """The same of BEGIN and STEP."""
        answer = self.ask(kind, body, s)
        return Answer(*answer[:6], answer[6:6 + HASH], messages(answer[6 + HASH:]))

    def resident(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024

    def stop(self):
        """Its exit status; the rest of what it said is then in the log."""
        self.connection.close()
        if self.process.poll() is None:
            self.process.terminate()
        with self.process.stderr as rest, self.log as log:
            log.write(rest.read())
        return self.process.wait(timeout=WAIT)


class Tap(Proxy):
    """Between a driver and a core: keeps what the driver asks, and stops to listen before the first message of a round."""

    def __init__(self, core, path, halt, stuck, go_on):
        self.begun, self.carried = None, []
        self.halt, self.stuck, self.go_on = halt, stuck, go_on
        super().__init__(core, path)

    def ask(self, front, core):
        try:
            while True:
                head = take(front, HEAD.size)
                _, _, kind, _, n, _ = HEAD.unpack(head)
                body = take(front, n)
                if kind == BEGIN:
                    self.begun = body
                if kind == STEP:
                    self.carried += messages(body)
                if self.carried and self.carried[-1].round >= self.halt:
                    self.stuck.set()
                    self.go_on.wait(WAIT)
                core.sendall(head + body)
        except (OSError, EOFError):
            pass
        self.end(front, core)
        front.close()


class Host:
    """Carries the messages of one ceremony. What is for core late waits until nothing else is under way, so that it comes
    out of order."""

    def __init__(self, cores, plan, nonce):
        self.cores, self.plan, self.nonce = cores, plan, nonce
        self.inbox = [[] for _ in cores]
        self.more = [False] * len(cores)
        self.last = [None] * len(cores)
        self.carried = [] # every message, once

    def took(self, place, answer):
        self.last[place], self.more[place] = answer, answer.more == 1
        for m in answer.messages:
            self.carried.append(m)
            for to in range(len(self.cores)):
                if to != m.sender and m.to in (to, TO_ALL):
                    self.inbox[to].append(m)
        return answer

    def begin(self):
        for place, core in enumerate(self.cores):
            self.took(place, core.turn(BEGIN, self.nonce + self.plan))

    def step(self, place):
        """Fetches what waits, or brings what there is."""
        part = b""
        while not self.more[place] and self.inbox[place] and len(part) + len(self.inbox[place][0].whole) <= STEP_MAX:
            part += self.inbox[place].pop(0).whole
        return self.took(place, self.cores[place].turn(STEP, part))

    def moves(self, place):
        return self.more[place] or bool(self.inbox[place])
