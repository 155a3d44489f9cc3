"""Run by cluster_epochs.sh. QUORATE_LONG=1: 100,000 requests."""
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import time

from cluster import BIN, NODES, Cluster, Scenes, get, main, wait_for
from front import read, write
from load import CLASSIC, HYBRID, PQ

NEXT = os.path.join(os.environ["QUORATE_BUILD"], "next") # the programs of another release
MEASURED = ("quorate-core", "quorate-timed", "quorate-tsm")
REQUESTS = 100000 if os.environ.get("QUORATE_LONG") == "1" else 3000
RETIRED = b"QUORATE-RETIRED-1\n"
STATEMENT = 377 # bytes
BOUND = 600 # s: a machine that is busy takes its time
MIX = [CLASSIC, CLASSIC, CLASSIC, CLASSIC, HYBRID, PQ]


MAGIC = b"QUORATE-BUNDLE-1\n"
DOCUMENT, EVIDENCE, RECIPE, EARLIER, RETIREMENT, BEFORE = 1, 3, 6, 7, 8, 10


def parts(bundle):
    """[(kind, bytes)] of docs/bundle.md."""
    assert bundle.startswith(MAGIC)
    out, at = [], len(MAGIC)
    while at < len(bundle):
        kind, n = struct.unpack_from("<BI", bundle, at)
        out.append((kind, bundle[at + 5:at + 5 + n]))
        at += 5 + n
    return out


def bundle_of(rows):
    return MAGIC + b"".join(struct.pack("<BI", kind, len(data)) + data for kind, data in rows)


def part(bundle, kind):
    return [data for k, data in parts(bundle) if k == kind]


def instead(bundle, kind, *data):
    """With these in the place of the parts of a kind."""
    return bundle_of(sorted([row for row in parts(bundle) if row[0] != kind] + [(kind, d) for d in data], key=lambda row: row[0]))


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def measure(programs):
    done = subprocess.run([os.path.join(BIN, "quorate"), "measure", "--simulated", programs], capture_output=True, text=True,
                          check=True)
    return done.stdout.strip()


