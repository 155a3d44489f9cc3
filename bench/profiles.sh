#!/bin/bash
# Tokens/s of each profile over loopback HTTP, with synchronous=FULL, against raw signing by two processes in the same run.
# The second ratio is of CPU time, of one raw signature to one token by core and front together: a busy machine changes it
# little, while it gives the many threads of a service a larger share than two processes.
# Usage: bench/profiles.sh [SECONDS]   (after ./quickstart, or cmake --build --preset release)
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
export QUORATE_BIN=${QUORATE_BIN:-$PWD/build/release/bin}
bench=${QUORATE_BIN%/bin}/bench
arc=1.3.6.1.4.1.32473.3161.1
# shellcheck source=tests/lib/authority.sh
. tests/lib/authority.sh
# shellcheck source=bench/load.sh
. bench/load.sh

policies() { # COUNT
    cat <<C
[policy hybrid]
oid = $arc.93
number = 1
profile = hybrid
default = yes
[policy evidence]
oid = $arc.94
number = 2
profile = pq
evidence = yes
count = $1
[policy classic]
oid = $arc.91
number = 3
[policy pq]
oid = $arc.92
number = 4
profile = pq
[policy dual]
oid = $arc.97
number = 5
profile = dual
C
}

# conf FILE NAME COUNT: of a front, and of an authority where it is the first.
conf() {
    {
        cat <<C
[front]
listen = 127.0.0.1:0
address_file = $2.addr
core = unix:core.sock
chain = chain.pem
chain_pq = chain-pq.pem
admin_on_main = yes
[journal]
dir = $2
[authority]
clock = trust-system
allow_unlocked = yes
certify = '$QUORATE_BIN/quorate-authority' dev certify --dir '$T/ca'
C
        policies "$3"
    } >"$D/$1"
}

# until_ready PROGRAM: reads the log on descriptor 3 up to its line.
until_ready() {
    local line
    while IFS= read -r -t 60 -u 3 line; do
        echo "$line" >>"$T/log"
        [[ $line == "ready "*"program=$1"* ]] && return
    done
    fail "$1 did not become ready: $(tail -n 5 "$T/log")"
}

mean() { echo "$((($1 + $2) / 2))"; }
# raw PROGRAM: prints signatures a second and ns of CPU time of each.
raw() {
    local TIMEFORMAT='%U %S'
    { time "$bench/$1" --raw --seconds 2; } 2>&1 | paste -sd' ' | awk '{ printf "%d %d", $1, ($2 + $3) * 1e9 / ($1 * 2) }'
}

# measure NAME QUERY PROGRAM [CONNECTIONS]: the program prints what this profile is measured against.
measure() {
    local connections=${4:-32} before before_ns after after_ns stamps tokens core_ns front_ns
    read -r before before_ns <<<"$(raw "$3")"
    load "$2" "$connections" 2
    stamps=$(metric quorate_evidence_batch_tokens_count) tokens=$(metric quorate_evidence_batch_tokens_sum)
    core_ns=$(cpu "$core") front_ns=$(cpu "$front")
    load "$2" "$connections" "$seconds"
    core_ns=$((($(cpu "$core") - core_ns) * 10000000 / requests)) front_ns=$((($(cpu "$front") - front_ns) * 10000000 / requests))
    stamps=$(($(metric quorate_evidence_batch_tokens_count) - stamps)) tokens=$(($(metric quorate_evidence_batch_tokens_sum) - tokens))
    read -r after after_ns <<<"$(raw "$3")"
    echo "$1, $connections connections, $seconds s: $tokens_per_s tokens/s, p50 $p50_us us, p99 $p99_us us, p99.9 $p999_us us," \
        "refused $refused, errors $errors"
    echo "  raw $before/s before, $after/s after; ratio $(ratio "$tokens_per_s" "$(mean "$before" "$after")")"
    echo "  CPU: raw $(mean "$before_ns" "$after_ns") ns a signature, a token $core_ns in the core, $front_ns in the front;" \
        "ratio $(ratio "$(mean "$before_ns" "$after_ns")" "$((core_ns + front_ns))")"
    [ "$stamps" = 0 ] || echo "  tokens a batch: $(ratio "$tokens" "$stamps")"
    load "$2" 1 3
    echo "  one connection: $tokens_per_s tokens/s, p50 $p50_us us, p99 $p99_us us"
}

size() { # NAME OPTION...
    local name=$1 bare
    shift
    openssl ts -query -data "$T/data" -sha256 "$@" -out "$T/s" 2>/dev/null
    post "$T/s" "$T/bare"
    bare=$(stat -c %s "$T/bare")
    openssl ts -query -data "$T/data" -sha256 -cert "$@" -out "$T/s" 2>/dev/null
    post "$T/s" "$T/full"
    echo "reply $name: $bare bytes, with certificates $(stat -c %s "$T/full")"
}

echo data >"$T/data"
for name in classic:91 pq:92 hybrid:93 dual:97; do
    openssl ts -query -data "$T/data" -sha256 -cert -tspolicy "$arc.${name#*:}" -out "$T/${name%:*}" 2>/dev/null
done
D=$T/ca
authority_start # makes the test CA
authority_stop
D=$T/authority
mkdir "$D"
conf quorate.conf natural 4096
conf one.conf one 1
mkfifo "$T/log1" "$T/log2"
"$QUORATE_BIN/quorate-authority" authority run --config "$D/quorate.conf" >"$T/log1" 2>&1 &
AUTHORITY=$!
exec 3<"$T/log1"
until_ready quorate-authority
cat <&3 >>"$T/log" &
core=$(pgrep -P "$AUTHORITY" -x quorate-core)
front=$(pgrep -P "$AUTHORITY" -x quorate-front)
URL=http://$(cat "$D/natural.addr")
size classic -tspolicy $arc.91
size pq -tspolicy $arc.92
size hybrid
size dual -tspolicy $arc.97
measure "hybrid, natural batching" "$T/hybrid" bench_p384
measure pq "$T/pq" bench_mldsa
measure pq "$T/pq" bench_mldsa 128 # as many as it takes to keep both cores busy
measure classic "$T/classic" bench_p384
measure dual "$T/dual" bench_mldsa
"$QUORATE_BIN/quorate-front" --config "$D/one.conf" 2>"$T/log2" &
front=$!
exec 3<"$T/log2"
until_ready quorate-front
cat <&3 >>"$T/log" &
URL=http://$(cat "$D/one.addr")
until curl -sS "$URL/readyz" | grep -q '"ready":true'; do :; done
measure "hybrid, batches of one" "$T/hybrid" bench_p384
kill -TERM "$front"
wait "$front"
