#!/bin/bash
# How long a ceremony of five attested nodes takes, beside one without evidence. QUORATE_BIN=build/release/bin bench/ceremony.sh [ROUNDS]
set -u
here=$(dirname "$0")
export QUORATE_BIN=${QUORATE_BIN:-$here/../build/release/bin}
QUORATE_BIN=$(realpath "$QUORATE_BIN")
"$QUORATE_BIN/quorate-tsm" --core unix:/nonexistent/x --provider sim --programs / --chip 0 2>&1 | grep -q err=policy &&
    { echo "SKIP built without simulated parts"; exit 77; }
PYTHONPATH=$here/../tests/lib exec python3 "$here/ceremony.py" "${1:-3}"
