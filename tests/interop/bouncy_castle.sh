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
# A plain token, then a hybrid one, which is the default: it has one attribute more, which Bouncy Castle need not know.
for policy in "classic -tspolicy 1.3.6.1.4.1.32473.3161.1.91" hybrid; do
    read -r profile more <<<"$policy"
    # shellcheck disable=SC2086
    openssl ts -query -data "$T/data" -sha512 -cert $more -out "$T/q" 2>/dev/null
    post "$T/q" "$T/r"
    java -cp "$path:$T" BouncyCastle "$T/q" "$T/r" "$T/data" "$profile" || fail "Bouncy Castle refuses the $profile token"
done
# It can refuse: another request's nonce.
openssl ts -query -data "$T/data" -sha512 -cert -out "$T/q2" 2>/dev/null
java -cp "$path:$T" BouncyCastle "$T/q2" "$T/r" "$T/data" hybrid >/dev/null 2>&1 && fail "accepted for another request"
exit 0