class Next:
    """`quorate dev next` of a build, and what it says."""

    def __init__(self, cluster, *more, programs=BIN):
        self.process = subprocess.Popen([os.path.join(programs, "quorate-authority"), "dev", "next", "--dir", cluster.dir, *more],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def began(self):
        assert "start" in self.process.stdout.readline()
        return self

    def end(self):
        """(exit code, text)."""
        text, _ = self.process.communicate(timeout=BOUND)
        return self.process.returncode, text

    def kill(self):
        self.process.kill()
        return self.end()


class Epochs(Scenes):
    def begin(self):
        self.c = Cluster(self.where)
        self.ends.append(lambda: self.c.stop())
        self.front = self.c.pid("front")

    def epoch(self):
        return self.c.status()["epoch"]["epoch_id"]

    def sets(self):
        path = os.path.join(self.c.dir, "sets")
        return read(path).decode().split() if os.path.exists(path) else []

    def path(self, number, name):
        """A file of that set of cores."""
        return os.path.join(self.c.dir, *([f"cores-{number}"] if number > 1 else []), name)

    def pid(self, number, name):
        """Of a process of that set; None: it does not run."""
        path = self.path(number, "cluster")
        found = os.path.exists(path) and re.search(rf"(?m)^{name} pid ([1-9]\d*) ", read(path).decode())
        return int(found[1]) if found else None

    def await_pid(self, number, name):
        return wait_for(lambda: self.pid(number, name), f"{name} of set {number} does not run", BOUND)

    def tokens(self, n=20):
        answers = self.load(policies=[CLASSIC, HYBRID], pause=0.01, most=n).done()
        self.assertEqual([a for a in answers if a.kind != "token"], [])
        return answers

    # ---- under load ----

    def goes_over(self):
        old = self.epoch()
        load = self.load(policies=MIX, pause=0.02, most=20 * REQUESTS)
        load.await_tokens(REQUESTS // 10, 0, BOUND)
        code, said = Next(self.c, programs=NEXT).end()
        self.assertEqual(code, 0, said)
        print("".join(f"  {line[:110]}\n" for line in said.splitlines()), end="", flush=True)
        new = self.epoch()
        self.assertNotEqual(new, old)
        load.await_tokens(100, None, BOUND)
        load.await_tokens(REQUESTS, 0, BOUND + REQUESTS / 10)
        answers = load.stop()
        bad = [a for a in answers if a.kind != "token"]
        self.assertEqual(bad, [])
        self.assertEqual(len({a.serial() for a in answers}), len(answers))
        tokens, rows = self.check_recorded(answers, os.path.join(self.c.dir, "journal"))
        print(f"  {len(answers)} requests while the front went over to other cores: {len(bad)} failed, {tokens} tokens in one "
              f"journal of {rows} rows", flush=True)
        self.verify(answers[:15] + answers[-15:])
        self.over(old)
        self.assertEqual(os.readlink(f"/proc/{self.pid(2, 'core-1')}/exe"), os.path.realpath(os.path.join(NEXT, "quorate-core")))
        hybrid = [a for a in answers if (a.policy, a.needs) == HYBRID]
        self.shown(hybrid[0], hybrid[-1])

    def over(self, old):
        """Each has signed that it has erased its shares, and none of them runs."""
        statements = read(self.path(1, "retired"))
        self.assertEqual(len(statements), len(RETIRED) + NODES * STATEMENT)
        self.assertEqual(statements[len(RETIRED) + 18:len(RETIRED) + 66].hex(), old)
        self.c.logged(r"^audit .*event=retired .*reason=4", NODES)
        self.assertEqual([self.pid(1, f"core-{i + 1}") for i in range(NODES)], [None] * NODES)
        self.assertEqual(self.sets(), ["serves", "2"])
        self.assertEqual(self.pid(1, "front"), self.front)

    # ---- the bundle of both epochs ----

    def verdict(self, answer, bundle, *more):
        """What `quorate verify --bundle` says, and its exit code."""
        base = os.path.join(self.where, "shown")
        for name, data in ((".tsq", answer.query), (".tsr", answer.body), (".bundle", bundle)):
            write(base + name, data)
        done = subprocess.run([os.path.join(BIN, "quorate"), "verify", "--require", answer.needs, "--query", base + ".tsq",
                               "--ca", self.c.ca(), "--allow-simulated", "--bundle", base + ".bundle", *more, base + ".tsr"],
                              capture_output=True, text=True)
        return done.returncode, done.stdout

    def judge(self, answer, bundle, *more):
        """The same, read."""
        code, said = self.verdict(answer, bundle, "--json", *more)
        return code, json.loads(said)["bundle"] if said else {}

    def assert_refused(self, answer, bundle, check, before=False):
        """One check fails, that one; before: of the epoch before."""
        code, said = self.judge(answer, bundle)
        checks = (said["before"] if before else said)["checks"]
        failed = [name for name, result in checks.items() if result == "FAIL"]
        self.assertEqual((code, said["verdict"], failed), (1, "NOT GENUINE", [check]), said)

    def shown(self, first, last):
        """Each token is of its own epoch, in one file that leads from the one to the other."""
        code, bundle = get(self.c.address, "/bundle")
        self.assertEqual((code, bundle), (200, read(self.path(2, "bundle"))))
        for answer, number in ((first, 1), (last, 2)):
            code, said = self.judge(answer, bundle)
            self.assertEqual((code, said["verdict"], said["token_epoch"]), (0, "GENUINE", number), said)
            self.assertEqual((said["epoch"]["number"], said["before"]["epoch"]["number"]), (2, 1))
            self.assertEqual((said["epoch"]["retired"], said["before"]["epoch"]["retired"]), (0, NODES))
            self.assertEqual({node["result"] for epoch in (said, said["before"]) for node in epoch["nodes"]}, {"PASS"})
        before = part(bundle, BEFORE)[0]
        self.assertEqual(before, read(self.path(1, "bundle")))
        self.assertEqual(self.judge(first, before)[0], 0)
        self.assertEqual(self.judge(last, before)[0], 1) # it says nothing of a key that comes after it
        print(f"  the bundle of two epochs has {len(bundle)} bytes, that of the first {len(before)}", flush=True)
        self.measured(first, last, bundle)
        self.broken(first, last, bundle, before)

    def measured(self, first, last, bundle):
        """Each token is of its own build; the other's files are not those that its cores ran."""
        codes = [measure(BIN), measure(NEXT)]
        self.assertNotEqual(*codes)
        said = self.judge(last, bundle)[1]
        for epoch, code in zip((said["before"], said), codes):
            self.assertEqual({node["measurement"] for node in epoch["nodes"]}, {code})
        for answer, own, other in ((first, BIN, NEXT), (last, NEXT, BIN)):
            code, said = self.judge(answer, bundle, "--measure", own)
            self.assertEqual((code, said["verdict"], said["checks"]["measurement"]), (0, "GENUINE", "PASS"), said)
            code, text = self.verdict(answer, bundle, "--measure", other)
            self.assertEqual((code, "quorate-core: not the file of the recipe" in text), (1, True), text)
        recipe = part(part(bundle, BEFORE)[0], RECIPE)[0] # nothing vouches for a recipe but what the nodes show
        code, text = self.verdict(last, instead(bundle, RECIPE, recipe), "--measure", BIN)
        self.assertEqual((code, "the files of the recipe give another measurement than the nodes show" in text), (1, True), text)
        print(f"  {codes[0][:16]}.. and {codes[1][:16]}..: each token is of its own build, and not of the other", flush=True)

    def broken(self, first, last, bundle, before):
        """Every link that is missing, out of order, or altered is refused, and said to be that."""
        document = part(bundle, EARLIER)[0]
        own = part(bundle, DOCUMENT)[0]
        self.assert_refused(last, instead(bundle, EARLIER), "chain of epochs") # missing
        self.assert_refused(last, instead(bundle, EARLIER, own, document), "chain of epochs") # out of order
        self.assert_refused(last, instead(bundle, EARLIER, document, document), "chain of epochs") # twice
        altered = flipped(document, 9 + 48 * 5) # its classic key
        self.assert_refused(last, instead(bundle, EARLIER, altered), "chain of epochs")
        self.assert_refused(last, instead(bundle, BEFORE, instead(before, DOCUMENT, altered)), "epoch before")
        self.assert_refused(last, instead(bundle, BEFORE, bundle_of([row for row in parts(bundle) if row[0] != BEFORE])),
                            "epoch before") # another epoch's
        self.assert_refused(last, instead(bundle, BEFORE, before[:-1]), "epoch before")
        self.assert_refused(last, instead(bundle, DOCUMENT, flipped(own, 9 + 48)), "document") # what it names
        gone = part(before, RETIREMENT)
        self.assert_refused(first, instead(bundle, BEFORE, instead(before, RETIREMENT, *gone[1:], flipped(gone[0], 40))),
                            "retirement", before=True)
        shown = part(before, EVIDENCE)
        self.assert_refused(first, instead(bundle, BEFORE, instead(before, EVIDENCE, *shown[:2])), "node evidence", before=True)
        code, said = self.judge(last, instead(bundle, BEFORE)) # without it the last epoch holds by itself
        self.assertEqual((code, said["verdict"]), (0, "GENUINE"), said)
        self.assertEqual(self.judge(first, instead(bundle, BEFORE))[0], 1)

    def test_front_goes_over(self):
        self.play(self.goes_over)

    # ---- what ends in the middle ----

    def breaks_off(self):
        self.build_that_does_not_start()
        self.evidence_of_another_build()
        self.supervisor_that_ends()
        self.killed_command()
        self.stopped_core()
        self.cancelled()
        self.killed_supervisors()

    # ---- a build that does not get ready ----

    def build(self, name, program, *lines):
        """The next release, with a script in the place of one program."""
        folder = os.path.join(self.where, name)
        shutil.copytree(NEXT, folder)
        write(os.path.join(folder, program), "\n".join(("#!/bin/sh",) + lines).encode() + b"\n")
        return folder

    def given_up(self, command, *texts):
        """The command says so, soon; the epoch that serves has not noticed, and there is no other."""
        before = self.epoch()
        load = self.load(policies=[CLASSIC, HYBRID], pause=0.02)
        since = time.monotonic()
        code, said = command.end()
        took = time.monotonic() - since
        self.assertEqual((code, [text for text in texts if text not in said]), (1, []), said)
        self.assertIn("the one before serves on", said)
        load.await_tokens(30)
        self.assertEqual([a for a in load.stop() if a.kind != "token"], [])
        self.assertEqual((self.sets(), self.epoch(), self.pid(1, "cores-2")), (["serves", "1"], before, None))
        print(f"  given up after {took:.1f} s: {said.splitlines()[0][-100:]}", flush=True)
        return took

    def build_that_does_not_start(self):
        folder = self.build("exits", "quorate-core", "echo failed step=self_test err=bug >&2", "exit 3")
        command = Next(self.c, programs=folder).began()
        took = self.given_up(command, " has ended 3 times, exit 3: failed step=self_test err=bug")
        self.assertLess(took, 30)

    def evidence_of_another_build(self):
        folder = self.build("lies", "quorate-tsm", f'exec "{BIN}/quorate-tsm" "$1" "$2" "$3" "$4" "$5" "{BIN}" "$7" "$8" "$9" "${{10}}"')
        self.given_up(Next(self.c, programs=folder).began(), "enrol has ended 3 times, exit 1: ", "evidence")

    def supervisor_that_ends(self):
        command = Next(self.c, programs=NEXT).began()
        pid = None
        for _ in range(3):
            pid = wait_for(lambda: self.pid(1, "cores-2") not in (None, pid) and self.pid(1, "cores-2"), "no supervisor", BOUND)
            os.kill(pid, signal.SIGKILL)
        self.given_up(command, "cores-2 has ended 3 times, signal 9: ")

    def killed_command(self):
        """It goes on where it ended; a core that is coming is replaced, one that goes has no share to give."""
        old = self.epoch()
        command = Next(self.c).began()
        command.process.send_signal(signal.SIGSTOP) # or it may be over first
        code, said = Next(self.c).end()
        self.assertEqual((code, "another quorate dev next" in said), (1, True), said)
        command.process.send_signal(signal.SIGCONT)
        command.kill()
        os.kill(self.await_pid(2, "core-2"), signal.SIGKILL)
        os.kill(self.pid(1, "core-5"), signal.SIGKILL)
        self.assertEqual(self.sets(), ["serves", "1", "next", "2"])
        self.assertEqual(self.epoch(), old)
        done = subprocess.run([os.path.join(BIN, "quorate-authority"), "dev", "renew", "--dir", self.c.dir],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, "dev next ends that" in done.stderr), (1, True), done.stderr)
        self.tokens()
        code, said = Next(self.c).end()
        self.assertEqual(code, 0, said)
        self.assertIn("node 5 has ended before", said)
        self.assertEqual(len(read(self.path(1, "retired"))), len(RETIRED) + (NODES - 1) * STATEMENT)
        self.assertEqual(self.sets(), ["serves", "2"])
        self.tokens()

    def stopped_core(self):
        """It may have its share: the epoch is not over before it has spoken, and the next one serves meanwhile."""
        core = self.pid(2, "core-3")
        os.kill(core, signal.SIGSTOP)
        code, said = Next(self.c).end()
        self.assertEqual((code, "node 3 has not retired" in said), (1, True), said)
        self.assertEqual(self.sets(), ["serves", "3", "retires", "2"])
        self.tokens()
        os.kill(core, signal.SIGCONT)
        code, said = Next(self.c, "--json").end()
        self.assertEqual(code, 0, said)
        self.assertEqual(json.loads(said.splitlines()[-1]), {"event": "next", "epoch_id": self.epoch(), "set": 3})
        self.assertEqual(len(read(self.path(2, "retired"))), len(RETIRED) + NODES * STATEMENT)

    def cancelled(self):
        before = self.epoch()
        Next(self.c).began().kill()
        self.await_pid(4, "core-1")
        code, said = Next(self.c, "--cancel").end()
        self.assertEqual(code, 0, said)
        self.assertEqual((self.sets(), self.epoch()), (["serves", "3"], before))
        code, said = Next(self.c, "--cancel").end()
        self.assertEqual((code, "no other cores" in said), (1, True), said)
        self.tokens()

    def killed_supervisors(self):
        """With one its cores end: that of the set comes again with another key, that of all is another start."""
        before = self.epoch()
        os.kill(self.pid(1, "cores-3"), signal.SIGKILL)
        self.c.await_status(lambda s: s["ready"] and s["epoch"]["epoch_id"] != before, "no other key", BOUND)
        self.tokens()
        mine = [self.pid(1, "front"), self.pid(3, "core-1"), self.pid(3, "mesh")]
        self.c.process.kill()
        self.c.process.wait()
        wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in mine), "children outlive it", BOUND)
        self.c.log.close()
        self.c = Cluster(self.where)
        self.assertEqual(self.sets(), [])
        self.tokens()

    def test_what_ends_in_the_middle(self):
        self.play(self.breaks_off)


if __name__ == "__main__":
    main()
