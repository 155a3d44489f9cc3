#!/bin/bash
# Five cores of which three sign, the front and the load on one machine: threshold signatures and hybrid tokens over loopback
# HTTP, beside what the same mathematics costs in one process, in the same run.
# Usage: bench/cluster.sh [SECONDS]   (after ./quickstart, or cmake --build --preset release)
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
export QUORATE_BIN=${QUORATE_BIN:-$PWD/build/release/bin}
raw=${QUORATE_BIN%/bin}/bench/bench_tmldsa
arc=1.3.6.1.4.1.32473.3161.1
# shellcheck source=tests/lib/authority.sh
. tests/lib/authority.sh
# shellcheck source=bench/load.sh
. bench/load.sh

# all NAME FUNCTION: of every process of that name, summed.
all() {
    local pid sum=0
    for pid in $(pgrep -P "$AUTHORITY" -x "$1"); do
        sum=$((sum + $($2 "$pid")))
    done
    echo "$sum"
}

measure() { # NAME QUERY CONNECTIONS SECONDS
    local cores front stamps
    stamps=$(metric quorate_evidence_batch_tokens_count)
    cores=$(all quorate-core cpu) front=$(all quorate-front cpu)
    load "$2" "$3" "$4"
    cores=$(($(all quorate-core cpu) - cores)) front=$(($(all quorate-front cpu) - front))
    stamps=$(($(metric quorate_evidence_batch_tokens_count) - stamps))
    echo "$1, $3 connections, $4 s: $tokens_per_s tokens/s, p50 $p50_us us, p99 $p99_us us, refused $refused, errors $errors"
    echo "  CPU a token: cores $((cores * 10000 / (requests ? requests : 1))) us, front $((front * 10000 / (requests ? requests : 1))) us"
    [ "$stamps" = 0 ] || echo "  records $stamps, tokens a record $(ratio "$requests" "$stamps")"
}

echo data >"$T/data"
for name in classic:95 pq:92 hybrid:96; do
    openssl ts -query -data "$T/data" -sha256 -cert -tspolicy "$arc.${name#*:}" -out "$T/${name%:*}" 2>/dev/null
done
"$raw"
authority_start --nodes 5 --threshold 3
grep -a -E 'ceremony_(done|over|made)|cluster_serving|ceremony' "$AUTHORITY_LOG" | tail -n 3
load "$T/hybrid" 4 2 # the pools fill
for pid in $(pgrep -P "$AUTHORITY" -x quorate-core); do
    echo "resident: core $pid $(rss "$pid") KiB"
done
measure "pq, low load" "$T/pq" 1 "$seconds"
measure pq "$T/pq" 16 "$seconds"
measure hybrid "$T/hybrid" 32 "$seconds"
measure "classic, single-node leg" "$T/classic" 32 5
for pid in $(pgrep -P "$AUTHORITY" -x quorate-core); do
    echo "resident: core $pid $(rss "$pid") KiB"
done
