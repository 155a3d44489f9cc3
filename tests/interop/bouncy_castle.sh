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
openssl ts -query -data "$T/data" -sha512 -cert -out "$T/q" 2>/dev/null
post "$T/q" "$T/r"
java -cp "$path:$T" BouncyCastle "$T/q" "$T/r" "$T/data" || fail "Bouncy Castle refuses the token"
# It can refuse: another request's nonce.
openssl ts -query -data "$T/data" -sha512 -cert -out "$T/q2" 2>/dev/null
java -cp "$path:$T" BouncyCastle "$T/q2" "$T/r" "$T/data" >/dev/null 2>&1 && fail "accepted for another request"
exit 0
