#!/bin/bash
# Five cores that have the classic key together, the front and the load on one machine: tokens of presignatures that are there,
# sustained with five cores up and with three, hybrid tokens; beside the same tokens of one core alone, in the same run.
# Usage: bench/classic.sh [SECONDS]   (after ./quickstart, or cmake --build --preset release)
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}                             # of what is sustained with the classic key
brief=$((seconds < 30 ? seconds : 30))       # of the rest
export QUORATE_BIN=${QUORATE_BIN:-$PWD/build/release/bin}
# shellcheck source=tests/lib/authority.sh
. tests/lib/authority.sh
# shellcheck source=bench/load.sh
. bench/load.sh
target=512 # presignatures of each triple: the most that there may be
triples=10
fill_s=300 # at the longest, until they are there

count() { metric "quorate_presignature$1_total"; }
stock() { curl -sS "$URL/metrics" | awk '/^quorate_presignatures\{/ { n += $2 } END { print n + 0 }'; }

nodes=1 # that sign: each has one core

# per_node MS: what that many ms of CPU of all cores together are to one of the nodes.
per_node() {
    awk -v ms="$1" -v n=$nodes 'BEGIN { if (ms > 0) printf "  a node: %.2f ms of CPU, so %.0f a second where each node has a CPU of its own\n", ms / n, 1000 * n / ms }'
}

# measure NAME QUERY CONNECTIONS SECONDS: sets cpu_us, the CPU of a token in all processes.
measure() {
    local cores front mesh used n
    cores=$(all quorate-core cpu) front=$(all quorate-front cpu) mesh=$(all quorate-mesh cpu) used=$(count s_used)
    load "$2" "$3" "$4"
    cores=$(($(all quorate-core cpu) - cores)) front=$(($(all quorate-front cpu) - front)) mesh=$(($(all quorate-mesh cpu) - mesh))
    used=$((${used:+$(count s_used)} - ${used:-0}))
    n=$((requests > refused ? requests - refused : 1))
    cpu_us=$(((cores + front + mesh) * 10000 / n))
    echo "$1, $3 connections, $4 s: $tokens_per_s tokens/s, p50 $p50_us us, p99 $p99_us us, refused $refused, errors $errors"
    echo "  CPU a token: $cpu_us us (cores $((cores * 10000 / n)), front $((front * 10000 / n)), quorate-mesh $((mesh * 10000 / n))); presignatures used $used"
    per_node "$((cores * 10 / n)).$(printf '%03d' $((cores * 10000 / n % 1000)))"
}

# set_up: all pairs of cores are set up; how long that took from now on, and what it cost with the presignatures meanwhile.
set_up() {
    local until=$((SECONDS + fill_s)) from=$EPOCHREALTIME cpus now=0 had pairs
    had=$(stock) cpus=$(($(all quorate-core cpu) + $(all quorate-mesh cpu)))
    pairs=$(metric quorate_presignature_pairs)
    while [ "$now" -lt "$pairs" ] && [ $SECONDS -lt $until ]; do
        now=$(metric quorate_presignature_pairs_set_up)
    done
    cpus=$(($(all quorate-core cpu) + $(all quorate-mesh cpu) - cpus))
    awk -v n="$now" -v of="$pairs" -v r=$(($(stock) - had)) -v c=$cpus -v t0="$from" -v t1="$EPOCHREALTIME" 'BEGIN {
        printf "  %d of %d pairs set up %.1f s after the authority is ready (at most 10), %.2f s of CPU in all processes", n, of, t1 - t0, c / 100
        printf ", which made %d presignatures besides\n", r }'
}

