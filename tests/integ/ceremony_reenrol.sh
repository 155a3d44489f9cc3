#!/bin/bash
# A core that ended comes again as another process, and gets its place back by an order of an operator.
: "${QUORATE_BIN:?the folder of the programs}"
. "$(dirname "$0")/../lib/script.sh"
need python3 python3
need openssl openssl
[ -x "$QUORATE_BIN/quorate-core" ] || skip "quorate-core is not built"
openssl ecparam -name secp384r1 -genkey -noout -out "$T/alice.pem" 2>/dev/null || skip "openssl makes no P-384 key"
PYTHONPATH="$(dirname "$0")/../lib" python3 "$(dirname "$0")/ceremony_reenrol.py" "$T" || fail "ceremony_reenrol.py"
