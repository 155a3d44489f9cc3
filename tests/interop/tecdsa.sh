#!/bin/bash
# ECDSA signatures of each triple of five, by presignatures of three and of all five: Node verifies them as what they are.
# OpenSSL does in unit/crypto/tecdsa_presign.
set -u
. "$(dirname "$0")/../lib/script.sh"
need node nodejs
"$QUORATE_BUILD/tests/interop_tecdsa" >"$T/ours" || fail "cannot sign"
[ "$(wc -l <"$T/ours")" = 20 ] || fail "20 signatures"
said=$(node "$(dirname "$0")/tecdsa.mjs" <"$T/ours") || fail "Node: $said"
[ "$said" = "20 genuine, 20 forged refused" ] || fail "Node: $said"
echo "20 signatures of triples verified by Node"
