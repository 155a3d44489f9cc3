"""Run by cluster_faults.sh. QUORATE_LONG=1: every pair of cores, and every fault ten times."""
import itertools
import os
import signal
import time

from cluster import EVERY, NODES, Scenes, get, main, wait_for
from load import SYSTEM_FAILURE, longest_gap, percentile

LONG = os.environ.get("QUORATE_LONG") == "1"
TIMES = range(10 if LONG else 1)
PAIRS = list(itertools.combinations(EVERY, 2))
GAP = 2.0      # s within which tokens go on
DEADLINE = 2.0 # s, deadline_ms of the front
REJECT = 0.1   # s within which a request is rejected while fewer than three cores answer
NOTICE = 0.1   # s in which a front hears that a connection is gone
BEFORE, AFTER = 10, 30 # tokens of the load
UNAVAILABLE = "no signer is available, try again"
HALTED = "halted: too many signers of this key are gone for ever"


class UpToTwo(Scenes):
    def check(self, name, load, since):
        """Tokens went on, all of them good; nothing failed before its deadline."""
        answers = load.stop()
        failed = [a for a in answers if a.kind != "token"]
        gap = longest_gap(answers, since)
        slowest = max(a.seconds for a in answers if a.kind == "token")
        print(f"  {name}: {len(answers)} requests, {len(failed)} failed, longest gap {gap * 1000:.0f} ms, "
              f"slowest token {slowest * 1000:.0f} ms", flush=True)
        self.assertEqual([a for a in failed if a.seconds < DEADLINE], [])
        self.assertLess(gap, GAP)
        self.assertEqual(self.verify(answers), len(answers) - len(failed))
        self.assertEqual(self.c.pid("front"), self.front)

    def kill(self, choose, stopped=False):
        """Under load; what the supervisor starts instead stands outside, and is another boot."""
        cores = choose()
        boots = {core["boot_id"] for core in self.c.status()["cores"]}
        pids = [self.c.pid(f"core-{n}") for n in cores]
        load = self.load()
        load.await_tokens(BEFORE)
        if stopped:
            since = self.c.signal(signal.SIGSTOP, *cores)
            load.await_tokens(BEFORE)
            self.c.signal(signal.SIGKILL, *cores)
        else:
            since = self.c.signal(signal.SIGKILL, *cores)
        load.await_tokens(AFTER)

        def outside(s):
            strangers = [c for c in s["cores"] if c["connected"] and c["left_out"] == "not a node of the ceremony"]
            return len(strangers) == len(cores) and not boots & {c["boot_id"] for c in strangers}
        s = self.c.await_status(outside, "no other boots outside of the epoch")
        load.await_tokens(5)
        self.assertEqual(s["epoch"]["ended"], len(cores))
        self.assertFalse(s["epoch"]["halted"])
        first, parts = self.c.told()
        self.assertEqual(first, f"serving shares {NODES - len(cores)} of {NODES} threshold 3")
        for n, pid in zip(cores, pids):
            self.assertEqual(parts[f"core-{n}"][1], "outside")
            self.assertNotEqual(parts[f"core-{n}"][0], pid)
        self.check(f"kill -9 {'while stopped ' if stopped else ''}of {cores}", load, since)

    def test_kill_one(self):
        for _ in TIMES:
            self.play(self.kill, lambda: self.just_used()[:1])

    def test_kill_the_two_just_used(self):
        for _ in TIMES:
            self.play(self.kill, lambda: self.just_used()[:2])

    def test_kill_one_just_used_and_an_idle_one(self):
        def choose():
            used = self.just_used()
            return [used[-1], next((n for n in EVERY if n not in used), used[0])]
        for _ in TIMES:
            self.play(self.kill, choose)

    def test_kill_while_stopped(self):
        for _ in TIMES:
            self.play(self.kill, lambda: [2, 4], True)

    def test_kill_every_pair(self):
        for pair in PAIRS if LONG else []:
            self.play(self.kill, lambda: list(pair))

    def stop_each(self):
        """Stopped, and on again: they take part as before."""
        for choose in [lambda: self.just_used()[:1], lambda: self.just_used()[:2],
                       *(lambda pair=pair: pair for pair in PAIRS if LONG)]:
            cores = choose()
            load = self.load()
            load.await_tokens(BEFORE)
            since = self.c.signal(signal.SIGSTOP, *cores)
            load.await_tokens(AFTER)
            self.c.signal(signal.SIGCONT, *cores)
            s = self.c.await_status(lambda s: s["epoch"]["quorum"] == NODES and s["epoch"]["answering"] == NODES,
                                    "who was stopped is not back")
            load.await_tokens(5)
            self.assertEqual(s["epoch"]["ended"], 0)
            self.check(f"SIGSTOP of {cores}", load, since)

    def test_stop(self):
        for _ in TIMES:
            self.play(self.stop_each)


