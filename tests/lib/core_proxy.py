"""Between a front and one core: passes frames (docs/wire.md 1) on, or does to them what a core that lies would do."""
import os
import socket
import struct
import threading

HEAD = struct.Struct("<BBBBIQ") # magic, version, type, zero, body length, request id
HELLO, STATE, R1, R2, R3, LIST, ERROR = 0x81, 0x82, 0x90, 0x91, 0x92, 0xd3, 0xff
SESSION = 1 << 63 # of the request ids of what several cores sign together (host/coord/quorum_step.h)
# Which of these: of the pq key, or of the classic key (host/coord/classic_step.h), or any.
PQ, CLASSIC, ANY = (2, ), (3, ), (2, 3)


def take(s, n):
    """n bytes; EOFError at the end."""
    out = bytearray()
    while len(out) < n:
        part = s.recv(n - len(out))
        if not part:
            raise EOFError
        out += part
    return bytes(out)


class Lie:
    """What becomes of an answer: the bytes that are sent instead, in pieces; None closes the connection."""

    def __call__(self, kind, number, body):
        return [HEAD.pack(0x51, 1, kind, 0, len(body), number) + body]


def is_of(session, number):
    """Whether an answer is of such sessions; None: of whatever else, too."""
    return session is None or number >> 62 in session


class Flip(Lie):
    """One bit in the answers of this type; session: only in those of such sessions."""

    def __init__(self, kind, at, session=None):
        self.kind, self.at, self.session = kind, at, session

    def __call__(self, kind, number, body):
        if kind == self.kind and is_of(self.session, number) and len(body) > abs(self.at):
            body = bytearray(body)
            body[self.at] ^= 1
        return super().__call__(kind, number, bytes(body))


class Instead(Lie):
    """Something else in place of the answers of these types; None closes the connection after half of one."""

    def __init__(self, kinds, what, session=None):
        self.kinds, self.what, self.session = kinds, what, session

    def __call__(self, kind, number, body):
        whole = super().__call__(kind, number, body)
        if kind not in self.kinds or not is_of(self.session, number):
            return whole
        return self.what(whole[0], kind, number, body)


class Proxy:
    """Listens on its own socket beside the core's."""

    def __init__(self, core, path):
        self.core, self.path = core, path
        self.lie = Lie()
        self.told = 0 # answers that were not passed on as they came
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(8)
        self.ending = False
        self.open = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.ending:
            try:
                front, _ = self.listener.accept()
            except OSError:
                return
            core = socket.socket(socket.AF_UNIX)
            self.open += [front, core]
            try:
                core.connect(self.core)
            except OSError:
                self.end(front, core)
            threading.Thread(target=self.ask, args=(front, core), daemon=True).start()
            threading.Thread(target=self.answer, args=(core, front), daemon=True).start()

    def end(self, *sockets):
        for s in sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def ask(self, front, core):
        try:
            while part := front.recv(262144):
                core.sendall(part)
        except OSError:
            pass
        self.end(front, core)
        front.close()

    def answer(self, core, front):
        try:
            while True:
                _, _, kind, _, n, number = HEAD.unpack(take(core, HEAD.size))
                body = take(core, n)
                pieces = self.lie(kind, number, body)
                if type(self.lie) is not Lie and pieces != Lie()(kind, number, body):
                    self.told += 1
                if pieces is None:
                    break
                for piece in pieces:
                    if self.ending:
                        break
                    front.sendall(piece)
        except (OSError, EOFError):
            pass
        self.end(front, core)
        core.close()

    def reconnect(self):
        """The front's connections end, as if the core had closed them."""
        self.end(*self.open)
        self.open = [s for s in self.open if s.fileno() >= 0]

    def stop(self):
        self.ending = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.end(*self.open)
        os.unlink(self.path)
