"""Run by cluster_epochs.sh. QUORATE_LONG=1: 100,000 requests."""
import os
import re
import subprocess

from cluster import BIN, NODES, Cluster, Scenes, main, status_of, wait_for
from front import read, write
from load import CLASSIC, HYBRID, PQ

REQUESTS = 100000 if os.environ.get("QUORATE_LONG") == "1" else 3000
RETIRED = b"QUORATE-RETIRED-1\n"
STATEMENT = 377 # bytes


def turn_to(old, new):
    """The configuration of the one cluster's front, with the cores of the other."""
    text = read(os.path.join(old.dir, "quorate.conf")).decode()
    text = re.sub(r"(?m)^core = unix:core-(\d)\.sock$", rf"core = unix:{new.dir}/core-\1.sock", text)
    return re.sub(r"(?m)^(chain|chain_pq|ceremony|ended) = ", rf"\1 = {new.dir}/", text)


class Epochs(Scenes):
    def begin(self):
        super().begin()
        place = os.path.join(self.where, "next")
        os.mkdir(place)
        self.next = Cluster(place) # beside those that serve
        self.ends.append(self.next.stop)

    def epoch(self, cluster):
        return cluster.status()["epoch"]["epoch_id"]

    def retire(self, conf, cluster, out):
        return subprocess.run(
            [os.path.join(BIN, "quorate"), "ceremony", "retire", "--config", conf, "--order", out + ".order",
             "--key", os.path.join(cluster.dir, "operator.pem"), "--reason", "superseded",
             "--next", self.epoch(self.next), "--out", out], capture_output=True, text=True)

    def goes_over(self):
        old, new = self.epoch(self.c), self.epoch(self.next)
        before = os.path.join(self.c.dir, "before.conf") # of the epoch that ends
        write(before, read(os.path.join(self.c.dir, "quorate.conf")))
        out = os.path.join(self.c.dir, "retired")
        load = self.load(policies=[CLASSIC, CLASSIC, CLASSIC, CLASSIC, HYBRID, PQ], pause=0.02, most=REQUESTS)
        load.await_tokens(REQUESTS // 4, 0, REQUESTS / 10)
        write(os.path.join(self.c.dir, "quorate.conf"), turn_to(self.c, self.next).encode())
        os.kill(self.c.process.pid, 1) # SIGHUP
        self.c.logged(r"^cores_taken .*program=quorate-front")
        self.c.logged(r"^cores_left .*program=quorate-front")
        self.assertEqual(self.epoch(self.c), new)
        load.await_tokens(REQUESTS // 8)
        done = self.retire(before, self.c, out) # while the load goes on
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = load.done()
        bad = [a for a in answers if a.kind != "token"]
        self.assertEqual(bad, [])
        self.assertEqual(len({a.serial() for a in answers}), REQUESTS)
        tokens, rows = self.check_recorded(answers, os.path.join(self.c.dir, "journal"))
        print(f"  {REQUESTS} requests while the front went over to other cores: {len(bad)} failed, {tokens} tokens in one "
              f"journal of {rows} rows", flush=True)
        self.genuine(answers[:15], self.c)
        self.genuine(answers[-15:], self.next)
        self.over(before, old, out)

    def genuine(self, answers, cluster):
        """Of that epoch."""
        mine, self.c = self.c, cluster
        self.verify(answers)
        self.c = mine

    def over(self, before, old, out):
        """Each has signed that it has erased its shares; what it said once it says again; nothing is signed."""
        statements = read(out)
        self.assertEqual(len(statements), len(RETIRED) + NODES * STATEMENT)
        self.assertEqual(statements[len(RETIRED) + 18:len(RETIRED) + 66].hex(), old)
        self.c.logged(r"^audit .*event=retired .*reason=4", NODES)
        again = self.retire(before, self.c, out + "-again")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(read(out + "-again"), statements)
        write(os.path.join(self.c.dir, "quorate.conf"), read(before)) # and back: nobody takes over who does not serve
        os.kill(self.c.process.pid, 1)
        self.c.logged(r"^config_reloaded .*other cores", 2)
        answers = self.load(policies=[CLASSIC] * 4, pause=0.01, most=100).done()
        self.assertEqual([a for a in answers if a.kind != "token"], [])

    def test_front_goes_over(self):
        self.play(self.goes_over)


if __name__ == "__main__":
    main()
