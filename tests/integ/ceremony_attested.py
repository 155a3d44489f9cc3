"""Run by ceremony_attested.sh: cores, the quorate-tsm of each, and a ceremony with a policy."""
import os
import re
import subprocess
import sys
import unittest

from attested import NODES, Nodes, copy, platform, program

PLACE = sys.argv.pop(1)


class Attested(unittest.TestCase):
    def setUp(self):
        self.nodes = Nodes(PLACE)
        self.addCleanup(self.nodes.end)
        self.programs = [self.nodes.programs] * NODES

    def ceremony(self):
        return self.nodes.ceremony(self.nodes.plan(range(NODES)))

    def draft(self):
        cores = [x for i in range(NODES) for x in ("--core", f"unix:{PLACE}/core-{i}.sock")]
        done = subprocess.run([program("quorate"), "ceremony", "plan", *cores, "--threshold", "3", "--policy",
                               os.path.join(PLACE, "snp.policy")], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def test_key(self):
        self.nodes.up(range(NODES), self.programs)
        self.assertEqual(re.findall(r"(?m)^platform = (\w+)$", self.draft()), [platform(i) for i in range(NODES)])
        done, record = self.ceremony()
        self.assertEqual((done.returncode, record), (0, True), done)
        shown = subprocess.run([program("quorate"), "ceremony", "verify", os.path.join(PLACE, "record")],
                               capture_output=True, text=True, timeout=60)
        self.assertEqual(shown.returncode, 0, shown)

    def test_policy_that_no_core_takes(self):
        """It is refused before a core is asked: nobody listens here."""
        with open(os.path.join(PLACE, "snp.policy"), encoding="ascii") as f:
            text = f.read()
        more = "".join(f"measurement = {i:096x}\n" for i in range(16))
        full = text.replace("measurement = ", more + "measurement = ", 1)
        for bad, why in [(full, "16 measurements in all"), (text.replace("vmpl = ", "vmpl = 9"), "policy-value at its line ")]:
            path = os.path.join(PLACE, "bad.policy")
            with open(path, "w", encoding="ascii") as f:
                f.write(bad)
            done = subprocess.run([program("quorate"), "ceremony", "plan", "--core", "unix:/nonexistent/1", "--core",
                                   "unix:/nonexistent/2", "--threshold", "2", "--policy", path],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done)
            self.assertIn(why, done.stderr)

    def refused(self, node):
        done, record = self.ceremony()
        self.assertEqual((done.returncode, record), (3, False), done)
        self.assertIn("evidence", done.stderr + done.stdout)
        self.assertIn(f"core-{node + 1}", done.stderr + done.stdout)

    def test_other_program(self):
        other = copy(PLACE, "other")
        with open(os.path.join(other, "quorate-core"), "r+b") as f:
            f.seek(5000)
            f.write(b"x")
        self.programs[2] = other
        self.nodes.up(range(NODES), self.programs)
        self.refused(2)

    def test_chip_of_another(self):
        self.nodes.up([0, 1, 2, 1, 4], self.programs)
        self.refused(3)


unittest.main()
