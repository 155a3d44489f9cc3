#!/bin/bash
# GET /evidence and /bundle: a core, its quorate-tsm on simulated silicon, a front; python computes REPORT_DATA by docs/wire.md.
. "$(dirname "$0")/../lib/script.sh"
need python3 python3
[ -x "${QUORATE_BIN:?}/quorate-tsm" ] || skip "no quorate-tsm"
"$QUORATE_BIN/quorate-tsm" --core unix:/nonexistent/x --provider sim --programs / --chip 0 2>&1 | grep -q err=policy && skip "built without simulated parts"
PYTHONPATH=$(dirname "$0")/../lib python3 "$(dirname "$0")/evidence.py" "$T" || fail "evidence.py"
