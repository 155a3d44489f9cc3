#!/bin/bash
# A dual token has two SignerInfos. Verifiers of RFC 3161 refuse it, as the documentation says: openssl ts, Bouncy Castle; and
# openssl cms, as long as it knows no ML-DSA. quorate verify takes it. With a hybrid token of the same keys all say yes.
set -u
. "$(dirname "$0")/../lib/script.sh"
here=$(cd "$(dirname "$0")" && pwd) || exit 2
samples=${QUORATE_BUILD:?the build folder}/tests/unit_client_samples
[ -x "$samples" ] || skip "no $samples in this build"
need openssl openssl
cd "$T" || exit 2
QUORATE_SAMPLES=$T "$samples" >log 2>&1 || fail "$(cat log)"
openssl x509 -inform DER -in classic-ca.der -out ca.pem
openssl x509 -inform DER -in classic-tsa.der -out tsa.pem
at=$(date -u -d 2026-02-21 +%s) # while the certificates of the samples were valid

ts() {
    openssl ts -verify -attime "$at" -in "$1" -token_in -data document -CAfile ca.pem -untrusted tsa.pem >out 2>&1
}
cms() {
    openssl cms -verify -attime "$at" -inform DER -in "$1" -purpose timestampsign -CAfile ca.pem -certfile tsa.pem \
        -out content >out 2>&1
}
ts hybrid-one.tst || fail "openssl ts, hybrid: $(cat out)"
cms hybrid-one.tst || fail "openssl cms, hybrid: $(cat out)"
ts dual.tst && fail "openssl ts took a dual token"
grep -q 'there must be one signer' out || fail "openssl ts, dual, says something else: $(cat out)"
if openssl list -signature-algorithms 2>/dev/null | grep -qi 'ml-dsa'; then
    echo "SKIP part: this openssl knows ML-DSA"
else
    cms dual.tst && fail "openssl cms took a dual token"
    grep -qi 'decode error\|unsupported\|unknown' out || fail "openssl cms, dual, says something else: $(cat out)"
fi
for token in hybrid-one.tst dual.tst; do
    "${QUORATE_BIN:?}/quorate" verify --require classic,pq --ca classic-ca.der --ca pq-ca.der --data document $token >out 2>&1 ||
        fail "quorate verify $token: $(cat out)"
    grep -q '^GENUINE quantum-safe' out || fail "quorate verify $token: $(tail -n 1 out)"
done
echo "openssl refuses the dual token and takes the hybrid one; quorate verifies both"

jars=/usr/share/java
need javac openjdk-17-jdk-headless
for jar in bcprov bcpkix bcutil; do
    [ -r $jars/$jar.jar ] || skip "no $jars/$jar.jar (package lib${jar}-java)"
done
path=$jars/bcprov.jar:$jars/bcpkix.jar:$jars/bcutil.jar
javac -cp $path -d . "$here/BouncyCastleDual.java" || fail "javac"
timeout 60 java -cp "$path:." BouncyCastleDual hybrid-one.tst dual.tst classic-tsa.der || fail "Bouncy Castle"
