#!/bin/bash
# Bouncy Castle: TimeStampResponse.validate and TimeStampToken.validate.
. "$(dirname "$0")/../lib/authority.sh"
need javac openjdk-17-jdk-headless
jars=/usr/share/java
for jar in bcprov bcpkix bcutil; do
    [ -r $jars/$jar.jar ] || skip "no $jars/$jar.jar (package lib${jar}-java)"
done
path=$jars/bcprov.jar:$jars/bcpkix.jar:$jars/bcutil.jar
authority_start
javac -cp $path -d "$T" "$(dirname "$0")/BouncyCastle.java" || fail "javac"
head -c 3000 /dev/urandom >"$T/data"
openssl x509 -in "$D/chain.pem" -outform DER -out "$T/leaf.der"
# Plain tokens and hybrid ones, which have one attribute more that Bouncy Castle need not know.
triples=()
for profile in classic hybrid; do
    policy=1.3.6.1.4.1.32473.3161.1.9$([ $profile = classic ] && echo 1 || echo 3)
    for hash in sha256 sha384 sha512; do
        for cert in "" -cert; do
            name=$T/$profile-$hash$cert
            # shellcheck disable=SC2086
            openssl ts -query -data "$T/data" -$hash $cert -tspolicy $policy -out "$name.tsq" 2>/dev/null
            post "$name.tsq" "$name.tsr"
            triples+=("$name.tsq" "$name.tsr" "$profile")
        done
    done
done
timeout 120 java -cp "$path:$T" BouncyCastle "$T/data" "$T/leaf.der" "${triples[@]}" || fail "Bouncy Castle refuses a token"
# It can refuse: another request's nonce.
timeout 60 java -cp "$path:$T" BouncyCastle "$T/data" "$T/leaf.der" "$T/hybrid-sha512-cert.tsq" "$T/hybrid-sha384-cert.tsr" hybrid \
    >/dev/null 2>&1 && fail "accepted for another request"
exit 0