class Three(Scenes):
    def rejected(self, load, n, since):
        wait_for(lambda: sum(a.kind == "rejection" and a.sent > since for a in list(load.answers)) >= n,
                 "no rejections")

    def check(self, name, answers, since, why):
        """What was not signed was rejected as system failure, and soon after it was sent or since that moment."""
        late = [a for a in answers if a.done > since and a.kind != "token"]
        took = [a.done - max(a.sent, since) for a in late]
        self.assertLessEqual({(a.kind, a.why) for a in late}, {("rejection", one) for one in why})
        self.assertEqual({tuple(a.fail_info) for a in late}, {(SYSTEM_FAILURE,)})
        print(f"  {name}: {len(late)} rejected, p50 {percentile(took, 0.5) * 1000:.0f} ms, "
              f"p99 {percentile(took, 0.99) * 1000:.0f} ms, slowest {max(took) * 1000:.0f} ms", flush=True)
        self.assertLess(percentile(took, 0.99), REJECT)

    def stop(self):
        """Unavailable, and only as long as they are stopped."""
        for cores in [(1, 2, 3), (3, 4, 5)]:
            load = self.load(pause=0.05)
            load.await_tokens(BEFORE)
            since = self.c.signal(signal.SIGSTOP, *cores)
            self.rejected(load, 100, since)
            ready, body = get(self.c.address, "/readyz")
            self.assertEqual(ready, 503)
            self.assertIn(b"too few cores answer", body)
            self.assertTrue(self.c.told()[0].startswith("serving shares 5 of 5"))
            on = self.c.signal(signal.SIGCONT, *cores)
            load.await_tokens(BEFORE)
            self.c.await_status(lambda s: s["ready"] and s["epoch"]["quorum"] == NODES, "not whole again")
            load.await_tokens(BEFORE)
            answers = load.stop()
            self.check(f"SIGSTOP of {cores}", answers, since, [UNAVAILABLE])
            self.verify(answers)
            back = min(a.done for a in answers if a.kind == "token" and a.sent > on) - on
            print(f"  SIGCONT: a token after {back * 1000:.0f} ms", flush=True)
            self.assertLess(back, GAP)
        self.assertEqual(self.c.pid("front"), self.front)

    def test_stop(self):
        for _ in TIMES:
            self.play(self.stop)

    def is_halted(self):
        s = self.c.status()
        ready, body = get(self.c.address, "/readyz")
        return (s and s["epoch"]["halted"] and not s["ready"] and s["reason"].startswith("halted") and ready == 503 and
                b"halted" in body)

    def kill(self):
        """HALTED: readiness, status and supervisor say so for ever, whatever comes back, and a new front as well."""
        load = self.load(pause=0.05)
        load.await_tokens(BEFORE)
        since = self.c.signal(signal.SIGKILL, 1, 3, 4)
        wait_for(self.is_halted, lambda: self.c.status())
        halted = time.monotonic()
        self.rejected(load, 100, halted)
        self.c.await_status(lambda s: sum(c["connected"] for c in s["cores"]) == NODES, "not all are back")
        again = time.monotonic()
        self.rejected(load, 20, again)
        self.assertTrue(self.is_halted())
        self.assertTrue(self.c.told()[0].startswith("HALTED shares 2 of 5"))
        answers = load.stop()
        self.assertEqual([a for a in answers if a.kind == "token" and a.sent > since + NOTICE], [])
        self.check("kill -9 of three, until HALTED is known", [a for a in answers if a.sent < halted], since,
                   [UNAVAILABLE, HALTED])
        print(f"  HALTED after {(halted - since) * 1000:.0f} ms")
        # A request is answered by what the front serves, which follows what it knows of the cores.
        first = min(a.done for a in answers if a.why == HALTED)
        self.assertLess(first, halted + NOTICE)
        self.check("and then", [a for a in answers if a.sent >= max(first, halted)], since, [HALTED])
        os.kill(self.front, signal.SIGKILL)
        wait_for(lambda: self.c.pid("front") not in (0, self.front), "no other front")
        wait_for(self.is_halted, lambda: self.c.status())
        answers = self.load(most=30).done()
        self.check("by a front that starts later", answers, 0, [UNAVAILABLE, HALTED])
        self.assertEqual(answers[-1].why, HALTED)
        self.assertEqual(self.c.said().count("epoch_halted"), 2) # once by each front

    def test_kill(self):
        for _ in TIMES:
            self.play(self.kill)


main()
