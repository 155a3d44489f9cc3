# Sourced by the benches of a service, after tests/lib/authority.sh: load, and what processes use.
# shellcheck shell=bash
need wrk wrk
need openssl openssl

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
cpu() { awk '{ print $14 + $15 }' "/proc/$1/stat" 2>/dev/null || echo 0; } # ticks of 10 ms; 0 of one that is gone
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
metric() { curl -sS "$URL/metrics" | awk -v m="$1" '$1 == m { print $2 }'; }

# all NAME FUNCTION: of every process of that name, summed.
all() {
    local pid sum=0
    for pid in $(pgrep -P "$AUTHORITY" -x "$1"); do
        sum=$((sum + $($2 "$pid")))
    done
    echo "$sum"
}

# moved PID FIELD: bytes that its calls read (rchar) or wrote (wchar); with the kernel's leave, else 0.
moved() { awk -v f="$2:" '$1 == f { n = $2 } END { print n + 0 }' "/proc/$1/io" 2>/dev/null || echo 0; }
sent() { moved "$1" wchar; }
received() { moved "$1" rchar; }

# load QUERY CONNECTIONS SECONDS: sets tokens_per_s, p50_us, p99_us, p999_us, requests, refused, errors.
load() {
    QUORATE_QUERY=$1 wrk -t "$(($2 < 2 ? $2 : 2))" -c "$2" -d "${3}s" -s bench/query.lua "$URL/" | grep '^result' | tr ' ' '\n' |
        grep = >"$T/result"
    . "$T/result"
}
