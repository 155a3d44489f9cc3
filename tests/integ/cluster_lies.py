"""Run by cluster_lies.sh. QUORATE_LONG=1: every lie ten times. Four honest cores, and one whose answers a proxy changes on their way to the front."""
import glob
import json
import os
import re
import shutil
import struct
import subprocess
import time

from cluster import BIN, NODES, Cluster, ClusterFront, Scenes, main, memory_of, status_of, wait_for
from core_proxy import ANY, CLASSIC, ERROR, HEAD, HELLO, LIST, PQ, R1, R2, R3, SESSION, STATE, Flip, Instead, Lie, Proxy
from front import read, write
from load import longest_gap

TIMES = range(10 if os.environ.get("QUORATE_LONG") == "1" else 1)
LIAR = 2
DEADLINE = 2.0 # s, deadline_ms of the front
GROWTH = 16384 # KiB of the front while one core lies; a session has some 2,000
TOKENS = 20


def never(*_):
    return []


def flip_in(at):
    """One bit, so many bytes into the body."""
    def change(whole, *_):
        whole = bytearray(whole)
        if len(whole) > HEAD.size + at:
            whole[HEAD.size + at] ^= 1
        return [bytes(whole)]
    return change


def oversized(_, kind, number, __):
    return [HEAD.pack(0x51, 1, kind, 0, 0x7fffffff, number) + bytes(65536)]


def garbage(*_):
    return [os.urandom(4096)]


def flood(whole, *_):
    """The answer, and then well-formed answers that nobody asked for, as fast as they are taken."""
    body = bytes(200000)
    stray = HEAD.pack(0x51, 1, R3, 0, len(body), SESSION | 0x123456789) + body
    yield whole
    while True:
        yield stray


def byte_by_byte(whole, *_):
    return [whole[i:i + 1] for i in range(len(whole))]


