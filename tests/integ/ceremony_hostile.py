"""Run by ceremony_hostile.sh. A driver that is killed half way, two that begin at once, and then one ceremony in which every
round the host says to one core what it should not: it has no effect, or the outcome that stands here."""
import os
import signal
import subprocess
import sys
import threading
import time
import unittest

from ceremony_host import (ANSWER, BEGIN, BIN, FINISHED, RECORD, RUNNING, STEP, STEP_MAX, TO_ALL, T_COMMIT, WAIT, Core, Host,
                           Refused, Tap)
from core_proxy import HEAD, take

NODES, THRESHOLD = 5, 3
VICTIM, LATE = 0, 4 # whom the host attacks, and whose messages to it come last
GROWTH = 4096 # KiB
STALL = 5.0 # s, LIMIT_STALL_NS: after so long half a frame ends its connection
LATER = 3 # rounds
ERR_TRUNCATED, ERR_RANGE, ERR_POLICY, ERR_STALE, ERR_STATE, ERR_MISMATCH = 0x101, 0x105, 0x203, 0x206, 0x207, 0x403
DONE, OPEN, COMPLAINT, ABORT = 10, 32, 33, 34
PLACE = sys.argv.pop(1)
ceremony = [os.path.join(BIN, "quorate"), "ceremony"]


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cores = [Core(PLACE, place) for place in range(NODES)]

    @classmethod
    def tearDownClass(cls):
        exits = [core.stop() for core in cls.cores]
        assert exits == [0] * NODES, exits

    # ---- a driver of ours that is killed ----

    def a_driver_is_killed(self):
        """Its messages, by core, and the plan. The cores only wait."""
        stuck, go_on = threading.Event(), threading.Event()
        taps = [Tap(core.path, f"{core.path}.tap", T_COMMIT, stuck, go_on) for core in self.cores]
        plan = os.path.join(PLACE, "plan.ini")
        record = os.path.join(PLACE, "none.qcr")
        subprocess.run([*ceremony, "plan", "--threshold", str(THRESHOLD), "--out", plan,
                        *(word for tap in taps for word in ("--core", f"unix:{tap.path}"))], check=True)
        driver = subprocess.Popen([*ceremony, "run", "--plan", plan, "--out", record], stderr=subprocess.DEVNULL)
        self.assertTrue(stuck.wait(WAIT))
        driver.send_signal(signal.SIGKILL)
        self.assertEqual(driver.wait(WAIT), -signal.SIGKILL)
        go_on.set()
        for tap in taps:
            tap.stop()
        self.assertFalse(os.path.exists(record))
        for core in self.cores:
            self.assertEqual(core.turn(STEP).state, RUNNING) # until its round is over
        return taps[0].begun, [tap.carried for tap in taps]

    # ---- asked of a core, and refused ----

    def refuses(self, number, kind, body, core=VICTIM):
        with self.assertRaises(Refused) as e:
            self.cores[core].ask(kind, body)
        self.assertEqual(e.exception.args[0], number)

    def refuses_the_stream(self, number, kind, body):
        """Answered, and then closed: on a connection of its own."""
        core = self.cores[VICTIM]
        with core.connect() as s:
            with self.assertRaises(Refused) as e:
                core.ask(kind, body, s)
            self.assertEqual(e.exception.args[0], number)
            self.assertEqual(s.recv(1), b"")

    def plans(self, plan, used):
        """What no core begins. Places of the plan: docs/wire.md 4.1."""
        fresh = bytes([9]) * 32
        self.refuses(ERR_STALE, BEGIN, used + plan)
        self.refuses(ERR_POLICY, BEGIN, fresh + bytes([1, 2]) + plan[2:]) # two sign; version 1: classic keys of their own
        self.refuses_the_stream(ERR_RANGE, BEGIN, fresh + plan[:1] + bytes([2]) + plan[2:]) # of a shared one
        name = plan.index(b"\x04", 5) # the first point, after version, T, N, level, assurance and a name
        self.refuses_the_stream(ERR_RANGE, BEGIN, fresh + flipped(plan, name + 50)) # not on the curve
        self.refuses(ERR_MISMATCH, BEGIN, fresh + flipped(plan, name + 97)) # the victim has another Ed25519 key
        self.refuses_the_stream(ERR_RANGE, BEGIN, fresh + plan[:3] + bytes([44]) + plan[4:])
        self.refuses_the_stream(0x102, BEGIN, fresh + plan + b"\0")
        for n in (0, 31, 32, 33, 40, 32 + len(plan) - 1):
            self.refuses_the_stream(ERR_TRUNCATED, BEGIN, (fresh + plan)[:n])

    def two_begin_at_once(self, plan):
        """The later one is the one that there is: nothing of the other counts."""
        hosts = [Host(self.cores, plan, bytes([n]) * 32) for n in (1, 2)]
        both = threading.Barrier(2)

        def run(host):
            both.wait(WAIT)
            for place, core in enumerate(self.cores):
                with core.connect() as s:
                    host.took(place, core.turn(BEGIN, host.nonce + plan, s))

        threads = [threading.Thread(target=run, args=(host,)) for host in hosts]
        for t in threads:
            t.start()
        for t in threads:
            t.join(WAIT)
        for host in hosts:
            self.assertEqual([a.state for a in host.last], [RUNNING] * NODES)
        return hosts

    # ---- one honest host, who is not ----

    def nothing_comes_of(self, what, data):
        """Messages that the victim drops."""
        a = self.host.took(VICTIM, self.cores[VICTIM].turn(STEP, data))
        self.assertEqual((a.state, a.reason, a.messages, a.more), (RUNNING, 0, [], 0), what)
        self.tried += 1

    def attack(self, m):
        """Before the first message of a round that the victim takes, and after it."""
        sent = [own for own in self.host.carried if own.round == m.round]
        for own in [own for own in sent if own.sender == VICTIM][:2]:
            self.nothing_comes_of("its own message", own.whole)
            self.nothing_comes_of("in another's name", bytes([own.round, LATE]) + own.whole[2:])
        for other in [other for other in sent if VICTIM not in (other.sender, other.to) and other.to != TO_ALL][:2]:
            self.nothing_comes_of("to another", other.whole)
            self.nothing_comes_of("to another, readdressed", other.whole[:2] + bytes([VICTIM]) + other.whole[3:])
        for old in [old for old in self.old if old.round == m.round][:2]:
            self.nothing_comes_of("of another ceremony", old.whole)
        self.nothing_comes_of("a body that was not signed", flipped(m.whole, 7))
        self.nothing_comes_of("a signature that is none", flipped(m.whole, len(m.whole) - 1))
        if m.to == TO_ALL:
            self.nothing_comes_of("as another round", bytes([ABORT]) + m.whole[1:])
            self.nothing_comes_of("as a complaint", bytes([COMPLAINT]) + m.whole[1:])
        else:
            self.nothing_comes_of("an OPEN outside of its channel", bytes([OPEN]) + m.whole[1:])

    def streams(self, m):
        """Frames and messages that are none: each ends its connection, and nothing else."""
        core, whole = self.cores[VICTIM], m.whole
        for n in (1, 6, 7, len(whole) - 1):
            self.refuses_the_stream(ERR_TRUNCATED, STEP, whole[:n])
        self.refuses_the_stream(ERR_RANGE, STEP, whole[:3] + b"\xff\xff\xff\xff" + whole[7:])
        self.refuses_the_stream(ERR_RANGE, STEP, bytes([13]) + whole[1:])
        self.refuses_the_stream(ERR_RANGE, STEP, whole[:1] + b"\x06" + whole[2:])
        for head in (HEAD.pack(0x51, 1, STEP, 0, STEP_MAX + 1, 1), HEAD.pack(0x51, 1, BEGIN, 0, 65537, 1),
                     HEAD.pack(0x51, 2, STEP, 0, 0, 1), HEAD.pack(0x50, 1, STEP, 0, 0, 1), HEAD.pack(0x51, 1, STEP, 1, 0, 1)):
            with core.connect() as s:
                s.sendall(head)
                self.assertEqual(s.recv(1), b"")
        frame = HEAD.pack(0x51, 1, STEP, 0, len(whole), 1) + whole
        for n in (1, len(frame) // 2, len(frame) - 1): # and goes away
            with core.connect() as s:
                s.sendall(frame[:n])
        if self.half is not None and m.round < DONE:
            begun, half = time.monotonic(), core.connect()
            half.sendall(frame[:len(frame) // 2]) # and stays
            self.half.append((begun, half, frame))

    def halves_are_finished(self, but):
        """A frame that was half there while rounds went by is a message that came twice. All but the last ones."""
        while len(self.half) > but:
            begun, s, frame = self.half.pop(0)
            with s:
                try:
                    s.sendall(frame[len(frame) // 2:])
                    _, _, kind, _, n, _ = HEAD.unpack(take(s, HEAD.size))
                    self.assertEqual((kind, take(s, n)[0]), (STEP | ANSWER, RUNNING))
                except (EOFError, BrokenPipeError, ConnectionResetError):
                    self.assertGreater(time.monotonic() - begun, STALL) # this machine stood still
            self.halves += 1

    def before_the_victim_takes(self, m):
        """The first message of each round: attacks, and then the message itself, twice."""
        self.attack(m)
        self.streams(m)
        if m.round == DONE:
            self.halves_are_finished(0)
            self.assertGreater(self.halves, 5)
            self.half = None
        elif self.half is not None:
            self.halves_are_finished(LATER)
        if self.host.took(VICTIM, self.cores[VICTIM].turn(STEP, m.whole + m.whole)).more:
            self.refuses(ERR_STATE, STEP, m.whole)

    def drive(self):
        """To the end. The victim is stepped when all others wait for it, and takes those of one core last: after messages of
        the round that follows."""
        seen, inbox = set(), self.host.inbox[VICTIM]
        while any(map(self.host.moves, range(NODES))):
            others = [place for place in range(NODES) if place != VICTIM and self.host.moves(place)]
            if not others and not self.host.more[VICTIM]:
                inbox.sort(key=lambda m: (m.sender == LATE, -m.sender))
                new = next((m for m in inbox if m.round not in seen), None)
                if new is not None:
                    seen.add(new.round)
                    inbox.remove(new)
                    self.before_the_victim_takes(new)
                    continue
            for place in others or [VICTIM]:
                self.host.step(place)
        return seen

    def test_all_of_it(self):
        for place in range(NODES):
            self.refuses(ERR_STATE, STEP, b"", place)
            self.refuses(ERR_STATE, RECORD, bytes(4), place)
        begun, carried = self.a_driver_is_killed()
        used, plan = begun[:32], begun[32:]
        self.old = carried[VICTIM]
        self.plans(plan, used)
        hosts = self.two_begin_at_once(plan)
        self.old += hosts[0].carried + hosts[1].carried
        before = [core.resident() for core in self.cores]
        self.tried, self.half, self.halves = 0, [], 0
        self.host = Host(self.cores, plan, bytes([3]) * 32)
        self.host.begin()
        self.refuses(ERR_STATE, RECORD, bytes(4))
        self.assertEqual(self.drive(), {*range(1, 13), 16, 17, 18})
        self.assertEqual([a.state for a in self.host.last], [FINISHED] * NODES)
        self.assertEqual(len({a.id for a in self.host.last}), 1)
        longest = max(self.host.carried, key=lambda m: len(m.whole))
        for m in self.host.carried[-4:] + self.old[-4:] + [longest] * 100: # and nothing more, many times what may grow
            self.assertEqual(self.cores[VICTIM].turn(STEP, flipped(m.whole, 7))[:6], self.host.last[VICTIM][:6])
        for place, core in enumerate(self.cores):
            self.assertIsNone(core.process.poll())
            self.assertLess(core.resident() - before[place], GROWTH)
        print(f"  {self.tried} messages without effect; resident KiB {before} -> {[core.resident() for core in self.cores]}")


unittest.main(verbosity=0)
