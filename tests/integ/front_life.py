"""Run by front_life.sh; its arguments are the pid and the folder of a development authority."""
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import unittest

from front import Answer, Front, granted, post, query, read, reply_text, verifies, write

AUTHORITY = sys.argv.pop()
SUPERVISOR = int(sys.argv.pop())
CA = os.path.join(AUTHORITY, "ca.pem")


def core_pid():
    """The quorate-core that the supervisor runs now."""
    for name in os.listdir("/proc"):
        try:
            stat = read(f"/proc/{name}/stat").decode() if name.isdigit() else ""
        except OSError:
            continue
        if "(quorate-core)" in stat and int(stat.rsplit(")", 1)[1].split()[1]) == SUPERVISOR:
            return int(name)
    return None


class Life(unittest.TestCase):
    def start(self, more="", **rest):
        front = Front(AUTHORITY, more, **rest)
        self.addCleanup(self.check_end, front)
        self.data = os.path.join(front.dir, "data")
        write(self.data, b"some data\n")
        self.tsq = query(self.data, "-sha256", "-cert")
        front.wait_for(lambda: front.get("/readyz").status == 200)
        return front

    def check_end(self, front):
        self.assertEqual(front.stop(), 0, front.read_log())

    # ---- start ----

    def test_shuts_itself_in(self):
        """Filter of system calls on (but where a sanitizer forbids it), no new privileges, no core dump."""
        front = self.start()
        status = read(f"/proc/{front.process.pid}/status").decode()
        limits = read(f"/proc/{front.process.pid}/limits").decode()
        self.assertIn("NoNewPrivs:\t1", status)
        self.assertIn("Max core file size        0 ", limits)
        if "sandbox=on" in front.read_log():
            self.assertIn("Seccomp:\t2", status)
        else:
            self.assertIn("sanitizer", front.read_log())

    def test_notifies(self):
        path = os.path.join(os.path.dirname(AUTHORITY), "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(20)
            front = self.start(env={"NOTIFY_SOCKET": path})
            self.assertEqual(manager.recv(100), b"READY=1")
            front.signal(signal.SIGTERM)
            self.assertEqual(manager.recv(100), b"STOPPING=1")

    # ---- limits ----

    def test_rate(self):
        front = self.start("rate_per_s = 1\nrate_burst = 3\ntrusted_proxies = 127.0.0.0/8")
        first = "X-Forwarded-For: 192.0.2.1\r\n"

        def eight():
            begin = time.monotonic()
            answers = [front.post(self.tsq, "/", first) for _ in range(8)]
            spent = time.monotonic() - begin
            refused = [a for a in answers if a.status == 429]
            self.assertGreaterEqual(len(refused), 5 - int(spent) - 1)
            return refused # none where each takes a second

        refused = front.wait_for(eight)
        self.assertEqual(refused[0].headers["retry-after"], "1")
        self.assertFalse(refused[0].closes)
        for more in ["X-Forwarded-For: 192.0.2.2\r\n", "X-Forwarded-For: 192.0.2.1, 192.0.2.3\r\n"]:
            self.assertEqual(front.post(self.tsq, "/", more).status, 200)
        for _ in range(10):
            self.assertEqual(front.get("/readyz").status, 200)

    def test_connections(self):
        front = self.start("connections_max = 4\nthreads = 1")
        held = [front.connect() for _ in range(4)]
        for s in held: # the server has taken every one of them
            s.sendall(b"GET /ping HTTP/1.1\r\nHost: t\r\n\r\n")
            self.assertEqual(Answer(s).status, 200)
        with front.connect() as waits: # taken by the kernel, not by the front
            waits.sendall(b"GET /ping HTTP/1.1\r\nHost: t\r\n\r\n")
            for s in held:
                s.sendall(post(self.tsq))
                self.assertTrue(granted(Answer(s).body, front.dir))
            waits.setblocking(False)
            with self.assertRaises(BlockingIOError):
                waits.recv(1)
            waits.settimeout(20)
            for s in held:
                s.close()
            self.assertEqual(Answer(waits).body, b"pong\n")

    def test_silent_connections_keep_nobody_out(self):
        front = self.start("connections_max = 16\nthreads = 1\nread_timeout_s = 3600")
        held = [front.connect() for _ in range(40)]
        for s in held:
            self.addCleanup(s.close)
        self.assertTrue(granted(front.post(self.tsq).body, front.dir))

    def test_slow_senders(self):
        """A byte now and then keeps no connection: of a head, of a body, of silence between two requests."""
        front = self.start("read_timeout_s = 1")
        whole = post(self.tsq)
        head = whole[:-len(self.tsq)]
        for ready, slow in [(b"", b"GET / HTTP/1.1\r\nX: " + b"x" * 500), (head, self.tsq * 9), (b"", b"")]:
            begin = time.monotonic() # what the front gives it begins when it is taken, which is not before it connects
            with front.connect() as s:
                s.settimeout(0.1)
                s.sendall(ready)
                got = None
                for i in range(300):
                    try:
                        if slow:
                            s.sendall(slow[i:i + 1])
                        got = s.recv(1)
                        break
                    except socket.timeout:
                        continue
                    except ConnectionError:
                        got = b""
                        break
                self.assertEqual(got, b"", "not closed")
                self.assertGreater(time.monotonic() - begin, 0.9)

    # ---- the work takes too long ----

    def test_deadline(self):
        front = self.start("deadline_ms = 300")
        pid = core_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            begin = time.monotonic()
            body = front.post(self.tsq).body
            spent = time.monotonic() - begin
        finally:
            os.kill(pid, signal.SIGCONT)
        text = reply_text(body, front.dir)
        self.assertIn("Failure info: the request cannot be handled due to system failure", text)
        self.assertGreater(spent, 0.29)
        self.assertLess(spent, 5)
        front.wait_for(lambda: granted(front.post(self.tsq).body, front.dir))

    def test_drain(self):
        """What was read is answered, with Connection: close; then the front ends by itself."""
        front = self.start("deadline_ms = 20000")
        pid = core_pid()
        idle = front.connect()
        os.kill(pid, signal.SIGSTOP)
        try:
            asked = [front.connect() for _ in range(40)]
            for s in asked:
                s.sendall(post(self.tsq))
            # All have been read once the server has as many requests under way.
            front.wait_for(lambda: self.active(front) >= 40)
            front.signal(signal.SIGTERM)
            front.logged("stopping ")
        finally:
            os.kill(pid, signal.SIGCONT)
        for s in asked:
            answer = Answer(s)
            self.assertTrue(answer.closes and answer.closed)
            self.assertTrue(granted(answer.body, front.dir))
            s.close()
        self.assertEqual(front.process.wait(timeout=30), 0)
        self.assertEqual(idle.recv(1), b"")
        idle.close()
        with self.assertRaises(ConnectionError):
            front.connect()

    def active(self, front):
        """Sockets of the front whose bytes have all been read: nothing is left in the receive queues."""
        lines = read("/proc/net/tcp").decode().split("\n")[1:-1]
        port = "%04X" % front.address[1]
        rows = [line.split() for line in lines]
        return sum(1 for r in rows if r[1].endswith(":" + port) and r[3] == "01" and r[4].endswith(":00000000")) - 1

    # ---- reload ----

    def test_reload(self):
        front = self.start("query_max = 2000")
        self.assertEqual(front.post(b"x" * 3000).status, 413)
        front.write("query_max = 4000")
        front.signal(signal.SIGHUP)
        front.logged("config_reloaded")
        self.assertEqual(front.post(b"x" * 3000).status, 200)
        for bad in ["query_max = x", "unknown = 1", "trusted_proxies = x"]:
            seen = front.read_log().count("config_refused")
            front.write(bad)
            front.signal(signal.SIGHUP)
            front.logged("config_refused", seen + 1)
            self.assertEqual(front.post(b"x" * 3000).status, 200)
            self.assertTrue(granted(front.post(self.tsq).body, front.dir))
        self.assertIn("quorate.conf:6: query_max: not a number", front.read_log())

    def test_reload_waits_for_nobody(self):
        """A configuration that is a pipe does not stop the front."""
        front = self.start()
        os.unlink(front.conf)
        os.mkfifo(front.conf)
        front.signal(signal.SIGHUP)
        front.logged("config_refused")
        os.unlink(front.conf)
        front.write()
        front.signal(signal.SIGHUP)
        front.logged("config_reloaded")

    def test_reload_of_a_bad_chain(self):
        front = self.start()
        bad = os.path.join(front.dir, "bad.pem")
        write(bad, read(CA))
        for why, path in [("extendedKeyUsage", bad), ("No such file", "/nonexistent")]:
            front.write("", chain=path)
            front.signal(signal.SIGHUP)
            front.wait_for(lambda: "certificate_refused" in front.read_log() and why in front.read_log())
            self.assertTrue(granted(front.post(self.tsq).body, front.dir))

    def test_policy_that_the_core_lacks(self):
        front = self.start()
        front.write("", policy="1.2.3.4")
        front.signal(signal.SIGHUP)
        front.logged("config_refused")
        self.assertIn("system failure", reply_text(front.post(self.tsq).body, front.dir))
        self.assertEqual(front.get("/readyz").status, 503)

    # ---- HTTPS ----

    def make_tls(self, front_dir, name):
        cert, key = os.path.join(front_dir, name + ".pem"), os.path.join(front_dir, name + ".key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:localhost", "-days", "2",
                        "-keyout", key, "-out", cert], check=True, stderr=subprocess.DEVNULL)
        return cert, key

    def test_https(self):
        folder = os.path.dirname(AUTHORITY)
        one, two = self.make_tls(folder, "one"), self.make_tls(folder, "two")
        live = os.path.join(folder, "live.pem"), os.path.join(folder, "live.key")

        def put(cert, key):
            write(live[0], read(cert))
            write(live[1], read(key))

        put(*one)
        front = Front(AUTHORITY, f"tls_certificate = {live[0]}\ntls_key = {live[1]}")
        self.addCleanup(self.check_end, front)
        data = os.path.join(front.dir, "data")
        write(data, b"some data\n")
        tsq = query(data, "-sha256", "-cert")

        def trusts(cert):
            tls = ssl.create_default_context(cafile=cert)
            try:
                return verifies(front.post(tsq, tls=tls).body, data, front.dir, CA)
            except ssl.SSLError:
                return False

        front.wait_for(lambda: trusts(one[0]))
        self.assertFalse(trusts(two[0]))
        put(*two)
        front.signal(signal.SIGHUP)
        front.logged("config_reloaded")
        self.assertTrue(trusts(two[0]))
        self.assertFalse(trusts(one[0]))
        put(one[0], two[1]) # not its key
        front.signal(signal.SIGHUP)
        front.logged("tls_key is not its key")
        self.assertTrue(trusts(two[0]))
        with front.connect() as s: # plain HTTP on the HTTPS port
            s.sendall(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
            try:
                self.assertNotIn(b"HTTP/1.1 200", s.recv(100))
            except ConnectionResetError:
                pass

    # ---- a new core ----

    def test_new_core(self):
        front = self.start()
        before = front.get("/tsa_cert.pem").body
        os.kill(core_pid(), signal.SIGKILL)
        statuses = set()

        def again():
            answer = front.post(self.tsq)
            statuses.add(answer.status)
            return granted(answer.body, front.dir) and front.get("/tsa_cert.pem").body != before

        front.wait_for(again, 60)
        self.assertEqual(statuses, {200}) # rejections in the meantime, nothing else
        self.assertTrue(verifies(front.post(self.tsq).body, self.data, front.dir, CA))
        self.assertIsNone(front.process.poll())

    def test_starts_without_core_and_chain(self):
        """The order in which things start does not matter; until all are there, requests are rejected."""
        folder = os.path.join(os.path.dirname(AUTHORITY), "early")
        os.mkdir(folder)
        front = Front(folder)
        self.addCleanup(self.check_end, front)
        self.assertEqual(front.get("/readyz").status, 503)
        self.assertEqual(front.get("/ca.pem").status, 503)
        tsq = self.early_query(front)
        self.assertIn("system failure", reply_text(front.post(tsq).body, front.dir))
        self.assertIn("wrong format", reply_text(front.post(b"x").body, front.dir)) # what is wrong is said first
        for name in ["chain.pem", "core.sock"]:
            os.symlink(os.path.join(AUTHORITY, name), os.path.join(folder, name))
        front.wait_for(lambda: front.get("/readyz").status == 200)
        self.assertTrue(granted(front.post(tsq).body, front.dir))

    def early_query(self, front):
        path = os.path.join(front.dir, "data")
        write(path, b"early")
        return query(path, "-sha512")

    def test_refuses_to_start(self):
        with self.assertRaises(AssertionError) as caught:
            Front(AUTHORITY, "listen = 127.0.0.1:99999")
        self.assertIn("no address", str(caught.exception))
        taken = socket.create_server(("127.0.0.1", 0))
        with self.assertRaises(AssertionError) as caught:
            Front(AUTHORITY, "listen = 127.0.0.1:%d" % taken.getsockname()[1])
        self.assertIn("Address already in use", str(caught.exception))
        taken.close()


unittest.main(verbosity=0)
