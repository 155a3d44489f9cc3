"""Run by front_hybrid.sh; its arguments are the pid and the folder of an authority with a core of two keys."""
import glob
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import unittest

from front import BIN, Answer, Front, granted, post, query, read, reply_text, verifies, write

AUTHORITY = sys.argv.pop()
SUPERVISOR = int(sys.argv.pop())
CA = os.path.join(AUTHORITY, "ca", "ca.pem")
ARC = "1.3.6.1.4.1.32473.3161.1."
POLICIES = read(os.path.join(AUTHORITY, "policies")).decode()
DEGRADES = POLICIES.replace("profile = hybrid\n", "profile = hybrid\npq_failure = degrade\ndegrade_policy = classic\n")
EVIDENCE = bytes.fromhex("060b2a864886f70d0109100231") # id-aa-er-internal
ML_DSA_65 = bytes.fromhex("0609608648016503040312")


def core_pid():
    for name in os.listdir("/proc"):
        try:
            stat = read(f"/proc/{name}/stat").decode() if name.isdigit() else ""
        except OSError:
            continue
        if "(quorate-core)" in stat and int(stat.rsplit(")", 1)[1].split()[1]) == SUPERVISOR:
            return int(name)
    return None


class HybridFront(Front):
    """The text behind the authority's folder: its policies."""

    def write(self, policies=POLICIES, journal="", chain_pq=None):
        with open(self.conf, "w") as f:
            f.write(f"[front]\nlisten = 127.0.0.1:0\naddress_file = addr\nadmin_on_main = yes\n"
                    f"core = unix:{self.authority}/core.sock\nchain = {self.authority}/chain.pem\n"
                    f"chain_pq = {chain_pq or self.authority + '/chain-pq.pem'}\n"
                    f"[journal]\ndir = journal\n{journal}\n{policies}")

    def rows(self):
        """How many tokens of each profile are on disk, in the order of their recording."""
        found = []
        for path in sorted(glob.glob(os.path.join(self.dir, "journal", "segment-*.sqlite"))):
            with sqlite3.connect(path) as db:
                found += [r[0] for r in db.execute("SELECT profile FROM token ORDER BY rowid")]
        return found

    def metric(self, name):
        text = self.get("/metrics").body.decode()
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M).group(1))


class NoPq(HybridFront):
    def write(self, policies, journal=""):
        super().write(policies, journal, self.dir + "/none")


