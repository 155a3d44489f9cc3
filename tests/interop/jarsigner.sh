#!/bin/bash
# jarsigner -tsa, which checks the reply itself, and jarsigner -verify: with a hybrid token, the authority's default, and
# with a classic one, by -tsapolicyid.
. "$(dirname "$0")/../lib/authority.sh"
need jarsigner openjdk-17-jdk-headless
need keytool openjdk-17-jre-headless
need jar openjdk-17-jdk-headless
need xxd xxd
authority_start
cd "$T"
keytool -genkeypair -keystore ks.p12 -storepass changeit -alias signer -keyalg EC -groupname secp256r1 \
    -dname 'CN=Test Signer' -validity 30 >/dev/null 2>&1
keytool -importcert -noprompt -keystore ks.p12 -storepass changeit -alias ca -file "$D/ca.pem" >/dev/null 2>&1
echo hello >hello.txt

record=060b2a864886f70d0109100231 # id-aa-er-internal
for policy in 93 91; do
    oid=1.3.6.1.4.1.32473.3161.1.$policy
    by=()
    [ $policy = 93 ] || by=(-tsapolicyid $oid)
    rm -rf doc.jar META-INF
    jar cf doc.jar hello.txt
    timeout 60 jarsigner -keystore ks.p12 -storepass changeit -tsa "$URL" "${by[@]}" -digestalg SHA-384 doc.jar signer >out 2>&1 ||
        fail "jarsigner: $(cat out)"
    timeout 60 jarsigner -verify -verbose -certs -keystore ks.p12 -storepass changeit doc.jar >out 2>&1 ||
        fail "verify: $(cat out)"
    grep -q 'jar verified' out || fail "not verified: $(cat out)"
    grep -qi 'timestamp' out || fail "no timestamp in: $(cat out)"
    # The token came into the jar as it is: with its record, or as a classic one without.
    jar xf doc.jar META-INF/SIGNER.EC
    hex=$(xxd -p META-INF/SIGNER.EC | tr -d '\n')
    case $policy,$hex in
    93,*$record* | 91,*) ;;
    *) fail "no record in the jar" ;;
    esac
    case $policy,$hex in 91,*$record*) fail "a record in the jar" ;; esac
    echo "policy .$policy: jar verified, $((${#hex} / 2)) bytes of signature"
done
