#!/bin/bash
# A core whose time comes from a time client takes its samples, on the endpoint that is the client's alone, and says in its
# log what it made of them.
set -u
. "$(dirname "$0")/../lib/script.sh"
core=$QUORATE_BIN/quorate-core
[ -x "$core" ] || skip "quorate-core is not built"
need python3 python3
mkfifo "$T/log"
"$core" --listen "unix:$T/core.sock" --time-listen "unix:$T/time.sock" --leap-table 1483228800:37@4102444800 --clock nts \
    --policy 1,classic,1.2.3,3,100,1000 --allow-unlocked 2>"$T/log" &
pid=$!
exec 3<"$T/log"
while read -r -t 60 line <&3; do
    [[ $line == "ready "* ]] && break
done
[[ ${line-} == *"clock=nts counter=monotonic_raw"* ]] || { kill $pid; fail "no ready line: ${line-}"; }
cat <&3 >"$T/lines" &
timeout 60 python3 "$(dirname "$0")/core_samples.py" "$T/core.sock" "$T/time.sock"
status=$?
kill -TERM $pid
wait $pid || fail "the core's exit code is $?"
wait
exec 3<&-
[ $status = 0 ] || fail "the samples"
grep -q 'event=time reason=holds' "$T/lines" || fail "no line of the time"
grep -q 'event=time_event kind=disjoint' "$T/lines" || fail "no line of the event"
grep -q 'event=time_adjusted moved_ns=' "$T/lines" || fail "no line of an adjustment"
