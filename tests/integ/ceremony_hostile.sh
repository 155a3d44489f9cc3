#!/bin/bash
# A key ceremony of five real cores whose host attacks them meanwhile.
: "${QUORATE_BIN:?the folder of the programs}"
. "$(dirname "$0")/../lib/script.sh"
need python3 python3
for program in quorate quorate-core; do
    [ -x "$QUORATE_BIN/$program" ] || skip "$program is not built"
done
if grep -q __asan_init "$QUORATE_BIN/quorate-core" && [ "${QUORATE_LONG:-}" != 1 ]; then
    skip "a ceremony of five cores built with a sanitizer takes long (QUORATE_LONG=1)"
fi
PYTHONPATH=$(dirname "$0")/../lib python3 "$(dirname "$0")/ceremony_hostile.py" "$T" || fail "ceremony_hostile.py"