# filled N: the front knows of so many presignatures; how long that took, and what each cost, is printed.
filled() {
    local until=$((SECONDS + fill_s)) from=$EPOCHREALTIME had cpus now cores
    had=$(stock) cores=$(all quorate-core cpu) cpus=$(($(all quorate-core cpu) + $(all quorate-mesh cpu))) now=$had
    while [ "$now" -lt "$1" ] && [ $SECONDS -lt $until ]; do
        now=$(stock)
    done
    cpus=$(($(all quorate-core cpu) + $(all quorate-mesh cpu) - cpus)) cores=$(($(all quorate-core cpu) - cores))
    awk -v n=$((now - had)) -v c=$cpus -v t0="$from" -v t1="$EPOCHREALTIME" 'BEGIN {
        if (n <= 0) exit
        printf "  %d presignatures in %.1f s: %.0f a second, %.2f ms of CPU each in all processes\n",
            n, t1 - t0, n / (t1 - t0), c * 10 / n }'
    [ "$now" -le "$had" ] || per_node "$(ratio $((cores * 10)) $((now - had)))"
    [ "$now" -ge "$1" ] || echo "  only $now of $1 after $fill_s s"
}

query() { # NAME CONFIG: of that policy there
    openssl ts -query -data "$T/data" -sha256 -cert -tspolicy "$(sed -n "/^\[policy $1\]/,/^oid/s/^oid = //p" "$2")" \
        -out "$T/$1" 2>/dev/null
}

echo data >"$T/data"
echo "case: one core alone"
D=$T/alone
authority_start
query classic "$D/quorate.conf"
load "$T/classic" 8 2
measure "classic, one core alone" "$T/classic" 8 "$brief"
alone_per_s=$tokens_per_s alone_us=$cpu_us
authority_stop

echo "case: five cores together"
D=$T/authority
authority_start --nodes 5 --threshold 3
nodes=5
set_up
authority_stop
rm -f "$D/front.addr"
{
    cat "$D/quorate.conf"
    printf '[presign]\ntarget = %d\n' $target
} >"$D/bench.conf"
"$QUORATE_BIN/quorate" authority run --config "$D/bench.conf" >"$T/run.log" 2>&1 3>&- &
AUTHORITY=$!
AUTHORITY_LOG=$T/run.log
until=$((SECONDS + 60))
until [ -s "$D/front.addr" ] && curl -sf -o "$T/ready" --max-time 5 "http://$(head -n 1 "$D/front.addr")/readyz"; do
    [ $SECONDS -lt $until ] || fail "the authority did not become ready"
done
URL=http://$(head -n 1 "$D/front.addr")
query classic "$D/bench.conf"
query hybrid "$D/bench.conf"
set_up >/dev/null # what follows is of presignatures alone
echo "the accelerator fills the pools"
filled $((target * triples * 9 / 10))
mesh=$(pgrep -P "$AUTHORITY" -x quorate-mesh)
kill -STOP "$mesh"
measure "classic, of a filled pool, low load" "$T/classic" 1 1
kill -CONT "$mesh"
filled $((target * triples * 9 / 10)) >/dev/null
kill -STOP "$mesh"
measure "classic, of a filled pool" "$T/classic" 8 2 # no longer: at 1,600 a second that is most of the pool
online_us=$cpu_us
echo "  to one core alone: tokens/s $(ratio "$tokens_per_s" "$alone_per_s"), CPU a token $(ratio "$online_us" "$alone_us"); waited $(count _waited)"
kill -CONT "$mesh"
measure "classic, sustained, five up" "$T/classic" 16 "$seconds"
measure "hybrid, sustained, five up" "$T/hybrid" 32 "$brief"
for pid in $(pgrep -P "$AUTHORITY" -x quorate-core); do
    echo "resident: core $pid $(rss "$pid") KiB"
done
for node in 2 4; do
    kill -9 "$("$QUORATE_BIN/quorate-authority" authority status --config "$D/bench.conf" | sed -n "s/^core-$node pid \([0-9]*\) .*/\1/p")"
done
nodes=3
until=$((SECONDS + fill_s)) waited=$(count _waited) lost=0
while [ $(($(count _waited) - waited)) -lt 100 ] && [ $SECONDS -lt $until ]; do
    load "$T/classic" 16 2
    lost=$((lost + refused))
done
echo "two cores killed, which took part in the sessions of that moment: refused $lost until the three made presignatures alone"
measure "classic, sustained, three up" "$T/classic" 4 "$seconds"
measure "hybrid, sustained, three up" "$T/hybrid" 4 "$brief"
echo "presignatures: used $(count s_used), wasted $(count s_wasted), wrong $(count s_wrong); stamps that waited $(count _waited)"