class Hybrid(unittest.TestCase):
    def start(self, policies=POLICIES):
        front = HybridFront(AUTHORITY, policies)
        self.addCleanup(self.check_end, front)
        self.data = os.path.join(front.dir, "data")
        write(self.data, b"some data\n")
        self.tsq = query(self.data, "-sha384", "-cert")
        front.wait_for(lambda: front.get("/readyz").status == 200)
        return front

    def check_end(self, front):
        self.assertEqual(front.stop(), 0, front.read_log())

    def policy_of(self, front, body):
        return re.search(r"Policy OID: (\S+)", reply_text(body, front.dir)).group(1)

    def test_hybrid(self):
        front = self.start()
        body = front.post(self.tsq).body
        self.assertTrue(verifies(body, self.data, front.dir, CA))
        self.assertEqual(self.policy_of(front, body), ARC + "93")
        self.assertEqual(body.count(EVIDENCE), 1)
        self.assertIn(ML_DSA_65, body)
        self.assertLess(len(body), 12000)
        bare = front.post(query(self.data, "-sha384")).body
        self.assertTrue(granted(bare, front.dir))
        self.assertLess(len(bare), 5100)
        self.assertEqual(front.rows(), [2, 3, 2, 3])

    def test_each_policy(self):
        front = self.start()
        for number, holds, rows in [("91", [], [1]), ("92", [ML_DSA_65], [2]), ("93", [EVIDENCE, ML_DSA_65], [2, 3])]:
            before = front.rows()
            body = front.post(query(self.data, "-tspolicy", ARC + number, "-cert")).body
            self.assertEqual(self.policy_of(front, body), ARC + number)
            for what in EVIDENCE, ML_DSA_65:
                self.assertEqual(what in body, what in holds, number)
            self.assertEqual(front.rows(), before + rows)
        body = front.post(query(self.data, "-tspolicy", ARC + "94")).body
        self.assertIn("the policy is not served here", reply_text(body, front.dir))

    def test_certificates(self):
        front = self.start()
        ours = {path: front.get(path).body for path in ["/ca.pem", "/tsa_cert.pem", "/api/v1/timestamp/certchain"]}
        chains = read(AUTHORITY + "/chain.pem") + read(AUTHORITY + "/chain-pq.pem")
        parts = re.findall(rb"-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----\n", chains, re.S)
        self.assertEqual(len(parts), 4)
        self.assertEqual(ours["/ca.pem"], parts[1] + parts[3])
        self.assertEqual(ours["/tsa_cert.pem"], parts[0] + parts[2])
        self.assertEqual(ours["/api/v1/timestamp/certchain"], b"".join(parts))
        path = os.path.join(front.dir, "ca.pem")
        write(path, ours["/ca.pem"])
        self.assertTrue(verifies(front.post(self.tsq).body, self.data, front.dir, path))

    def test_json(self):
        front = self.start()
        said = json.loads(front.post(self.tsq, "/tsa?format=json").body)
        self.assertEqual((said["profile"], said["policy"]), ("hybrid", ARC + "93"))
        self.assertEqual(said["evidence"]["policy"], ARC + "94")
        said = json.loads(front.post(query(self.data, "-tspolicy", ARC + "92"), "/tsa?format=json").body)
        self.assertEqual((said["profile"], len(said["signature"])), ("pq", 2 * 3309))

    def test_batches(self):
        """Many at once: each verifies, and fewer pq signatures are made than tokens."""
        front = self.start()
        bodies = [[] for _ in range(16)]

        def ask(mine):
            with front.connect() as s:
                for _ in range(12):
                    s.sendall(post(self.tsq))
                    mine.append(Answer(s).body)

        threads = [threading.Thread(target=ask, args=(b,)) for b in bodies]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for body in [b for mine in bodies for b in mine][::17]:
            self.assertTrue(verifies(body, self.data, front.dir, CA))
        rows = front.rows()
        self.assertEqual(rows.count(3), 16 * 12)
        self.assertLess(rows.count(2), 16 * 12)
        self.assertEqual(front.metric("quorate_evidence_batch_tokens_sum"), 16 * 12)
        self.assertEqual(front.metric("quorate_evidence_batch_tokens_count"), rows.count(2))
        self.assertEqual(json.loads(front.get("/status").body)["evidence"]["waiting"], 0)

    def test_batches_of_one(self):
        front = self.start(policies=POLICIES.replace("evidence = yes", "evidence = yes\ncount = 1"))
        for _ in range(3):
            self.assertTrue(verifies(front.post(self.tsq).body, self.data, front.dir, CA))
        self.assertEqual(front.rows(), [2, 3] * 3)

    def test_without_pq_chain(self):
        """Required: no token. Degrading: a classic one, but not to who named the hybrid policy."""
        front = self.start()
        front.write(chain_pq=front.dir + "/none")
        front.signal(signal.SIGHUP)
        front.logged("config_reloaded")
        self.assertEqual(front.get("/readyz").status, 200) # the chain that it had is still good
        for policies, status in [(POLICIES, 503), (DEGRADES, 200)]:
            bare = NoPq(AUTHORITY, policies)
            self.addCleanup(self.check_end, bare)
            bare.wait_for(lambda: bare.get("/readyz").status == status)
            body = bare.post(self.tsq).body
            named = bare.post(query(self.data, "-tspolicy", ARC + "93")).body
            self.assertIn("due to system failure", reply_text(named, bare.dir))
            if status == 503:
                self.assertIn("due to system failure", reply_text(body, bare.dir))
            else:
                self.assertEqual(self.policy_of(bare, body), ARC + "91")
                self.assertTrue(verifies(body, self.data, bare.dir, CA))
                self.assertEqual(bare.metric("quorate_degraded_total"), 1)
                self.assertEqual(bare.rows(), [1])

    def is_another(self, front, before):
        """It is ready with another key. That it was not ready may be over before anybody looks; the key stays."""
        leaf = front.get("/tsa_cert.pem")
        return leaf.status == 200 and leaf.body != before and front.get("/readyz").status == 200

    def test_core_is_killed(self):
        """Under load, between the two parts too: whole tokens or rejections, and the next core is taken over."""
        front = self.start()
        stop = threading.Event()
        seen = []

        def ask():
            with front.connect() as s:
                while not stop.is_set():
                    s.sendall(post(self.tsq))
                    seen.append(Answer(s).body)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for t in threads:
            t.start()
        for _ in range(3):
            count, before = len(seen), front.get("/tsa_cert.pem").body
            front.wait_for(lambda: len(seen) > count + 50 and EVIDENCE in seen[-1])
            os.kill(core_pid(), signal.SIGKILL)
            front.wait_for(lambda: self.is_another(front, before), 60)
        stop.set()
        for t in threads:
            t.join()
        tokens = [b for b in seen if len(b) > 500]
        self.assertTrue(all(b.count(EVIDENCE) == 1 for b in tokens))
        for body in tokens[::max(1, len(tokens) // 20)]:
            self.assertTrue(verifies(body, self.data, front.dir, CA))
        self.assertGreaterEqual(front.rows().count(3), len(tokens))
        self.assertTrue(verifies(front.post(self.tsq).body, self.data, front.dir, CA))

    def test_refuses_configurations(self):
        folder = self.start().dir
        conf = os.path.join(folder, "bad.conf")
        for policies, says in [(POLICIES.replace("evidence = yes\n", ""), "needs a policy with evidence = yes"),
                               (POLICIES.replace("evidence = yes\n", "evidence = yes\ndigits = 0\n"), "as many digits"),
                               (POLICIES.replace("profile = hybrid\n", "profile = hybrid\npq_failure = degrade\n"),
                                "needs degrade_policy")]:
            with open(conf, "w") as f:
                f.write(f"[front]\ncore = unix:c\nchain = c\nchain_pq = p\n[journal]\ndir = j\n{policies}")
            done = subprocess.run([os.path.join(BIN, "quorate-front"), "--config", conf, "--check-config"],
                                  capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(says, done.stderr)


unittest.main()
