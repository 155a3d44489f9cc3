"""A core's side of quorate-tsm: asks, answers, and what is in an evidence block."""
import base64
import os
import socket
import struct
import sys

HEADER = struct.Struct("<BBBBIQ")
TSM_REPORT = 0x70
KINDS = {1: "report", 2: "vek", 3: "ask", 4: "ark", 5: "crl"}


class Core:
    """Listens as a core does; each connection is a Tsm."""

    def __init__(self, path):
        if os.path.exists(path):
            os.unlink(path)
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.bind(path)
        self.sock.listen(4)

    def accept(self):
        return Tsm(self.sock.accept()[0])


class Tsm:
    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(20)
        self.bytes = b""

    def send(self, number, body, kind=TSM_REPORT):
        self.sock.sendall(HEADER.pack(0x51, 1, kind, 0, len(body), number) + body)

    def read(self):
        """(type, request id, body), or None at the end."""
        while True:
            if len(self.bytes) >= HEADER.size:
                _, _, kind, _, length, number = HEADER.unpack(self.bytes[: HEADER.size])
                if len(self.bytes) >= HEADER.size + length:
                    body = self.bytes[HEADER.size : HEADER.size + length]
                    self.bytes = self.bytes[HEADER.size + length :]
                    return kind, number, body
            more = self.sock.recv(65536)
            if not more:
                return None
            self.bytes += more


def parts(block):
    version, form, n = block[:3]
    assert (version, form) == (1, 1), block[:3]
    out, at = {}, 3
    for _ in range(n):
        kind, length = struct.unpack("<BI", block[at : at + 5])
        out[KINDS[kind]] = block[at + 5 : at + 5 + length]
        at += 5 + length
    assert at == len(block)
    return out


def pem(der, label):
    text = base64.encodebytes(der).decode()
    return "-----BEGIN %s-----\n%s-----END %s-----\n" % (label, text, label)


def fetch(path, folder):
    """One report with REPORT_DATA 0, 1, 2.. into files of folder."""
    tsm = Core(path).accept()
    tsm.send(7, bytes(range(64)))
    kind, number, body = tsm.read()
    assert (kind, number) == (TSM_REPORT | 0x80, 7), (kind, number, body)
    p = parts(body)
    for name in ("report", "vek", "crl"):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(p[name])
    with open(os.path.join(folder, "chain.pem"), "w", encoding="ascii") as f:
        f.write(pem(p["ask"], "CERTIFICATE") + pem(p["ark"], "CERTIFICATE"))
    print(p["report"][0x140:0x160].hex())  # REPORT_ID


def refused(core, number, error):
    """It says so, ends the connection, and comes again."""
    tsm = core.accept()
    yield tsm
    kind, got, body = tsm.read()
    assert (kind, got, body) == (0xFF, number, struct.pack("<H", error)), (kind, got, body)
    assert tsm.read() is None


def abuse(path):
    """Many asks at once come in order; what is no ask ends a connection, and a core that goes is found again."""
    core = Core(path)
    tsm = core.accept()
    for number in range(40):
        tsm.send(number, bytes([number]) * 64)
    for number in range(40):
        kind, got, body = tsm.read()
        assert (kind, got) == (TSM_REPORT | 0x80, number)
        assert parts(body)["report"][0x50:0x90] == bytes([number]) * 64
    tsm.sock.close()
    for tsm in refused(core, 2, 0x0106):
        tsm.send(2, bytes(63))
    for tsm in refused(core, 0, 0x0103):
        tsm.sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
    for tsm in refused(core, 3, 0x0205):
        tsm.send(3, bytes(64), 0x10)
    tsm = core.accept()  # half an ask, then gone; the next core listens anew
    tsm.sock.sendall(HEADER.pack(0x51, 1, TSM_REPORT, 0, 64, 1) + bytes(10))
    tsm.sock.close()
    core.sock.close()
    tsm = Core(path).accept()
    tsm.send(4, bytes(64))
    assert tsm.read()[1] == 4


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
