#!/bin/bash
# Bad queries over HTTP: each gets a well-formed rejection, the service keeps serving, memory stays flat.
. "$(dirname "$0")/../lib/authority.sh"
need python3 python3
need openssl openssl
# A sanitizer keeps what was freed for a while: little of it, or that is what would be measured.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
authority_start
echo data >"$T/data"
openssl ts -query -data "$T/data" -sha256 -cert -tspolicy 1.3.6.1.4.1.32473.3161.1.91 -out "$T/good" 2>/dev/null

folder=$QUORATE_VECTORS/08-der
if [ ! -d "$folder" ]; then
    echo "SKIP part: no $folder"
    folder=-
fi
need bc bc
rss() { # of the two servers, in KiB
    local pid
    for pid in $(pgrep -P "$AUTHORITY"); do
        awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"
    done | paste -sd+ | bc
}
run() {
    python3 "$(dirname "$0")/bad_input.py" "$URL" "$T/good" "$1" "$2" || fail "bad input"
}
run "$folder" 2000 # warms the pools
before=$(rss)
run - "${QUORATE_MUTATIONS:-8000}"
after=$(rss)
echo "resident $before KiB, then $after KiB"
[ $((after - before)) -lt 2048 ] || fail "memory grew by $((after - before)) KiB"
