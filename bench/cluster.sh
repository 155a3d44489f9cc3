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
need python3 python3
signers=3
# The model of the design, for a signature: ms of CPU of a signer, bytes that it sends and receives; sessions that sign.
model_ms=12.7 model_sent=400000 model_received=570000 model_rate=0.504 tolerance=0.05

# signatures NAME QUERY CONNECTIONS SECONDS: of the pq leg, what one takes of a signer beside the model.
signatures() {
    local cores out in sessions
    cores=$(all quorate-core cpu) out=$(all quorate-core sent) in=$(all quorate-core received)
    sessions=$(metric quorate_coord_sessions_total)
    measure "$@"
    sessions=$(($(metric quorate_coord_sessions_total) - sessions))
    cores=$(($(all quorate-core cpu) - cores)) out=$(($(all quorate-core sent) - out)) in=$(($(all quorate-core received) - in))
    awk -v n="$((requests - refused))" -v t=$signers -v cores=$cores -v out=$out -v in_=$in -v s="$sessions" -v ms=$model_ms \
        -v mo=$model_sent -v mi=$model_received -v mr=$model_rate -v tol=$tolerance 'BEGIN {
        if (n == 0 || s == 0) exit
        printf "  a signature of a signer: %.1f ms of CPU (model %.1f), %.0f bytes out (%.0f), %.0f in (%.0f)\n",
            cores * 10 / n / t, ms, out / n / t, mo, in_ / n / t, mi
        far = n / s > mr ? n / s - mr : mr - n / s
        printf "  sessions that sign: %.3f of %d, model %.3f; agrees within %.2f: %s\n", n / s, s, mr, tol, far <= tol ? "yes" : "no" }'
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
for name in classic:91 pq:92 hybrid:93; do
    openssl ts -query -data "$T/data" -sha256 -cert -tspolicy "$arc.${name#*:}" -out "$T/${name%:*}" 2>/dev/null
done
"$raw"
python3 bench/pool.py fill "$D" 5 &
pools=$!
authority_start --nodes 5 --threshold 3
wait "$pools"
grep -a -E 'ceremony_(done|over|made)|cluster_serving|ceremony' "$AUTHORITY_LOG" | tail -n 3
until=$((SECONDS + 60)) # what is made in the background is no part of what follows
until [ "$(metric quorate_presignatures_low)" = 0 ] || [ $SECONDS -ge $until ]; do :; done
load "$T/hybrid" 4 2
for pid in $(pgrep -P "$AUTHORITY" -x quorate-core); do
    echo "resident: core $pid $(rss "$pid") KiB"
done
signatures "pq, low load, pools full" "$T/pq" 1 "$seconds"
full_us=$p50_us
sleep "$seconds" & # what the pools are drained for, at the longest
lasts=$!
python3 bench/pool.py drain "$D" 5 "$lasts" &
pools=$!
measure "pq, low load, while pools fill" "$T/pq" 1 "$seconds"
kill "$lasts" 2>/dev/null || true
wait "$lasts" 2>/dev/null || true
wait "$pools"
echo "  p50 while pools fill, to full ones: $(ratio "$p50_us" "$full_us")"
signatures pq "$T/pq" 16 "$seconds"
measure hybrid "$T/hybrid" 32 "$seconds"
measure classic "$T/classic" 32 5
for pid in $(pgrep -P "$AUTHORITY" -x quorate-core); do
    echo "resident: core $pid $(rss "$pid") KiB"
done
