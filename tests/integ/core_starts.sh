#!/bin/bash
# A core that says ready goes on: the filter of system calls must not meet a thread that is still being set up. The order
# of threads is chance, so it starts many times.
set -u
core=$QUORATE_BIN/quorate-core
[ -x "$core" ] || { echo "SKIP quorate-core is not built"; exit 77; }
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
mkfifo "$dir/log"
for run in $(seq 50); do
    "$core" --listen "unix:$dir/core.sock" --clock kernel --policy 1,classic,1.2.3,3,100,1000 --allow-unlocked \
        2>"$dir/log" &
    pid=$!
    exec 3<"$dir/log"
    while read -r -t 60 line <&3; do
        [[ $line == "ready "* ]] && kill -TERM $pid
    done
    wait $pid || { echo "run $run: exit $?"; exit 1; }
    exec 3<&-
done
