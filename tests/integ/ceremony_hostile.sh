#!/bin/bash
# A key ceremony of five real cores whose host attacks them meanwhile.
: "${QUORATE_BIN:?the folder of the programs}"
. "$(dirname "$0")/../lib/script.sh"
need python3 python3
for program in quorate quorate-core; do
    [ -x "$QUORATE_BIN/$program" ] || skip "$program is not built"
done
# A sanitizer keeps what was freed for a while: little of it, or that is what would be measured.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
PYTHONPATH=$(dirname "$0")/../lib python3 "$(dirname "$0")/ceremony_hostile.py" "$T" || fail "ceremony_hostile.py"
