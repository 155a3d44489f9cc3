"""The text of a policy of SEV-SNP guests; what is not named is as nodes on simulated silicon satisfy it. Run: prints it, of the
programs in a folder, or of a measurement for chips of one line whose evidence has no revocation list:

    snp_policy.py FOLDER
    snp_policy.py MEASUREMENT LINE TCB [KEY=VALUE ...]
"""
import os
import re
import subprocess
import sys

LINES = (("SIM-Milan", "0.4.1.27.222"), ("SIM-Genoa", "0.4.1.27.222"), ("SIM-Turin", "1.4.1.27.222"))
GUEST = """version = 1
[guest]
measurement = {}
host_data = {}
vmpl = 0
guest_svn = 0
abi = 1.51
smt = refused
id_key = any
author_key = any
family_id = 53494d554c415445442d544545000000
image_id = any
[platform]
signer = vcek
crl = {}
masked_chip = refused
provisional = refused
"""
LINE = """[line {}]
tcb = {}
mitigations = 0x1
policy_set = 0x0
platform_set = 0x20
platform_clear = 0x1
"""


def measurement(folder):
    quorate = os.path.join(os.environ["QUORATE_BIN"], "quorate")
    return subprocess.run([quorate, "measure", "--simulated", folder], capture_output=True, text=True, timeout=60,
                          check=True).stdout.strip()


def text(measured, lines=LINES, crl="required"):
    return GUEST.format(measured, "00" * 32, crl) + "".join(LINE.format(*x) for x in lines)


def changed(policy, changes):
    for change in changes:
        key, value = change.split("=", 1)
        policy, n = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", policy)
        assert n == 1, change
    return policy


if __name__ == "__main__":
    if len(sys.argv) >= 4:
        sys.stdout.write(changed(text(sys.argv[1], (sys.argv[2:4],), "optional"), sys.argv[4:]))
    else:
        sys.stdout.write(text(measurement(sys.argv[1])))
