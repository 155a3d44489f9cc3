"""A development cluster of a test's own: `quorate dev up` with five cores, and a look at its parts. Ended by pid."""
import glob
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from front import read, write
from load import HYBRID, Load, verify_all

BIN = os.environ["QUORATE_BIN"]
NODES, THRESHOLD = 5, 3
EVERY = range(1, NODES + 1)
STAT_PQ_ANSWERED = 16 # wire/core_info.h


class Never(Exception):
    """What was waited for did not come: no busy machine is a reason for that."""


BOUND = 180 # s: no pause, a bound that a slow machine does not reach


def wait_for(what, why, seconds=BOUND):
    """Asks until there is an answer; the pause only keeps the CPU free."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = what()
        if answer:
            return answer
        time.sleep(0.01)
    raise Never("not within %d s: %s" % (seconds, why() if callable(why) else why))


def get(address, path):
    """(status, body) of one GET; (0, b"") where nobody answers."""
    try:
        with socket.create_connection(address, timeout=10) as s:
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".encode())
            raw = b""
            while part := s.recv(65536):
                raw += part
    except OSError:
        return 0, b""
    head, _, body = raw.partition(b"\r\n\r\n")
    return (int(head.split()[1]), body) if body or head else (0, b"")


def status_of(address):
    """/status of a front; None where nobody answers."""
    code, body = get(address, "/status")
    return json.loads(body) if code == 200 else None


def is_whole(s):
    """All cores take part, and any three of them have presignatures, and can make more."""
    return s and s["ready"] and s["epoch"]["quorum"] == NODES and s["degraded"] == "" and (
        "presignatures" not in s or s["presignatures"]["set_up"] == NODES * (NODES - 1) // 2)


def end(process, log):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    log.close()


def memory_of(pid):
    """(resident KiB, open descriptors)."""
    text = read(f"/proc/{pid}/status").decode()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]), len(os.listdir(f"/proc/{pid}/fd"))


class Cluster:
    """Five cores of which three sign, and a front, in the folder where/dev, with both keys in shares."""

    def __init__(self, where, programs=BIN, more=()):
        self.dir = os.path.join(where, "dev")
        self.programs = programs
        self.log_path = os.path.join(where, "log")
        self.log = open(self.log_path, "ab")
        self.from_here = self.log.tell()
        self.process = subprocess.Popen(
            [os.path.join(programs, "quorate-authority"), "dev", "up", "--dir", self.dir, "--listen", "127.0.0.1:0",
             "--nodes", str(NODES), "--threshold", str(THRESHOLD), *more],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            host, port = wait_for(lambda: re.search(r"^ready http://([0-9.]+):(\d+)", self.said(), re.M),
                                  self.said).groups()
            self.address = (host, int(port))
            wait_for(self.is_ready, lambda: f"{self.status()} {self.said()[-2000:]}")
        except BaseException:
            self.stop()
            raise

    def said(self):
        """What supervisor, front and cores have logged."""
        with open(self.log_path, "rb") as f:
            f.seek(self.from_here)
            return f.read().decode(errors="replace")

    def logged(self, pattern, times=1):
        wait_for(lambda: len(re.findall(pattern, self.said(), re.M)) >= times, lambda: pattern + " in " + self.said())

    def stop(self):
        end(self.process, self.log)

    # ---- what its parts say ----

    def told(self):
        """`quorate dev status`: the first line, and {name: (pid, what)}."""
        done = subprocess.run([os.path.join(self.programs, "quorate-authority"), "dev", "status", "--dir", self.dir],
                              capture_output=True, text=True)
        lines = done.stdout.splitlines() or [""]
        rows = (line.split(" ", 3) for line in lines[1:] if " pid " in line)
        return lines[0], {name: (int(pid), what) for name, _, pid, what in rows}

    def pid(self, name):
        return self.told()[1][name][0]

    def ca(self):
        return os.path.join(self.dir, "ca.pem")

    def status(self):
        return status_of(self.address)

    def is_ready(self):
        return is_whole(self.status())

    def await_status(self, what, why, seconds=BOUND):
        """Until the front says so: what(status)."""
        def look():
            s = self.status()
            return s and what(s) and s
        return wait_for(look, lambda: f"{why}: {self.status()}", seconds)

    def answered(self, core):
        """Sessions in which that core gave its part of a signature."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(os.path.join(self.dir, f"core-{core}.sock"))
            s.sendall(struct.pack("<BBBBIQ", 0x51, 1, 0x20, 0, 0, 1))
            raw = b""
            while len(raw) < 16 or len(raw) < 16 + struct.unpack_from("<I", raw, 4)[0]:
                part = s.recv(65536)
                assert part, "the core closed"
                raw += part
        rows = dict(struct.iter_unpack("<HQ", raw[18:]))
        return rows[STAT_PQ_ANSWERED]

    # ---- faults ----

    def signal(self, number, *cores):
        """Sends it to these cores, and says when the last one had it."""
        pids = [self.pid(f"core-{n}") for n in cores]
        for pid in pids:
            os.kill(pid, number)
        return time.monotonic()


