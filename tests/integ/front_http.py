"""Run by front_http.sh; its argument is the folder of a development authority."""
import base64
import hashlib
import json
import os
import socket
import subprocess
import sys
import unittest

from front import BIN, TSQ, Answer, Front, granted, post, query, read, reply_text, verifies, write

AUTHORITY = sys.argv.pop()
CA = os.path.join(AUTHORITY, "ca.pem")


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.front = Front(AUTHORITY, "data_stamping = yes\ndata_max = 200000\n"
                                     "admin = unix:admin.sock\nthreads = 2")
        cls.dir = cls.front.dir
        cls.data = os.path.join(cls.dir, "data")
        with open(cls.data, "wb") as f:
            f.write(b"some data\n")
        cls.tsq = query(cls.data, "-sha384", "-cert")

    @classmethod
    def tearDownClass(cls):
        assert cls.front.stop() == 0, cls.front.read_log()

    def refused(self, answer, status, closes=False):
        """Our own body, and the connection as it must be."""
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.type, "application/json")
        said = json.loads(answer.body)
        self.assertEqual(said["status"], status)
        self.assertTrue(said["error"])
        self.assertEqual(answer.closes, closes)
        if closes:
            self.assertTrue(answer.closed)

    def granted(self, answer):
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.type, "application/timestamp-reply")
        self.assertEqual(answer.headers["cache-control"], "no-store")
        self.assertTrue(verifies(answer.body, self.data, self.dir, CA))

    # ---- what is served where ----

    def test_every_path_stamps(self):
        for path in ["/", "/tsa", "/tsr", "/timestamp", "/api/v1/timestamp", "/tsr?x=1", "http://t/tsr"]:
            self.granted(self.front.post(self.tsq, path))

    def test_media_type_with_parameters(self):
        for kind in [TSQ + "; charset=utf-8", TSQ.upper(), TSQ + ' ; a="b;c"']:
            self.granted(self.front.post(self.tsq, "/tsr", kind=kind))

    def test_other_media_types(self):
        for kind in ["text/plain", "application/json", "application/timestamp-queryx", "x", ""]:
            answer = self.front.post(self.tsq, "/tsr", kind=kind)
            self.refused(answer, 415)
            self.assertEqual(answer.headers["accept-post"], TSQ)
        answer = self.front.post(self.tsq, "/api/v1/timestamp", kind="text/plain")
        self.assertEqual(answer.headers["accept-post"], TSQ + ", application/json")
        self.refused(self.front.post(self.tsq, "/tsr", more="Content-Encoding: gzip\r\n"), 415)

    def test_methods(self):
        for method, path, allow in [("GET", "/tsr", "POST"), ("PUT", "/", "GET, HEAD, POST"),
                                    ("DELETE", "/health", "GET, HEAD"), ("HEAD", "/tsa", "POST"),
                                    ("OPTIONS", "/tsr", "POST"), ("post", "/tsr", "POST")]:
            data = f"{method} {path} HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n".encode()
            answer = self.front.ask(data, method=method)
            self.assertEqual((answer.status, answer.headers["allow"]), (405, allow))
            self.assertFalse(answer.closes)
        self.refused(self.front.ask(b"POST /health HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"), 405)

    def test_unknown_paths(self):
        for path in ["/nope", "/tsr/", "/../tsr", "/metrics", "/status", "//", "/tsr%00"]:
            self.refused(self.front.get(path), 404)

    def test_head(self):
        for path in ["/", "/health", "/ca.pem"]:
            answer = self.front.ask(f"HEAD {path} HTTP/1.1\r\nHost: t\r\n\r\n".encode(), method="HEAD")
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.left, b"")
            self.assertGreater(int(answer.headers["content-length"]), 0)

    # ---- framing ----

    def test_framing_is_refused_and_closed(self):
        head = b"POST /tsr HTTP/1.1\r\nHost: t\r\nContent-Type: application/timestamp-query\r\n"
        for more, status in [
                (b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 400),
                (b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 400),
                (b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
                (b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
                (b"Transfer-Encoding: gzip\r\n\r\nabc", 501),
                (b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
                (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
                (b"Host: u\r\nContent-Length: 3\r\n\r\nabc", 400),
                (b"Content-Length : 3\r\n\r\nabc", 400),
                (b"Content-Length:\r\n 3\r\n\r\nabc", 400), (b"Transfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n", 400)]:
            self.refused(self.front.ask(head + more), status, closes=True)
        self.refused(self.front.ask(b"GET / HTTP/1.1\r\n\r\n"), 400, closes=True)
        self.refused(self.front.ask(b"POST /tsr HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                     400, closes=True)

    def everything(self, data):
        """All that is answered to data and a GET /ping behind it."""
        got = b""
        with self.front.connect() as s:
            try:
                s.sendall(data + b"GET /ping HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
                s.shutdown(socket.SHUT_WR)
                while part := s.recv(65536):
                    got += part
            except OSError as e:  # closed before all was read: the answer may be lost
                self.assertNotIsInstance(e, TimeoutError, data[:80])
        return got

    def test_nothing_is_smuggled(self):
        """Where the end of a body is in doubt, what stands behind it is no request."""
        head = b"POST /tsr HTTP/1.1\r\nHost: t\r\nContent-Type: application/timestamp-query\r\n"
        chunked = b"Transfer-Encoding: chunked\r\n"
        for more in [b"Content-Length: +3\r\n\r\nabc", b"Content-Length: 0x3\r\n\r\nabc", b"Content-Length: -3\r\n\r\nabc",
                     b"Content-Length: 3, 3\r\n\r\nabc", b"Content-Length: \r\n\r\nabc", b"\r\n", b"Content-Length:\r\n 3\r\n\r\nabc",
                     b"Content-Length: 18446744073709551619\r\n\r\nabc", b"Transfer-Encoding: chunked \r\n\r\n0\r\n\r\n",
                     b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", b"Transfer-Encoding: identity\r\n\r\nabc",
                     b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
                     chunked + b"Content-Length: 3\r\n\r\n0\r\n\r\n", chunked + b"\r\n-3\r\nabc\r\n0\r\n\r\n",
                     chunked + b"\r\n0x3\r\nabc\r\n0\r\n\r\n", chunked + b"\r\n3 \r\nabc\r\n0\r\n\r\n", chunked + b"\r\n\r\nabc\r\n0\r\n\r\n",
                     chunked + b"\r\n3\r\nabcXX0\r\n\r\n", chunked + b"\r\n10000000000000003\r\nabc\r\n0\r\n\r\n",
                     chunked + b"\r\n3;" + b"x" * 100000 + b"\r\nabc\r\n0\r\n\r\n", b"Connection: close\r\nContent-Length: 3\r\n\r\nabc"]:
            got = self.everything(head + more)
            self.assertNotIn(b"pong", got, more)
            self.assertNotIn(b"HTTP/1.1 200 OK", got.replace(b"HTTP/1.1 200 OK", b"", more.count(b"close")), more)
        for more in [b"Content-Length: 3\r\n\r\nabc", chunked + b"\r\n3\r\nabc\r\n0\r\n\r\n", chunked + b"\r\n0\r\nX: y\r\n\r\n"]:
            self.assertIn(b"pong", self.everything(head + more), more)

    def test_what_is_hardly_http(self):
        for data in [b"GET /\r\n\r\n", b"\0" * 5000, b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"\0" * 200, b"\r" * 3000,
                     b"GET\t/ping\tHTTP/1.1\r\nHost: t\r\n\r\n", b"GET /ping http/1.1\r\nHost: t\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                     b"GET /ping HTTP/1.1\r\nHost: t\r\nno colon\r\n\r\n", b"GET /ping HTTP/1.1\r\n folded: x\r\nHost: t\r\n\r\n",
                     b"GET /ping HTTP/1.1\r\nHost: <t>\r\n\r\n", b"GET /ping HTTP/1.1\r\nHost: t\r\nX: a\rb\r\n\r\n"]:
            self.assertNotIn(b"pong", self.everything(data), data[:60])
        self.assertEqual(self.front.get("/ping").body, b"pong\n")

    def test_what_the_library_refuses(self):
        """Not HTTP at all: refused by libmicrohttpd itself, and closed."""
        for data in [b"POST /tsr HTTP/1.1\r\nHost: t\r\nContent-Length: x\r\n\r\n", b"GET / HTTP/2.0\r\n\r\n",
                     b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: t\r\nX: " + b"x" * 20000 + b"\r\n\r\n"]:
            with self.front.connect() as s:
                s.sendall(data)
                got = s.recv(65536)
                self.assertIn(got.split()[1], [b"400", b"414", b"431", b"505"])

    def test_http_1_0(self):
        answer = self.front.ask(b"GET /healthz HTTP/1.0\r\n\r\n")
        self.assertEqual((answer.status, answer.body, answer.closes), (200, b"ok\n", True))
        body = b"POST /tsr HTTP/1.0\r\nContent-Type: " + TSQ.encode()
        answer = self.front.ask(body + b"\r\nContent-Length: %d\r\n\r\n" % len(self.tsq) + self.tsq)
        self.granted(answer)

    def test_chunked(self):
        head = post(b"", "/tsr").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        parts = b"".join(b"%x;ext=1\r\n%c\r\n" % (1, c) for c in self.tsq)
        self.granted(self.front.ask(head + parts + b"0\r\nTrailer: x\r\n\r\n"))

    def test_lengths(self):
        self.refused(self.front.ask(b"POST /tsr HTTP/1.1\r\nHost: t\r\nContent-Type: " + TSQ.encode() + b"\r\n\r\n"), 411,
                     closes=True)
        text = reply_text(self.front.post(b"", "/tsr").body, self.dir)
        self.assertIn("Failure info: the data submitted has the wrong format", text)
        self.assertFalse(granted(self.front.post(b"x" * 65536, "/tsr").body, self.dir))
        self.refused(self.front.post(b"x" * 65537, "/tsr"), 413)
        self.refused(self.front.ask(post(b"", "/tsr").replace(b"h: 0", b"h: 2000000")), 413, closes=True)
        head = post(b"", "/tsr").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        self.refused(self.front.ask(head + b"10001\r\n" + b"x" * 65537 + b"\r\n0\r\n\r\n"), 413)
        self.refused(self.front.post(b"{" + b" " * 4096, "/api/v1/timestamp", kind="application/json"), 413)

    def test_a_body_without_end_is_cut_off(self):
        head = post(b"", "/tsr").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        with self.front.connect() as s, self.assertRaises((ConnectionError, EOFError)):
            s.sendall(head)
            for _ in range(100):
                s.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            Answer(s)

    def test_expect_continue(self):
        with self.front.connect() as s:
            s.sendall(post(self.tsq, "/tsr", "Expect: 100-continue\r\n")[:-len(self.tsq)])
            self.assertEqual(Answer(s).status, 100)
            s.sendall(self.tsq)
            self.granted(Answer(s))
        with self.front.connect() as s: # refused before the body is sent
            s.sendall(post(self.tsq, "/nope", "Expect: 100-continue\r\n")[:-len(self.tsq)])
            self.refused(Answer(s), 404, closes=True)
        self.refused(self.front.post(self.tsq, "/tsr", "Expect: tea\r\n"), 417, closes=True)

    def test_keep_alive_and_pipelining(self):
        with self.front.connect() as s:
            for status in [404, 405, 415, 200, 200]: # none of them ends the connection
                data = {404: b"GET /x HTTP/1.1\r\nHost: t\r\n\r\n", 405: b"GET /tsr HTTP/1.1\r\nHost: t\r\n\r\n",
                        415: post(b"abc", "/tsr", kind="a/b"), 200: post(self.tsq, "/tsr")}[status]
                s.sendall(data)
                self.assertEqual(Answer(s).status, status)
        with self.front.connect() as s:
            s.sendall(post(self.tsq, "/tsr") * 20)
            left = b""
            for _ in range(20):
                answer = Answer(Pushed(s, left))
                self.assertTrue(granted(answer.body, self.dir))
                left = answer.left

    # ---- views ----

    def test_json_view(self):
        for answer in [self.front.post(self.tsq, "/tsr?format=json"),
                       self.front.post(self.tsq, "/", "Accept: application/json\r\n")]:
            self.assertEqual(answer.type, "application/json")
            view = json.loads(answer.body)
            self.assertEqual(view["status"], "granted")
            self.assertEqual(view["message_imprint"]["hashed_message"], hashlib.sha384(b"some data\n").hexdigest())
            self.assertLessEqual(len(view["serial_number"]), 40)
            for name in ["version", "policy", "serial_number", "gen_time", "accuracy", "ordering", "nonce", "tsa",
                         "extensions", "signature"]:
                self.assertIn(name, view)
            token = os.path.join(self.dir, "token")
            write(token, base64.b64decode(view["token"], validate=True))
            done = subprocess.run(["openssl", "ts", "-verify", "-in", token, "-token_in", "-data", self.data,
                                   "-CAfile", CA], capture_output=True)
            self.assertIn(b"Verification: OK", done.stdout)
        view = json.loads(self.front.post(b"x", "/tsr?format=json").body)
        self.assertEqual((view["status"], view["fail_info"]), ("rejection", "badDataFormat"))
        self.assertEqual(self.front.post(self.tsq, "/tsr", "Accept: */*\r\n").type, "application/timestamp-reply")

    def test_sigstore(self):
        digest = base64.b64encode(hashlib.sha256(b"some data\n").digest()).decode()
        ask = {"artifactHash": digest, "hashAlgorithm": "sha256", "nonce": 7, "certificates": True,
               "tsaPolicyOID": "1.3.6.1.4.1.32473.3161.1.91"}
        answer = self.front.post(json.dumps(ask).encode(), "/api/v1/timestamp", kind="application/json")
        self.granted(answer)
        self.assertIn("Nonce: 0x07", reply_text(answer.body, self.dir))
        for change, says in [({"hashAlgorithm": "md5"}, "unrecognized or unsupported algorithm"),
                             ({"tsaPolicyOID": "1.2.3"}, "the requested TSA policy is not supported"),
                             ({"artifactHash": "AAAA"}, "the data submitted has the wrong format"),
                             ({"more": 1}, "the data submitted has the wrong format")]:
            answer = self.front.post(json.dumps({**ask, **change}).encode(), "/api/v1/timestamp", kind="application/json")
            self.assertEqual(answer.status, 200)
            self.assertIn(says, reply_text(answer.body, self.dir))

    def test_data(self):
        for kind in ["text/plain", "application/x-www-form-urlencoded", ""]:
            answer = self.front.post(b"some data\n", "/tsa", kind=kind)
            self.granted(answer)
            self.assertEqual(answer.headers["content-disposition"], 'attachment; filename="timestamp.tsr"')
        large = os.path.join(self.dir, "large")
        write(large, b"l" * 200000)
        answer = self.front.post(b"l" * 200000, "/tsa", kind="a/b")
        self.assertTrue(verifies(answer.body, large, self.dir, CA))
        self.refused(self.front.post(b"l" * 200001, "/tsa", kind="a/b"), 413)
        head = post(b"", "/tsa", kind="a/b").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        self.refused(self.front.ask(head + b"30d41\r\n" + b"l" * 200001 + b"\r\n0\r\n\r\n"), 413)

    # ---- pages ----

    def test_pages(self):
        page = self.front.get("/")
        self.assertIn(b"Time untrusted (trust-system)", page.body)
        self.assertIn(b"Simulated", page.body)
        health = json.loads(self.front.get("/health").body)
        self.assertEqual((health["status"], health["attested"]), ("ok", False))
        ready = self.front.get("/readyz")
        self.assertEqual((ready.status, json.loads(ready.body)["time"]), (200, "untrusted (trust-system)"))
        self.assertEqual(self.front.get("/ping").body, b"pong\n")
        self.assertEqual(json.loads(self.front.get("/openapi.json").body)["openapi"], "3.0.3")
        chain = self.front.get("/api/v1/timestamp/certchain")
        self.assertEqual(chain.type, "application/pem-certificate-chain")
        self.assertEqual(chain.body, read(os.path.join(AUTHORITY, "chain.pem")))
        root = self.front.get("/ca.pem").body # without chain_pq: the classic one
        self.assertTrue(read(CA).startswith(root) and root.endswith(b"-----END CERTIFICATE-----\n"))
        self.assertTrue(chain.body.startswith(self.front.get("/tsa_cert.pem").body))

    def test_admin_listener(self):
        path_of_socket = os.path.join(self.dir, "admin.sock")
        self.front.post(b"x", "/tsr")
        for path, says in [("/metrics", "quorate_reject_total{fail_info=\"badDataFormat\"}"),
                           ("/status", '"state":"serving"'), ("/readyz", '"ready":true')]:
            done = subprocess.run(["curl", "-sS", "--unix-socket", path_of_socket, "http://t" + path], capture_output=True)
            self.assertIn(says, done.stdout.decode())
        for path in ["/", "/tsr", "/ca.pem"]:
            done = subprocess.run(["curl", "-sS", "--unix-socket", path_of_socket, "http://t" + path], capture_output=True)
            self.assertIn('"status":404', done.stdout.decode())

    def test_silent_admin_connections_keep_nobody_out(self):
        path = os.path.join(self.dir, "admin.sock")
        silent = []
        for _ in range(80):  # more than there are places
            silent.append(socket.socket(socket.AF_UNIX))
            silent[-1].connect(path)
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(15)  # half of read_timeout_s
            s.connect(path)
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n")
            self.assertEqual(Answer(s).status, 200)
        for s in silent:
            s.close()

    def test_check_and_print_config(self):
        program = os.path.join(BIN, "quorate-front")
        done = subprocess.run([program, "--config", self.front.conf, "--print-config"], capture_output=True)
        self.assertEqual(done.returncode, 0)
        printed = os.path.join(self.dir, "printed.conf")
        write(printed, done.stdout)
        again = subprocess.run([program, "--config", printed, "--print-config"], capture_output=True)
        self.assertEqual(again.stdout, done.stdout)
        self.assertEqual(subprocess.run([program, "--config", printed, "--check-config"]).returncode, 0)
        with open(printed, "a") as f:
            f.write("[front]\nlisten = 1.2.3\n")
        done = subprocess.run([program, "--config", printed, "--check-config"], capture_output=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"listen: no address: 1.2.3", done.stderr)


class Pushed:
    """A socket with bytes that were read too far put back."""

    def __init__(self, s, left):
        self.s, self.left = s, left

    def recv(self, n):
        left, self.left = self.left, b""
        return left or self.s.recv(n)


unittest.main(verbosity=0)
