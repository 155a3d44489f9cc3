#!/bin/bash
# Five cores with a quorate-tsm each, on simulated chips, and a plan with a policy: they make a key. With another program
# beside one of them, or a machine that the plan does not list, they make none and name it.
: "${QUORATE_BIN:?the folder of the programs}"
. "$(dirname "$0")/../lib/script.sh"
need python3 python3
for program in quorate quorate-core quorate-tsm quorate-timed; do
    [ -x "$QUORATE_BIN/$program" ] || skip "$program is not built"
done
"$QUORATE_BIN/quorate-tsm" --core unix:/nonexistent/x --provider sim --programs / --chip 0 2>&1 | grep -q err=policy &&
    skip "built without simulated parts"
PYTHONPATH=$(dirname "$0")/../lib python3 "$(dirname "$0")/ceremony_attested.py" "$T" || fail "ceremony_attested.py"
