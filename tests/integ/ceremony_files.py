"""Run by ceremony_files.sh: `quorate ceremony verify` and `blame` with files that are not what they should be."""
import json
import os
import struct
import subprocess
import sys
import unittest

QUORATE = os.path.join(os.environ["QUORATE_BIN"], "quorate")
PLACE, RECORD = sys.argv[1:3]
GENUINE, NOT_GENUINE, COULD_NOT_TELL = 0, 1, 2
NONCE, PK, SIGNATURE, NODES = 32, 1952, 96, 3


class Files(unittest.TestCase):
    def setUp(self):
        with open(RECORD, "rb") as f:
            self.record = f.read()
        self.path = os.path.join(PLACE, "record")

    def ceremony(self, *args, data=None):
        """(exit status, standard output, standard error); data: what the file has."""
        if data is not None:
            with open(self.path, "wb") as f:
                f.write(data)
        done = subprocess.run([QUORATE, "ceremony", *args], capture_output=True, text=True, timeout=60)
        self.assertIn(done.returncode, (GENUINE, NOT_GENUINE, COULD_NOT_TELL), (args, done))
        return done.returncode, done.stdout, done.stderr

    def refused(self, data, why):
        """Not genuine, and it says why."""
        code, out, err = self.ceremony("verify", self.path, data=data)
        self.assertEqual((code, err), (NOT_GENUINE, ""), out)
        self.assertIn(why, out)
        self.assertIn("NOT GENUINE", out)

    def messages(self):
        """(offset, length) of each, in order."""
        at = 1 + 4 + struct.unpack_from("<I", self.record, 1)[0] + NONCE
        out = []
        while at < len(self.record) - PK:
            n = 7 + struct.unpack_from("<I", self.record, at + 3)[0] + SIGNATURE
            out.append((at, n))
            at += n
        self.assertEqual((at, len(out)), (len(self.record) - PK, 7 * NODES))
        return out

    def test_one_byte(self):
        """Anywhere: it is no record any more, or a check names the first thing that does not hold."""
        said = set()
        for at in range(0, len(self.record), len(self.record) // 20):
            damaged = bytearray(self.record)
            damaged[at] ^= 0x40
            code, out, err = self.ceremony("verify", "--json", self.path, data=damaged)
            report = json.loads(out)
            self.assertEqual((code, err, report["exit_code"], report["verdict"]), (NOT_GENUINE, "", 1, "NOT GENUINE"))
            failed = [c["check"] for c in report.get("checks", []) if c["result"] == "FAIL"]
            self.assertEqual(len(failed), "checks" in report)
            self.assertEqual("reason" in report, "checks" not in report)
            said.update(failed)
        self.assertIn("signatures", said)

    def test_ends(self):
        begin, n = self.messages()[10]
        for cut in (0, 1, 4, 100, begin, begin + 6, begin + n - 1, len(self.record) - PK, len(self.record) - 1):
            self.refused(self.record[:cut], "no record of a key ceremony (truncated)")
        for more in (b"\0", self.record[-PK:], self.record):
            self.refused(self.record + more, "no record of a key ceremony (trailing)")
        self.refused(self.record + bytes(262145 - len(self.record)), "no record of a key ceremony (length)")
        self.refused(b"\2" + self.record[1:], "no record of a key ceremony (version)")

    def test_another_signer(self):
        """Messages of two nodes change places, signatures of two nodes do, and one node speaks as another."""
        (a, n), (b, m) = self.messages()[:2]
        self.assertEqual(n, m)
        one, other = self.record[a:a + n], self.record[b:b + n]
        self.refused(self.record[:a] + other + one + self.record[b + n:], "no record of a key ceremony (tag)")
        self.refused(self.record[:a] + one[:-SIGNATURE] + other[-SIGNATURE:] + other[:-SIGNATURE] + one[-SIGNATURE:] +
                     self.record[b + n:], "FAIL  signatures: every message is signed by its node (not so: node 1, n0)")
        self.refused(self.record[:b] + one[:-SIGNATURE] + other[-SIGNATURE:] + self.record[b + n:],
                     "no record of a key ceremony (tag)")
        self.refused(self.record[:b] + other[:7] + one[7:-SIGNATURE] + other[-SIGNATURE:] + self.record[b + n:],
                     "no record of a key ceremony (encoding)") # that node has other subsets

    def test_what_is_no_file(self):
        for path, why in ((os.path.join(PLACE, "nothing here"), "No such file"), (PLACE, "Is a directory")):
            code, out, err = self.ceremony("verify", path)
            self.assertEqual((code, out), (COULD_NOT_TELL, ""))
            self.assertIn(why, err)
        code, _, err = self.ceremony("blame", "--record", PLACE, self.path, data=b"")
        self.assertEqual(code, COULD_NOT_TELL)
        self.assertIn("Is a directory", err)

    def test_blame(self):
        """Of a record that is not genuine nothing follows; what is no proof proves nothing."""
        proof = os.path.join(PLACE, "proof")
        for data in (b"", b"\0", self.record, bytes(2000000)):
            with open(proof, "wb") as f:
                f.write(data)
            code, out, err = self.ceremony("blame", "--record", self.path, proof, data=self.record)
            self.assertEqual((code, out, err), (NOT_GENUINE, "proves nothing: it is no proof\n", ""))
        for damaged in (self.record[:-1], self.record[:-1] + b"\1", self.record + b"\0", b""):
            code, out, err = self.ceremony("blame", "--record", self.path, proof, data=damaged)
            self.assertEqual((code, out), (COULD_NOT_TELL, ""))
            self.assertRegex(err, "not the record|the key does not follow from the messages")


unittest.main(argv=sys.argv[:1], verbosity=0)