class ClusterFront:
    """A quorate-front of its own before the cores of a cluster; instead: {core: path} of other sockets."""

    def __init__(self, cluster, instead=None, name="own"):
        self.cluster = cluster
        self.dir = os.path.join(os.path.dirname(cluster.dir), name)
        os.mkdir(self.dir)
        with open(os.path.join(cluster.dir, "quorate.conf")) as f:
            text = f.read()
        sockets = {n: os.path.join(cluster.dir, f"core-{n}.sock") for n in EVERY} | (instead or {})
        text = re.sub(r"(?m)^listen = .*$", "listen = 127.0.0.1:0", text)
        text = re.sub(r"(?m)^core = unix:core-(\d)\.sock$", lambda m: f"core = unix:{sockets[int(m[1])]}", text)
        text = re.sub(r"(?m)^(chain|chain_pq|ceremony|ended|bundle|recipe) = ", rf"\1 = {cluster.dir}/", text)
        text = text[:text.index("[authority]")]
        write(os.path.join(self.dir, "quorate.conf"), text.encode())
        self.log_path = os.path.join(self.dir, "log")
        self.log = open(self.log_path, "wb")
        self.process = subprocess.Popen(
            [os.path.join(BIN, "quorate-front"), "--config", os.path.join(self.dir, "quorate.conf")],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.pid = self.process.pid
        path = os.path.join(self.dir, "front.addr")
        wait_for(lambda: os.path.exists(path) or self.process.poll() is not None, self.said)
        host, port = read(path).decode().strip().rsplit(":", 1)
        self.address = (host, int(port))

    def said(self):
        return read(self.log_path).decode(errors="replace")

    def await_whole(self):
        """All cores take part."""
        wait_for(lambda: is_whole(status_of(self.address)), lambda: f"{status_of(self.address)} {self.said()[-3000:]}")

    def stop(self):
        end(self.process, self.log)


def journal(folder):
    """{imprint: serialNumber} of all tokens in quorate-journal(5), both in hexadecimal."""
    out = {}
    for path in glob.glob(os.path.join(folder, "segment-*.sqlite")):
        done = subprocess.run(["sqlite3", "-readonly", path, "SELECT hex(hashed_message), hex(serial_number) FROM token"],
                              capture_output=True, text=True, check=True)
        out |= dict(line.split("|") for line in done.stdout.split())
    return out


OTHERS = 0.2 # of all CPUs: what others may use
BUSY = 0.03 # s: where a thread with work waits so long for a CPU, a core cannot be told from one that is stopped
TRIES = 6
busy = [] # scenes that were never played on a quiet machine


def cpu_ticks():
    """(of all and those that another machine had, of this process and its descendants)."""
    fields = read("/proc/stat").split(b"\n")[0].split()
    every = sum(map(int, fields[1:4] + fields[8:9])) # steal(8): proc(5)
    parents, ticks = {}, {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = read(f"/proc/{name}/stat").rsplit(b")", 1)[1].split()
        except OSError:
            continue
        parents[int(name)], ticks[int(name)] = int(fields[1]), sum(map(int, fields[11:15])) # of reaped children as well
    ours, left = 0, [os.getpid()]
    while left:
        pid = left.pop()
        ours += ticks.get(pid, 0)
        left += [child for child, parent in parents.items() if parent == pid]
    return every, ours


class Scenes(unittest.TestCase):
    """Tests whose scenes each have a cluster of their own, for a share that is gone stays gone."""
    place = None # a folder

    def play(self, scene, *args):
        """With a cluster of its own."""
        def one():
            self.ends = []
            self.where = tempfile.mkdtemp(dir=self.place)
            try:
                self.begin()
                scene(*args)
            finally:
                for last in reversed(self.ends):
                    last()
        self.in_quiet(one)

    def in_quiet(self, scene, *args):
        """What fails although no thread had to wait is a failure; on a machine that is busy with other things the scene is
        played again."""
        for _ in range(TRIES):
            self.loads = []
            begin, before = time.monotonic(), cpu_ticks()
            try:
                scene(*args)
                return
            except AssertionError as e:
                after = cpu_ticks()
                for load in self.loads:
                    load.stop()
                stall = max((load.stall for load in self.loads), default=0.0)
                room = (time.monotonic() - begin) * os.sysconf("SC_CLK_TCK") * os.cpu_count()
                others = (after[0] - before[0] - after[1] + before[1]) / room
                if stall < BUSY and others < OTHERS:
                    raise
                print(f"  again, a thread waited {stall * 1000:.0f} ms for a CPU, others used {others * 100:.0f}% of all: "
                      f"{str(e)[:100]!r}", flush=True)
        busy.append(self.id())
        self.skipTest("busy")

    def begin(self):
        self.c = Cluster(self.where)
        self.ends.append(self.c.stop)
        self.front = self.c.pid("front")

    def load(self, address=None, **options):
        load = Load(address or self.c.address, **options)
        self.loads.append(load)
        self.ends.append(load.stop)
        return load

    def verify(self, answers):
        return verify_all(answers, self.where, self.c.ca())

    def check_recorded(self, answers, folder):
        """Each token that was given out is in the journal, with its serial number."""
        rows = journal(folder)
        tokens = [a for a in answers if a.kind == "token"]
        for a in tokens:
            serial = a.serial()[-20:].rjust(20, b"\0").hex().upper()
            self.assertEqual(rows.get(a.digest.hex().upper()), serial)
        return len(tokens), len(rows)

    def just_used(self):
        """The three cores that made the last token's signature together, in a cluster without load."""
        before = [self.c.answered(n) for n in EVERY]
        self.assertEqual([a.kind for a in self.load(policies=[HYBRID], most=1).done()], ["token"])
        used = [n for n in EVERY if self.c.answered(n) > before[n - 1]]
        self.assertGreaterEqual(len(used), THRESHOLD)
        return used


def main():
    """Runs the tests of the script; its argument is the folder."""
    Scenes.place = sys.argv.pop(1)
    done = unittest.main(verbosity=0, exit=False).result
    if done.wasSuccessful() and busy:
        print(f"SKIP the machine is too busy for {' '.join(busy)}")
        sys.exit(77)
    sys.exit(not done.wasSuccessful())
