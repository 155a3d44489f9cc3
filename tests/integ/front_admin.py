"""Run by front_admin.sh; its argument is the folder of a development authority. Whatever comes over the admin socket: metrics are
still served, tokens are made meanwhile, and nothing grows."""
import os
import random
import re
import socket
import stat
import sys
import time
import unittest

from front import Answer, Front, granted, query, read, write

AUTHORITY = sys.argv.pop()
PLACES = 64      # FRONT_ADMIN_CONNECTIONS_MAX
PATIENCE = 15    # s, half of read_timeout_s
GROWTH = 16384   # KiB
METRICS = b"GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n"


class Admin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.front = Front(AUTHORITY, "admin = unix:admin.sock\nthreads = 2")
        cls.path = os.path.join(cls.front.dir, "admin.sock")
        data = os.path.join(cls.front.dir, "data")
        write(data, b"some data\n")
        cls.tsq = query(data, "-sha256", "-cert")
        cls.front.wait_for(lambda: cls.front.get("/readyz").status == 200)

    @classmethod
    def tearDownClass(cls):
        assert cls.front.stop() == 0, cls.front.read_log()

    def connect(self, timeout=PATIENCE):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(timeout)
        s.connect(self.path)
        return s

    def setUp(self):
        self.serves()
        self.before = self.used()

    def used(self):
        """(resident KiB, open descriptors)."""
        pid = self.front.process.pid
        return (int(re.search(r"VmRSS:\s+(\d+)", read(f"/proc/{pid}/status").decode())[1]), len(os.listdir(f"/proc/{pid}/fd")))

    def serves(self):
        """One who asks properly has an answer, and a token can be had."""
        begin = time.monotonic()
        with self.connect() as s:
            s.sendall(METRICS)
            self.assertEqual(Answer(s).status, 200)
        self.assertLess(time.monotonic() - begin, PATIENCE)
        self.assertTrue(granted(self.front.post(self.tsq).body, self.front.dir))

    def tearDown(self):
        self.serves()
        memory, descriptors = self.front.wait_for(lambda: self.used()[1] <= self.before[1] + 4 and self.used())
        self.assertLess(memory - self.before[0], GROWTH, (self.before, memory, descriptors))

    def sends(self, data):
        """The status of the answer; None: the end, or it waits for more."""
        with self.connect(1) as s:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
                return Answer(s).status
            except (EOFError, ConnectionError, TimeoutError):
                return None

    def test_only_its_user_may_connect(self):
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode) & 0o007, 0)

    def test_garbage(self):
        chance = random.Random(4)
        for n in (1, 2, 16, 100, 1000, 20000, 200000):
            self.assertIn(self.sends(chance.randbytes(n)), (None, 400, 405, 413, 414, 431))
        for data in (b"\0" * 5000, b"\r\n" * 5000, b"GET", b"GET /metrics\r\n", b"GET /metrics HTTP/9.9\r\n\r\n",
                     b"GET \0/metrics HTTP/1.1\r\nHost: t\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 50,
                     METRICS[:-2] + b": no name\r\n\r\n", METRICS[:-2] + b"Content-Length: -1\r\n\r\n",
                     METRICS[:-2] + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"):
            self.assertNotEqual(self.sends(data), 500, data[:40])

    def test_oversize(self):
        """Each is refused, without being kept: the whole of it is many times what may grow."""
        for data in (b"GET /" + b"x" * 400000 + b" HTTP/1.1\r\nHost: t\r\n\r\n",
                     METRICS[:-2] + b"X: y\r\n" * 50000 + b"\r\n", METRICS[:-2] + b"X: " + b"y" * 400000 + b"\r\n\r\n"):
            self.assertIn(self.sends(data), (None, 400, 413, 414, 431))
        for length in (b"1000000000000", b"18446744073709551616", b"99999999999999999999999999"):
            head = b"POST /status HTTP/1.1\r\nHost: t\r\nContent-Length: " + length + b"\r\n\r\n"
            self.assertIn(self.sends(head + bytes(500000)), (None, 400, 405, 413))
        chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
        self.assertIn(self.sends(b"POST /status HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 300),
                      (None, 400, 405, 413))

    def held(self, n, data):
        """Connections beyond the places, each with so much sent; who cannot say it all is not heard."""
        held = []
        for _ in range(n):
            s = self.connect()
            s.setblocking(False)
            try:
                s.send(data)
            except OSError:
                pass
            held.append(s)
        return held

    def crowded(self, data):
        held = self.held(PLACES + 16, data)
        self.serves()
        for s in held:
            s.close()

    def test_half_requests(self):
        self.crowded(METRICS[:-2])

    def test_bodies_that_do_not_come(self):
        self.crowded(b"POST /status HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\n12")

    def test_who_asks_and_does_not_read(self):
        self.crowded(METRICS * 400)

    def test_a_crowd_comes_and_goes(self):
        for _ in range(5):
            for s in self.held(PLACES * 2, METRICS):
                s.close()


unittest.main(verbosity=0)
