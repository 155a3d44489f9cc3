#!/bin/bash
# Tokens/s over loopback HTTP against raw P-384 signing by two processes on the same cores, in the same run.
# Usage: bench/service.sh [SECONDS]   (after ./quickstart, or cmake --build --preset release)
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-30}
export QUORATE_BIN=${QUORATE_BIN:-$PWD/build/release/bin}
raw=${QUORATE_BIN%/bin}/bench/bench_p384
# shellcheck source=tests/lib/authority.sh
. tests/lib/authority.sh
# shellcheck source=bench/load.sh
. bench/load.sh

raw_per_s() { "$raw" --raw --seconds 3; }

echo data >"$T/data"
# The classic policy of dev up; its preset is hybrid, which bench/profiles.sh measures.
openssl ts -query -data "$T/data" -sha256 -cert -tspolicy 1.3.6.1.4.1.32473.3161.1.91 -out "$T/q" 2>/dev/null
# A second front on the same core, like the first but for synchronous=NORMAL. Returns once it serves.
start_normal() {
    local line
    sed -e 's/^listen *=.*/listen = 127.0.0.1:0/' -e "s|^address_file *=.*|address_file = $T/normal.addr|" \
        -e "s|^dir *=.*|dir = $T/normal|" -e 's/^synchronous *=.*//' -e 's/^\[journal\]/[journal]\nsynchronous = normal/' \
        "$D/quorate.conf" >"$D/normal.conf"
    mkfifo "$T/events"
    "$QUORATE_BIN/quorate-front" --config "$D/normal.conf" 2>"$T/events" &
    front=$!
    exec 4<"$T/events"
    while IFS= read -r -t 30 -u 4 line; do
        case $line in
        "ready "*)
            URL=http://$(cat "$T/normal.addr")
            return 0
            ;;
        esac
    done
    fail "the second front did not become ready"
}

measure() { # NAME
    local before after mean ticks_core ticks_front
    before=$(raw_per_s)
    load "$T/q" 32 2
    ticks_core=$(cpu "$core") ticks_front=$(cpu "$front")
    load "$T/q" 32 "$seconds"
    ticks_core=$(($(cpu "$core") - ticks_core)) ticks_front=$(($(cpu "$front") - ticks_front))
    after=$(raw_per_s)
    mean=$(((before + after) / 2))
    echo "synchronous=$1, 32 connections, $seconds s: $tokens_per_s tokens/s, p50 $p50_us us, p99 $p99_us us," \
        "p99.9 $p999_us us, refused $refused, errors $errors"
    echo "  raw P-384 by two processes $before/s before, $after/s after; ratio $(ratio "$tokens_per_s" "$mean")"
    echo "  CPU a token: core $((ticks_core * 10000 / requests)) us, front $((ticks_front * 10000 / requests)) us"
    load "$T/q" 1 5
    echo "  one connection: $tokens_per_s tokens/s, p50 $p50_us us, p99 $p99_us us"
}

authority_start
core=$(pgrep -P "$AUTHORITY" -x quorate-core)
front=$(pgrep -P "$AUTHORITY" -x quorate-front)
measure full
load "$T/q" 1000 5
echo "1000 connections: $tokens_per_s tokens/s, p99 $p99_us us, refused $refused, errors $errors"
echo "resident: core $(rss "$core") KiB, front $(rss "$front") KiB"
start_normal
measure normal
kill -TERM "$front"
wait "$front"
