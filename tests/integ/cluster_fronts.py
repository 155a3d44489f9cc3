"""Run by cluster_fronts.sh. QUORATE_LONG=1: each ten times."""
import glob
import os
import signal
import subprocess
import time

from cluster import NODES, ClusterFront, Scenes, main, status_of, wait_for
from load import longest_gap

TIMES = range(10 if os.environ.get("QUORATE_LONG") == "1" else 1)
DEADLINE = 2.0 # s, deadline_ms of the front
GAP = 2.0      # s within which tokens go on when cores go; a front takes longer to start
START = 5.0    # s within which a front that was killed serves again
KILLS = 3


def journal(folder):
    """{imprint: serialNumber} of all tokens in quorate-journal(5), both in hexadecimal."""
    out = {}
    for path in glob.glob(os.path.join(folder, "segment-*.sqlite")):
        done = subprocess.run(["sqlite3", "-readonly", path, "SELECT hex(hashed_message), hex(serial_number) FROM token"],
                              capture_output=True, text=True, check=True)
        out |= dict(line.split("|") for line in done.stdout.split())
    return out


class Fronts(Scenes):
    def check_recorded(self, answers, folder):
        """Each token that was given out is in the journal, with its serial number."""
        rows = journal(folder)
        tokens = [a for a in answers if a.kind == "token"]
        for a in tokens:
            serial = a.serial()[-20:].rjust(20, b"\0").hex().upper()
            self.assertEqual(rows.get(a.digest.hex().upper()), serial)
        return len(tokens), len(rows)

    def killed(self):
        load = self.load()
        gaps = []
        for _ in range(KILLS):
            load.await_tokens(20)
            front = self.c.pid("front")
            os.kill(front, signal.SIGKILL)
            since = time.monotonic()
            wait_for(lambda: self.c.pid("front") not in (0, front), "no other front")
            load.await_tokens(20)
            gaps.append(longest_gap(load.answers, since))
        answers = load.stop()
        kinds = {kind: sum(a.kind == kind for a in answers) for kind in ["token", "rejection", "http", "none"]}
        tokens, rows = self.check_recorded(answers, os.path.join(self.c.dir, "journal"))
        print(f"  kill -9 of the front, {KILLS} times: {kinds}, {tokens} tokens, {rows} rows, "
              f"longest gap {max(gaps) * 1000:.0f} ms", flush=True)
        self.assertEqual(kinds["http"], 0)
        self.assertLess(max(gaps), START)
        self.verify(answers)
        status = self.c.status()
        self.assertTrue(status["journal"]["healthy"])
        self.assertEqual(status["journal"]["failed"], 0)
        self.assertEqual(status["epoch"]["ended"], 0)

    def test_killed(self):
        for _ in TIMES:
            self.play(self.killed)

    def two(self):
        """At once, while a core goes."""
        other = ClusterFront(self.c)
        self.ends.append(other.stop)
        other.await_whole()
        loads = [self.load(), self.load(other.address)]
        for load in loads:
            load.await_tokens(20)
        since = self.c.signal(signal.SIGKILL, 3)
        for load in loads:
            load.await_tokens(20)
        for address in [self.c.address, other.address]:
            wait_for(lambda: status_of(address)["epoch"]["quorum"] == NODES - 1, lambda: status_of(address))
        for load in loads:
            load.await_tokens(20)
        answers = [load.stop() for load in loads]
        failed = [a for a in answers[0] + answers[1] if a.kind != "token"]
        gap = max(longest_gap(one, since) for one in answers)
        print(f"  two fronts: {len(answers[0])} and {len(answers[1])} requests, {len(failed)} failed, longest gap "
              f"{gap * 1000:.0f} ms", flush=True)
        self.assertEqual([a for a in failed if a.seconds < DEADLINE], [])
        self.assertLess(gap, GAP)
        self.verify(answers[0] + answers[1]) # no serial number twice, between them either
        self.check_recorded(answers[0], os.path.join(self.c.dir, "journal"))
        self.check_recorded(answers[1], os.path.join(other.dir, "journal"))

    def test_two(self):
        for _ in TIMES:
            self.play(self.two)


main()
