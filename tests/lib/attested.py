"""Five cores, each with a quorate-tsm on simulated silicon, a plan and its ceremony. QUORATE_BIN: the programs."""
import hashlib
import os
import re
import select
import struct
import subprocess
import time

import snp_policy

BIN = os.environ["QUORATE_BIN"]
NODES, DEADLINE_S = 5, 60
CLASSIC, PQ = "1,classic,1.2.3,3,100,1000", "2,pq,1.3.6.1.4.1.32473.3161.1.92,3,100,1000"


def program(name):
    return os.path.join(BIN, name)


def platform(chip):
    """CHIP_ID of a simulated chip; every third is a SIM-Turin, which has 8 bytes."""
    chip_id = hashlib.sha512(b"quorate-sim-chip" + struct.pack("<I", chip)).digest()
    return (chip_id[:8] + bytes(56) if chip % 3 == 2 else chip_id).hex()


def copy(place, name):
    """The first pages of each program: what is measured need not be what runs, here."""
    folder = os.path.join(place, name)
    os.makedirs(folder, exist_ok=True)
    for one in ("quorate-core", "quorate-timed", "quorate-tsm"):
        with open(program(one), "rb") as f, open(os.path.join(folder, one), "wb") as to:
            to.write(f.read(9000))
    return folder


class Nodes:
    def __init__(self, place):
        self.place, self.running = place, []
        self.programs = copy(place, "programs")
        with open(os.path.join(place, "snp.policy"), "w") as f:
            f.write(snp_policy.text(snp_policy.measurement(self.programs)))

    def end(self):
        for process in self.running:
            process.kill()
            process.wait()
            process.stderr.close()
        self.running = []

    def start(self, *args):
        process = subprocess.Popen(args, stderr=subprocess.PIPE)
        self.running.append(process)
        until = time.monotonic() + DEADLINE_S
        said = b""
        while b"ready " not in said:
            left = until - time.monotonic()
            assert left > 0 and select.select([process.stderr], [], [], left)[0], said
            more = os.read(process.stderr.fileno(), 65536)
            assert more, said
            said += more

    def up(self, chips, programs):
        for i in range(NODES):
            core, tsm = ("unix:" + os.path.join(self.place, f"{kind}-{i}.sock") for kind in ("core", "tsm"))
            self.start(program("quorate-core"), "--listen", core, "--tsm-listen", tsm, "--clock", "trust-system",
                       "--allow-untrusted-time", "--policy", CLASSIC, "--policy", PQ, "--member", "--allow-unlocked")
            self.start(program("quorate-tsm"), "--core", tsm, "--provider", "sim", "--programs", programs[i],
                       "--chip", str(chips[i]))

    def plan(self, listed, attested=True):
        """As people do it: a draft, and what they add to it."""
        path = os.path.join(self.place, "plan.ini")
        cores = [x for i in range(NODES) for x in ("--core", f"unix:{self.place}/core-{i}.sock")]
        subprocess.run([program("quorate"), "ceremony", "plan", *cores, "--threshold", "3", "--out", path],
                       timeout=60, check=True)
        if not attested:
            return path
        with open(path) as f:
            text = f.read()
        nodes = iter(range(NODES))

        def more(found):
            i = next(nodes)
            return f"{found.group(0)}\nprovider = provider-{i}\nplatform = {platform(listed[i])}"

        text = re.sub(r"boot_nonce = \w+", more, text) + "\n[epoch]\nnumber = 1\npolicy = snp.policy\n"
        with open(path, "w") as f:
            f.write(text)
        return path

    def ceremony(self, path):
        record = os.path.join(self.place, "record")
        if os.path.exists(record):
            os.unlink(record)
        done = subprocess.run([program("quorate"), "ceremony", "run", "--plan", path, "--out", record],
                              capture_output=True, text=True, timeout=4 * DEADLINE_S)
        return done, os.path.exists(record)