def half(whole, *_):
    return [whole[:len(whole) // 2]]


def refuse(_, __, number, ___):
    return [HEAD.pack(0x51, 1, ERROR, 0, 2, number) + struct.pack("<H", 0x0201)]


def twice(whole, *_):
    return [whole, whole]


class Closes(Lie):
    """Half an answer of a session, and the end."""

    def __call__(self, kind, number, body):
        if kind in (R2, R3) and number & SESSION:
            return None
        return super().__call__(kind, number, body)


class Holds(Lie):
    """Answers of sessions come one session late: each is kept until the next one is due."""

    def __init__(self):
        self.kept = []

    def __call__(self, kind, number, body):
        whole = super().__call__(kind, number, body)
        if not number & SESSION:
            return whole
        out, self.kept = self.kept, whole
        return out


# name, the lie, what the front's log must say of the core in the end (None: it is only slow or clumsy)
ANSWERS = [
    ("R1 of the classic key", Flip(R1, 60, CLASSIC), "core_odd"),
    ("R1 of the classic key, its proof", Flip(R1, 160, CLASSIC), None),
    ("R2 of the classic key, its part", Flip(R2, 20, CLASSIC), None), # soon it is asked last
    ("R2 of the classic key, its form", Flip(R2, 0, CLASSIC), "core_odd"),
    ("presignatures that there are not", Flip(LIST, 40, CLASSIC), None),
    ("refuses the classic key", Instead([R1, R2], refuse, CLASSIC), "core_odd"),
    ("answers nothing of the classic key", Instead([R1, R2, LIST], never, CLASSIC), None),
    ("R1 of sessions, its offer", Flip(R1, 160, PQ), "core_odd"),
    ("REVEAL", Flip(R2, 5000, PQ), "core_odd"),
    ("REVEAL, its signature", Flip(R2, 10, PQ), "core_odd"),
    ("RESPOND", Flip(R3, 400, PQ), "core_odd"),
    ("RESPOND, its index", Flip(R3, 2, PQ), "core_odd"),
    ("sessions one late", Holds(), None),
    ("refuses all sessions", Instead([R1, R2, R3], refuse, ANY), "core_odd"),
    ("answers no session", Instead([R1, R2, R3], never, ANY), "core_odd"),
    ("answers no R3", Instead([R3], never, PQ), "core_odd"),
    ("answers nothing", Instead([HELLO, STATE, R1, R2, R3], never), None),
    ("answers twice", Instead([R1, R2, R3], twice), "core_lost"),
    ("another boot id", Instead([HELLO, STATE], flip_in(0)), None),
    ("another boot id in STATE", Instead([STATE], flip_in(25)), "core_lost"),
    ("STATE that is none", Instead([STATE], flip_in(0)), None),
    ("another epoch", Instead([HELLO], flip_in(16)), None),
    ("oversized frames", Instead([R1, R2, R3, STATE], oversized), "core_lost"),
    ("garbage", Instead([R1, R2, R3, STATE], garbage), "core_lost"),
    ("half an answer, then silence", Instead([R2, R3], half, ANY), None),
    ("byte by byte", Instead([HELLO, STATE, R1], byte_by_byte), None),
    ("closes in the middle", Closes(), "core_lost"),
    ("a flood", Instead([STATE], flood), "core_lost"),
    ("another identity", Instead([HELLO], flip_in(102)), "core_left_out"), # the last: its share counts as gone
]


class Lies(Scenes):
    def begin(self):
        super().begin()
        self.proxy = Proxy(os.path.join(self.c.dir, f"core-{LIAR}.sock"), os.path.join(self.where, "liar.sock"))
        self.ends.append(self.proxy.stop)
        self.fronts = 0
        self.begin_front()

    def begin_front(self):
        """One that has nothing against anybody yet."""
        self.fronts += 1
        self.own = ClusterFront(self.c, {LIAR: self.proxy.path}, f"own-{self.fronts}")
        self.ends.append(self.own.stop)
        self.own.await_whole()

    def lie(self, name, lie, word):
        """While it lies tokens go on; after it nothing is left of it."""
        self.proxy.lie = Lie()
        load = self.load(self.own.address, pause=0.05)
        load.await_tokens(10)
        before, told, said = memory_of(self.own.pid), self.proxy.told, self.own.said()
        self.proxy.lie = lie
        since = time.monotonic()
        if isinstance(lie, Instead) and HELLO in lie.kinds:
            self.proxy.reconnect()
        load.await_tokens(TOKENS)
        if word is not None:
            wait_for(lambda: word in self.own.said()[len(said):], lambda: f"no {word}: " + self.own.said()[len(said):])
        load.await_tokens(5)
        wait_for(lambda: self.proxy.told > told, "it did not lie")
        answers = load.stop()
        self.proxy.lie = Lie()
        self.proxy.reconnect()
        after = memory_of(self.own.pid)
        failed = [a for a in answers if a.kind != "token"]
        gap = longest_gap(answers, since)
        print(f"  {name}: {len(answers)} requests, {len(failed)} failed, longest gap {gap * 1000:.0f} ms; front "
              f"{before[0]} -> {after[0]} KiB, {before[1]} -> {after[1]} descriptors", flush=True)
        self.assertEqual([a for a in failed if a.seconds < DEADLINE], [])
        self.assertLess(gap, 2.0)
        self.verify(answers)
        self.assertLess(after[0] - before[0], GROWTH)
        self.assertLessEqual(after[1], before[1] + 12) # connections of the load that end
        status = status_of(self.own.address)
        self.assertEqual(status["coord"]["lies"], 0) # nothing that it signed

    def each(self):
        for number, (name, lie, word) in enumerate(ANSWERS):
            if number > 0:
                self.own.stop()
                self.begin_front()
            self.in_quiet(self.lie, name, lie, word)

    def test_answers_changed(self):
        for _ in TIMES:
            self.play(self.each)


class SignedLies(Scenes):
    """A core that is not what was built: what it signs proves the lie, and is kept."""

    def begin(self):
        programs = os.path.join(self.where, "bin")
        os.mkdir(programs)
        for name in ["quorate", "quorate-authority", "quorate-front", "quorate-mesh", "quorate-timed", "quorate-tsm"]:
            shutil.copy(os.path.join(BIN, name), programs)
        core = os.path.join(programs, "quorate-core")
        liar = os.path.join(os.path.dirname(BIN), "tests", "quorate-core-liar")
        write(core, f"""#!/bin/sh
case "$*" in *core-{LIAR}.sock*) LIAR={self.kind} exec "{liar}" "$@" ;; esac
exec "{BIN}/quorate-core" "$@"
""".encode())
        os.chmod(core, 0o755)
        self.c = Cluster(self.where, programs)
        self.ends.append(self.c.stop)

    def blame(self, proof):
        """What `quorate ceremony blame` says of these bytes."""
        path = os.path.join(self.where, "judged")
        write(path, proof)
        done = subprocess.run([os.path.join(BIN, "quorate"), "ceremony", "blame", "--json", "--record",
                               os.path.join(self.c.dir, "ceremony.qcr"), "--chain", os.path.join(self.c.dir, "chain-pq.pem"), path],
                              capture_output=True, text=True, timeout=60)
        verdict = json.loads(done.stdout)
        self.assertEqual(verdict["exit_code"], done.returncode, done)
        return done.returncode, verdict

    def is_judged(self, proof):
        """The proof blames who lied; a copy of it that was changed anywhere, or is of another core, blames nobody."""
        code, verdict = self.blame(proof)
        self.assertEqual((code, verdict["verdict"], verdict["index"], verdict["round"]), (0, "proven", LIAR, self.kind))
        for at in [*range(16, 24), *range(0, len(proof), len(proof) // (5 * len(TIMES))), len(proof) - 1]:
            changed = bytearray(proof)
            changed[at] ^= 1
            code, verdict = self.blame(changed)
            self.assertNotEqual(code, 0, (at, verdict))
        for other in range(1, NODES + 2):
            if other != LIAR:
                self.assertEqual(self.blame(proof[:16] + bytes([other]) + proof[17:])[0], 1)
        for cut in (0, 17, len(proof) // 2, len(proof) - 1):
            self.assertEqual(self.blame(proof[:cut])[0], 1)
        self.assertEqual(self.blame(proof + b"\0")[0], 1)

    def scene(self):
        load = self.load(pause=0.05)
        said = re.compile(rf"core_lied .*index={LIAR} .*round={2 if self.kind == 'reveal' else 3} .*proof=(\S+) kept=ok")
        line = wait_for(lambda: said.search(self.c.said()), lambda: self.c.said()[-3000:])
        since = time.monotonic()
        load.await_tokens(TOKENS)
        self.c.logged(r"core_left_out .*why=.it lied")
        answers = load.stop()
        failed = [a for a in answers if a.kind != "token"]
        proof = read(line[1])
        gap = longest_gap(answers, answers[0].sent)
        print(f"  a lie in a {self.kind} that it signed: {len(answers)} requests, {len(failed)} failed, longest gap "
              f"{gap * 1000:.0f} ms, a proof of {len(proof)} bytes", flush=True)
        self.assertEqual([a for a in failed if a.seconds < DEADLINE], [])
        self.verify(answers)
        status = self.c.status()
        self.assertEqual(status["coord"]["lies"], 1)
        self.assertEqual([c["index"] for c in status["cores"] if c["banned"]], [LIAR])
        self.assertEqual(status["epoch"]["quorum"], NODES - 1)
        self.assertTrue(status["ready"])
        before = self.c.answered(LIAR)
        load = self.load(most=30)
        self.assertEqual({a.kind for a in load.done()}, {"token"})
        self.assertEqual(self.c.answered(LIAR), before) # nobody asks it any more
        self.assertEqual(len(glob.glob(os.path.join(self.c.dir, "lie-*"))), 1)
        self.is_judged(proof)

    def test_reveal(self):
        self.kind = "reveal"
        for _ in TIMES:
            self.play(self.scene)

    def test_respond(self):
        self.kind = "respond"
        for _ in TIMES:
            self.play(self.scene)


main()
