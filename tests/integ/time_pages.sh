#!/bin/bash
# What a core says of its time is on the front's pages, in its metrics and plot, and before people: by quorate status and
# quorate time watch.
set -u
. "$(dirname "$0")/../lib/script.sh"
for program in quorate-core quorate-front quorate; do
    [ -x "$QUORATE_BIN/$program" ] || skip "$program is not built"
done
need python3 python3
exec timeout 120 python3 "$(dirname "$0")/time_pages.py" "$T"
