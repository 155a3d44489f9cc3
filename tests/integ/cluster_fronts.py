"""Run by cluster_fronts.sh. QUORATE_LONG=1: each ten times."""
import os
import signal
import time

from ceremony_host import Refused
from cluster import EVERY, NODES, ClusterFront, Scenes, main, status_of, wait_for
from load import CLASSIC, longest_gap
from stamp_host import ASK_LIST, ASK_R1, CLASSIC_KEY, OK, SID0, STALE, Gate, GatedProxy, Signers, ask

TIMES = range(10 if os.environ.get("QUORATE_LONG") == "1" else 1)
DEADLINE = 2.0 # s, deadline_ms of the front
GAP = 2.0      # s within which tokens go on when cores go; a front takes longer to start
START = 5.0    # s within which a front that was killed serves again
KILLS = 3
TWICE = 8 # presignatures that two connections ask for at once


class Fronts(Scenes):
    def killed(self):
        load = self.load()
        gaps = []
        for _ in range(KILLS):
            load.await_tokens(20)
            since = self.replace_front()
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
        self.signs_once()

    def replace_front(self):
        """kill -9, and when; another one runs then."""
        front = self.c.pid("front")
        os.kill(front, signal.SIGKILL)
        since = time.monotonic()
        wait_for(lambda: self.c.pid("front") not in (0, front), "no other front")
        return since

    def test_killed(self):
        for _ in TIMES:
            self.play(self.killed)

    def signs_once(self):
        """One presignature makes one signature at most: the front is killed when one core has used it, and others ask for more."""
        gate = Gate()
        paths = {n: os.path.join(self.where, f"gate-{n}.sock") for n in EVERY}
        for n in EVERY:
            self.ends.append(GatedProxy(os.path.join(self.c.dir, f"core-{n}.sock"), paths[n], gate, n).stop)
        front = ClusterFront(self.c, paths, "gated")
        self.ends.append(front.stop)
        front.await_whole()
        self.assertEqual([a.kind for a in self.load(front.address, policies=[CLASSIC], most=1).done()], ["token"])
        gate.closed = True
        load = self.load(front.address, policies=[CLASSIC], most=1)
        wait_for(lambda: gate.answered and len(gate.held_of(gate.passed[1].record)) == 2, "no R2")
        os.kill(front.pid, signal.SIGKILL)
        self.assertEqual([a.kind for a in load.done()], ["none"])
        used, asked = gate.passed
        self.signers = Signers(self.c.dir, asked)
        self.ends.append(self.signers.close)
        held = dict(gate.held_of(asked.record))
        self.assertEqual(sorted([used, *held]), asked.signers)
        self.another_front_asks_for_others(used, asked.record)
        self.cores_refuse_it(used, asked.record, held)
        self.two_connections_get_one_answer()
        self.nor_does_who_comes_in_the_place(used, asked)

    def lists(self, record):
        """Who has it."""
        return [n for n in self.signers.to if record in self.signers.records(n)]

    def fresh(self, n, without=()):
        """Records that all three have: others than that."""
        def look():
            out = set.intersection(*(self.signers.records(place) for place in self.signers.to)) - set(without)
            return len(out) >= n and list(out)[:n]
        return wait_for(look, "no presignatures of these three")

    def another_front_asks_for_others(self, used, record):
        """One that listed what there is after that: what a front listed before, it may try."""
        self.replace_front()
        wait_for(self.c.is_ready, self.c.status)
        answers = self.load(policies=[CLASSIC], pause=0.01, most=20).done()
        self.assertEqual({a.kind for a in answers}, {"token"})
        self.assertEqual(self.lists(record), [n for n in self.signers.to if n != used])

    def cores_refuse_it(self, used, record, held):
        """Of another message, and beside a presignature that shows that nothing else is the cause."""
        def play():
            got = self.signers.stamp(self.signers.frame([record, *self.fresh(1, [record])]))
            return all(errs[1] == OK for errs in got.values()) and got # else its R1s were too old
        before = self.lists(record)
        got = play()
        while not got:
            self.assertEqual(self.lists(record), before) # it was not taken by a question that is not answered
            got = play()
        self.assertEqual({n: errs[0] for n, errs in got.items()}, {n: STALE if n == used else OK for n in got})
        for asked in held.values(): # what the dead front had asked comes late
            self.assertEqual({errs[0] for errs in self.signers.stamp(asked.body).values()}, {STALE})
        again = wait_for(play, "R1s are always too old")
        self.assertEqual({errs[0] for errs in again.values()}, {STALE})
        self.assertEqual(self.lists(record), [])

    def two_connections_get_one_answer(self):
        answered = {}
        end = time.monotonic() + 30
        while len(answered) < TWICE and time.monotonic() < end:
            record, *controls = self.fresh(3)
            got = self.signers.stamp_twice([self.signers.frame([record, control]) for control in controls])
            for n, errs in got.items():
                self.assertNotEqual([e[0] for e in errs], [OK, OK], n)
            if all(e[1] == OK for errs in got.values() for e in errs): # else some R1s were too old
                answered[record] = got
        self.assertEqual(len(answered), TWICE)
        self.assertEqual({tuple(sorted(e[0] for e in errs)) for got in answered.values() for errs in got.values()}, {(OK, STALE)})

    def nor_does_who_comes_in_the_place(self, used, asked):
        """Of the core that used it, which is killed as well."""
        before = self.c.pid(f"core-{used}")
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: self.c.pid(f"core-{used}") not in (0, before), self.c.told)
        with wait_for(lambda: self.signers.listens(used), self.c.said) as s:
            for kind, body in [(ASK_R1, asked.epoch + bytes([CLASSIC_KEY, 1]) + bytes(SID0)), (ASK_LIST, bytes(8))]:
                with self.assertRaises(Refused):
                    ask(s, kind, body)

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
