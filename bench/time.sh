#!/bin/bash
# Time to READY with four NTS servers on loopback (chrony), one of one core and one of five, for a declared accuracy of 1 s; the
# bound that the cores then have, and what a time client costs.
# Usage: bench/time.sh [RUNS [SECONDS]]   (after ./quickstart, or cmake --build --preset release)
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-3} seconds=${2:-10}
export QUORATE_BIN=${QUORATE_BIN:-$PWD/build/release/bin}
# shellcheck source=tests/lib/authority.sh
. tests/lib/authority.sh
figure_ms=10000
servers=
end() {
    authority_stop
    [ -z "$servers" ] || kill -TERM "$servers" 2>/dev/null || true
    wait
    rm -rf "$T"
}
trap end EXIT
mkfifo "$T/times"
tools/time-servers "$T/time" "${QUORATE_BIN%/*/bin}" >"$T/times" &
servers=$!
exec 4<"$T/times"
read -r -t 60 word section _ <&4 && [ "$word" = ready ] || fail "no time servers"

now_ms() { echo $(($(date +%s%N) / 1000000)); }
cpu_ns() { # of this process; one tick of /proc/PID/stat is more than it takes in some seconds
    awk '{ print $1 }' "/proc/$1/schedstat"
}

ready() { # NODES THRESHOLD
    local run begin took worst=0 all=
    for ((run = 0; run < runs; run++)); do
        authority_stop
        rm -rf "$D" "$T/authority.log"
        begin=$(now_ms)
        authority_start --nodes "$1" --threshold "$2" --clock nts --time "$section"
        took=$(($(now_ms) - begin))
        worst=$((took > worst ? took : worst)) all="$all $took"
    done
    echo "READY, $1 core(s): $all ms; the key took $(sed -n 's/^key made by .*(\([0-9.]* s\).*/\1/p' "$AUTHORITY_LOG" | grep . || echo 'no time')"
    echo "  at most $figure_ms ms: $([ $worst -le $figure_ms ] && echo yes || echo no)"
}

# What a client takes of a CPU, and the narrowest bound that its core had.
costs() {
    local pid before
    pid=$(pgrep -P "$AUTHORITY" -x quorate-timed | head -n 1)
    before=$(cpu_ns "$pid")
    read -r -t "$seconds" <> <(:) || true
    echo "a time client, four servers, a question a second to each: $((($(cpu_ns "$pid") - before) / 1000 / seconds)) us of CPU a second"
    sed -n 's/.*event=time_adjusted .*bound_us=\([0-9]*\).*/\1/p' "$AUTHORITY_LOG" | sort -n | head -n 1 |
        sed "s/.*/the narrowest bound within $seconds s: & us/"
}

ready 1 1
costs
ready 5 3
costs
