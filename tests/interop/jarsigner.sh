#!/bin/bash
# jarsigner -tsa, which checks the reply itself, and jarsigner -verify.
. "$(dirname "$0")/../lib/authority.sh"
need jarsigner openjdk-17-jdk-headless
need keytool openjdk-17-jre-headless
need jar openjdk-17-jdk-headless
authority_start
cd "$T"
keytool -genkeypair -keystore ks.p12 -storepass changeit -alias signer -keyalg EC -groupname secp256r1 \
    -dname 'CN=Test Signer' -validity 30 >/dev/null 2>&1
keytool -importcert -noprompt -keystore ks.p12 -storepass changeit -alias ca -file "$D/ca.pem" >/dev/null 2>&1
echo hello >hello.txt
jar cf doc.jar hello.txt
jarsigner -keystore ks.p12 -storepass changeit -tsa "$URL" -digestalg SHA-384 doc.jar signer >out 2>&1 ||
    fail "jarsigner: $(cat out)"
jarsigner -verify -verbose -certs -keystore ks.p12 -storepass changeit doc.jar >out 2>&1 || fail "verify: $(cat out)"
grep -q 'jar verified' out || fail "not verified: $(cat out)"
grep -qi 'timestamp' out || fail "no timestamp in: $(cat out)"
grep -i 'timestamp' out | head -n 3
