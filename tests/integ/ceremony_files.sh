#!/bin/bash
# Damaged records of a key ceremony on the command line: what is wrong is said, with an exit status, and nothing crashes.
: "${QUORATE_BIN:?the folder of the programs}"
. "$(dirname "$0")/../lib/script.sh"
need python3 python3
[ -x "$QUORATE_BIN/quorate" ] || skip "quorate is not built"
python3 "$(dirname "$0")/ceremony_files.py" "$T" "$(dirname "$0")/../../fuzz/corpus/ceremony_record/two_of_three" ||
    fail "ceremony_files.py"
