"""Run by cluster_reenrol.sh."""
import json
import os
import signal
import subprocess
import time

from cluster import BIN, NODES, Scenes, main, wait_for
from load import CLASSIC, HYBRID

LOST = 5


class ReenrolScenes(Scenes):
    def quorate(self, *args):
        """The process may not listen yet."""
        def ask():
            done = subprocess.run([os.path.join(BIN, "quorate-authority"), "ceremony", *args], capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL)
            said.append(done.stdout + done.stderr)
            return done.returncode == 0 and done.stdout
        said = []
        return wait_for(ask, lambda: said[-1], 20)

    def await_stock(self, least):
        def stocks():
            s = self.c.status()
            return [t["stock"] for t in s["presignatures"]["triples"]] if s else []
        wait_for(lambda: len(stocks()) == 10 and min(stocks()) >= least, stocks, 60)

    def reenrol(self, attempt):
        conf, order = os.path.join(self.c.dir, "quorate.conf"), os.path.join(self.c.dir, f"order-{attempt}")
        self.quorate("order", "--config", conf, "--place", str(LOST), "--attempt", str(attempt), "--key",
                     os.path.join(self.c.dir, "operator.pem"), "--out", order)
        return json.loads(self.quorate("reenrol", "--config", conf, "--order", order, "--json"))

    def scene(self):
        load = self.load(policies=[HYBRID, CLASSIC, CLASSIC], pause=0.02)
        load.await_tokens(30)
        pid = self.c.pid(f"core-{LOST}")
        self.c.signal(signal.SIGKILL, LOST)
        wait_for(lambda: self.c.pid(f"core-{LOST}") not in (0, pid), "no other core")
        self.c.await_status(lambda s: s["epoch"]["ended"] == 1, "the front knows")
        since = time.monotonic()
        self.assertEqual(self.reenrol(1)["incarnation"], 2)
        s = self.c.await_status(lambda s: s["epoch"]["quorum"] == NODES and s["epoch"]["ended"] == 0, "five again")
        took = time.monotonic() - since
        self.assertEqual(s["epoch"]["reenrolled"], [LOST])
        self.assertLess(took, 5)
        load.await_tokens(60)
        answers = load.stop()
        self.assertEqual([a for a in answers if a.kind != "token"], [])
        self.verify(answers[-3:])
        print(f"  five again after {took:.1f} s, {len(answers)} tokens and none missing", flush=True)
        self.signs_with_two_others()

    def signs_with_two_others(self):
        """Three are left, and it is one of them."""
        self.await_stock(16)
        wait_for(lambda: self.c.told()[1][f"core-{LOST}"][1].startswith("share"), self.c.told)
        self.c.signal(signal.SIGKILL, 1, 3)
        self.c.await_status(lambda s: s["epoch"]["ended"] == 2 and s["epoch"]["quorum"] == 3, "three are left")
        load = self.load(policies=[HYBRID, CLASSIC], pause=0.2)
        load.await_tokens(8)
        tokens = [a for a in load.stop() if a.kind == "token"]
        self.verify(tokens[-2:])
        print(f"  {len(tokens)} tokens by it and two others", flush=True)

    def test_reenrol(self):
        self.play(self.scene)


if __name__ == "__main__":
    main()
