"""Run by cluster_mesh.sh. QUORATE_LONG=1: two cores killed besides, as cluster_classic.sh has it, too."""
import os
import re
import signal
import subprocess

from cluster import BIN, EVERY, NODES, Scenes, end, main, wait_for
from core_proxy import HEAD, Flip, Instead, Proxy
from front import read, write
from load import CLASSIC, HYBRID

TARGET = 64 # of each triple, as quorate.conf has it
GET = 0xd1  # answer to MESH_GET


class Mesh:
    """A quorate-mesh of its own; instead: {core: path} of other sockets."""

    def __init__(self, cluster, name, instead=None):
        self.log_path = os.path.join(os.path.dirname(cluster.dir), name + ".log")
        sockets = {n: os.path.join(cluster.dir, f"core-{n}.sock") for n in EVERY} | (instead or {})
        conf = read(os.path.join(cluster.dir, "quorate.conf")).decode()
        conf = re.sub(r"(?m)^core = unix:core-(\d)\.sock$", lambda m: f"core = unix:{sockets[int(m[1])]}", conf)
        path = os.path.join(cluster.dir, name + ".conf")
        write(path, conf.encode())
        self.log = open(self.log_path, "wb")
        self.process = subprocess.Popen([os.path.join(BIN, "quorate-mesh"), "--config", path], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)

    def said(self):
        return read(self.log_path).decode(errors="replace")

    def await_said(self, pattern, times=1):
        wait_for(lambda: len(re.findall(pattern, self.said(), re.M)) >= times, lambda: f"{pattern} in {self.said()}")

    def stop(self):
        end(self.process, self.log)


class MeshScenes(Scenes):
    def stocks(self):
        s = self.c.status()
        return {t["nodes"]: t["stock"] for t in s["presignatures"]["triples"]} if s else {}

    def await_stock(self, least, triples=10):
        """So many triples have that much."""
        wait_for(lambda: sum(n >= least for n in self.stocks().values()) >= triples, self.stocks, 60)

    def tokens(self, n):
        """So many of each kind, all genuine."""
        load = self.load(policies=[HYBRID, CLASSIC, CLASSIC], pause=0.02, most=n)
        answers = load.done()
        self.assertEqual([a for a in answers if a.kind != "token"], [])
        self.verify(answers[-2:])
        self.openssl(answers[-1])

    def openssl(self, answer):
        query, token = os.path.join(self.where, "q.tsq"), os.path.join(self.where, "t.tsr")
        write(query, answer.query)
        write(token, answer.body)
        done = subprocess.run(["openssl", "ts", "-verify", "-in", token, "-queryfile", query, "-CAfile", self.c.ca()],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def scene(self):
        self.c.logged(r"^presign_source .*program=quorate-mesh source=accelerator")
        self.await_stock(TARGET // 2)
        self.assertEqual(self.c.status()["epoch"]["classic_leg"], "threshold")
        self.tokens(12)
        self.killed()
        self.stopped()
        self.lied_to()
        if os.environ.get("QUORATE_LONG") == "1":
            self.two_cores_are_gone()

    def killed(self):
        before = self.c.pid("mesh")
        load = self.load(policies=[CLASSIC] * 4, pause=0.01)
        load.await_tokens(20)
        os.kill(before, signal.SIGKILL)
        load.await_tokens(20)
        wait_for(lambda: self.c.pid("mesh") not in (0, before), "no other mesh")
        self.c.logged(r"^presign_source .*program=quorate-mesh source=accelerator", 2)
        answers = load.stop()
        self.assertEqual([a for a in answers if a.kind != "token"], [])
        self.await_stock(TARGET // 2)
        print(f"  kill -9 of quorate-mesh: {len(answers)} tokens, none missing", flush=True)

    def stopped(self):
        """Another one takes over, and gives way again."""
        pid = self.c.pid("mesh")
        second = Mesh(self.c, "second")
        self.ends.append(second.stop)
        second.await_said(r"^sandbox|^started")
        self.tokens(12)
        self.assertNotIn("core_connected", second.said().replace("core_connected", "", NODES)) # known, once each
        self.assertNotIn("presign_source", second.said())
        os.kill(pid, signal.SIGSTOP)
        try:
            self.tokens(12)
            second.await_said(r"^presign_source .*source=accelerator")
        finally:
            os.kill(pid, signal.SIGCONT)
        second.stop()
        self.await_stock(TARGET // 2)
        self.tokens(12)
        print("  SIGSTOP of quorate-mesh: a second one took over", flush=True)

    def lied_to(self):
        """One core in front of which somebody lies: the others go on with DKLs23."""
        path = os.path.join(self.where, "liar.sock")
        proxy = Proxy(os.path.join(self.c.dir, "core-2.sock"), path)
        self.ends.append(proxy.stop)
        pid = self.c.pid("mesh")
        os.kill(pid, signal.SIGSTOP)
        try:
            third = Mesh(self.c, "third", {2: path})
            self.ends.append(third.stop)
            third.await_said(r"^presign_source .*source=accelerator")
            proxy.lie = Instead([GET], lambda whole, kind, number, body: [HEAD.pack(0x51, 1, kind, 0, 3, number) + b"\xff" * 3])
            third.await_said(r"^core_lost .*node=2 ")
            third.await_said(r"^presign_source .*source=dkls23")
            self.tokens(30)
            proxy.lie = Flip(GET, 200) # what core 2 says to the others is not genuine
            third.await_said(r"^core_connected .*node=2$", 2)
            self.tokens(30)
            self.assertIsNone(third.process.poll())
            self.assertGreater(proxy.told, 0)
            third.stop()
        finally:
            os.kill(pid, signal.SIGCONT)
        self.await_stock(TARGET // 2)
        print(f"  a core that lies to quorate-mesh: {proxy.told} answers were none", flush=True)

    def two_cores_are_gone(self):
        self.c.signal(signal.SIGKILL, 2, 4)
        self.c.logged(r"^presign_source .*program=quorate-mesh source=dkls23")
        self.await_stock(TARGET // 2, 1)
        self.tokens(90) # more than there were
        self.await_stock(TARGET // 2, 1)
        print(f"  two cores killed: {self.stocks()}", flush=True)

    def test_mesh(self):
        self.play(self.scene)


if __name__ == "__main__":
    main()
