#!/bin/bash
# Each rejection code, provoked over HTTP and read back by openssl.
. "$(dirname "$0")/../lib/authority.sh"
need openssl openssl
need curl curl
need xxd xxd
authority_start
echo data >"$T/data"
openssl ts -query -data "$T/data" -sha256 -no_nonce -cert -out "$T/good" 2>/dev/null
hex=$(xxd -p "$T/good" | tr -d '\n')

# refused NAME HEX: the bytes, sent as a query, give that failure
refused() {
    printf '%s' "$2" | xxd -r -p >"$T/q"
    post "$T/q" "$T/r"
    expect_fail_info "$1" "$T/r"
    echo "$1: ${3:-}"
}

refused "unrecognized or unsupported algorithm identifier" \
    "$(openssl ts -query -data "$T/data" -sha1 -no_nonce 2>/dev/null | xxd -p | tr -d '\n')" "SHA-1"
refused "unrecognized or unsupported algorithm identifier" \
    "$(openssl ts -query -data "$T/data" -md5 -no_nonce 2>/dev/null | xxd -p | tr -d '\n')" "MD5"
# the first INTEGER is the version
refused "transaction not permitted or supported" "${hex/020101/020102}" "version 2"
refused "the data submitted has the wrong format" "" "nothing"
refused "the data submitted has the wrong format" "${hex}00" "a byte after the request"
refused "the data submitted has the wrong format" "${hex:0:40}" "cut off"
refused "the data submitted has the wrong format" "3080${hex:4}0000" "indefinite length"
refused "the data submitted has the wrong format" "${hex/0420/041f}" "a digest that is too short"
refused "the requested TSA policy is not supported by the TSA" \
    "$(openssl ts -query -data "$T/data" -sha256 -tspolicy 1.2.3.4 2>/dev/null | xxd -p | tr -d '\n')" "a policy of others"

# [0] EXTENSIONS with one unknown extension, appended to the sequence (short form: it stays below 128 bytes)
body=${hex:4}
ext=a00e300c06032a030404050403020100
ext=a00d300b06032a03040404deadbeef
len=$(((${#body} + ${#ext}) / 2))
refused "the requested extension is not supported by the TSA" "30$(printf %02x "$len")$body$ext" "an extension"

# A nonce of 64 bytes is echoed, one of 65 refused.
nonce64=0240$(printf '11%.0s' $(seq 64))
nonce65=0241$(printf '11%.0s' $(seq 65))
plain=${body%0101ff} # without certReq TRUE
for nonce in "$nonce64" "$nonce65"; do
    whole=$plain$nonce
    len=$((${#whole} / 2))
    if [ "$len" -lt 128 ]; then head=30$(printf %02x "$len"); else head=3081$(printf %02x "$len"); fi
    if [ "$nonce" = "$nonce64" ]; then
        printf '%s' "$head$whole" | xxd -r -p >"$T/q"
        post "$T/q" "$T/r"
        openssl ts -verify -in "$T/r" -queryfile "$T/q" -CAfile "$D/ca.pem" -untrusted "$D/chain.pem" >"$T/out" 2>&1 ||
            fail "a nonce of 64 bytes: $(cat "$T/out")"
    else
        refused "transaction not permitted or supported" "$head$whole" "a nonce of 65 bytes"
    fi
done

# Core gone: systemFailure at once; back: stamps again, without a restart of the front.
core=$(pgrep -P "$AUTHORITY" -x quorate-core)
kill -STOP "$AUTHORITY" # so that nobody restarts it yet
kill -KILL "$core"
refused "the request cannot be handled due to system failure" "$hex" "no core"
kill -CONT "$AUTHORITY"
for _ in $(seq 200); do
    post "$T/good" "$T/r"
    openssl ts -verify -in "$T/r" -queryfile "$T/good" -CAfile "$D/ca.pem" >/dev/null 2>&1 && break
    read -r -t 0.05 <> <(:) || true
done
openssl ts -verify -in "$T/r" -queryfile "$T/good" -CAfile "$D/ca.pem" >"$T/out" 2>&1 ||
    fail "it did not recover from a killed core: $(cat "$T/out")"
echo "recovered under a new key"

# The kernel's clock where nobody disciplines it: timeNotAvailable, and readiness says so.
authority_stop
sed -e 's/^clock *=.*/clock = kernel/' -e 's/^listen *=.*/listen = 127.0.0.1:0/' "$D/quorate.conf" >"$D/kernel.conf"
mkfifo "$T/events"
"$QUORATE_BIN/quorate" authority run --config "$D/kernel.conf" >/dev/null 2>"$T/events" 3<&- &
AUTHORITY=$!
exec 4<"$T/events"
state= served=
while [ -z "$state" ] || [ -z "$served" ]; do
    IFS= read -r -t 30 -u 4 line || fail "an authority with the kernel's clock did not come up"
    case $line in
    "ready "*program=quorate-front*) served=1 ;;
    "core_connected "*program=quorate-front*) state=${line#* state=} ;;
    esac
done
URL=http://$(cat "$D/front.addr")
if [ "${state%% *}" = 5 ]; then
    echo "SKIP part: this machine's clock is synchronised, so timeNotAvailable cannot be provoked here"
else
    refused "the TSA's time source is not available" "$hex" "an unsynchronised clock"
    curl -s "$URL/readyz" | grep -q '"clock_in_bound":false' || fail "readiness: $(curl -s "$URL/readyz")"
fi
cat <&4 >/dev/null &
