# Sourced by the benches of a service, after tests/lib/authority.sh: load, and what processes use.
# shellcheck shell=bash
need wrk wrk
need openssl openssl

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
cpu() { awk '{ print $14 + $15 }' "/proc/$1/stat"; } # ticks of 10 ms
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
metric() { curl -sS "$URL/metrics" | awk -v m="$1" '$1 == m { print $2 }'; }

# load QUERY CONNECTIONS SECONDS: sets tokens_per_s, p50_us, p99_us, p999_us, requests, refused, errors.
load() {
    QUORATE_QUERY=$1 wrk -t "$(($2 < 2 ? $2 : 2))" -c "$2" -d "${3}s" -s bench/query.lua "$URL/" | grep '^result' | tr ' ' '\n' |
        grep = >"$T/result"
    . "$T/result"
}
