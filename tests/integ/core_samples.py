"""Plays the time client of a core. Arguments: socket of the host, socket of the time client. CLOCK_REALTIME is true here."""
import socket
import struct
import sys
import time

from timed_core import true_tai

HELLO, STATE, TIME_SAMPLE, TIME_STATUS, ANSWER, ERROR = 1, 2, 0x40, 0x42, 0x80, 0xFF
ERR_TYPE, ERR_STALE = 0x0205, 0x0206
TIME_SYNC, WAITING = 3, 4
CLOCK_NTS = 3
SECOND = 10 ** 9


def connect(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    s.connect(path)
    return s


def take(s, n):
    got = b''
    while len(got) < n:
        more = s.recv(n - len(got))
        assert more, 'the core closed the connection'
        got += more
    return got


def call(s, kind, body=b''):
    """The answer's type and body."""
    s.sendall(struct.pack('<BBBBIQ', 0x51, 1, kind, 0, len(body), 7) + body)
    _, _, answer, _, n, _ = struct.unpack('<BBBBIQ', take(s, 16))
    return answer, take(s, n)


def sample(seq, off_ns=0, half_ns=10 ** 6):
    counter = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
    tai = true_tai(counter, 37) + off_ns
    return struct.pack('<QqqqqBBBBBB', seq, counter, counter, tai - half_ns, tai + half_ns, 4, 3, 4, 0, 0, 0)


def reason(s):
    """Why the time holds or does not, and how often it was adjusted, as TIME_STATUS says."""
    answer, body = call(s, TIME_STATUS)
    assert answer == TIME_STATUS | ANSWER
    return body[3], struct.unpack('<Q', body[88:96])[0]


def state(s):
    """State, whether the time is valid, and its span."""
    _, body = call(s, STATE)
    number, _, valid, _, lo, hi = struct.unpack('<BHBBqq', body[:21])
    return number, valid, lo, hi


host, client = connect(sys.argv[1]), connect(sys.argv[2])
assert call(host, HELLO)[1][65] == CLOCK_NTS
assert state(host)[:2] == (TIME_SYNC, 0) and reason(host) == (1, 0)
assert call(host, TIME_SAMPLE, sample(1)) == (ERROR, struct.pack('<H', ERR_TYPE)), 'the host set the time'
assert state(host)[:2] == (TIME_SYNC, 0)
assert call(client, TIME_SAMPLE, sample(1)) == (TIME_SAMPLE | ANSWER, b'')
before = time.time_ns()
number, valid, lo, hi = state(host)
after = time.time_ns()
assert (number, valid) == (WAITING, 1), number
assert reason(host) == (0, 1), 'the time holds, by one sample'
assert lo <= after + 10 ** 6 and hi >= before - 10 ** 6 and hi - lo < 10 ** 8, (lo - after, hi - before)
assert call(client, TIME_SAMPLE, sample(1)) == (ERROR, struct.pack('<H', ERR_STALE))
assert call(client, TIME_SAMPLE, sample(2)[:-1])[0] == ERROR
client = connect(sys.argv[2])  # a malformed frame ends a connection
assert call(client, TIME_SAMPLE, sample(3, off_ns=SECOND))[0] == TIME_SAMPLE | ANSWER
assert state(host)[:2] == (WAITING, 0), 'samples that exclude one another'
