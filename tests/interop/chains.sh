#!/bin/bash
# /ca.pem, /tsa_cert.pem and certchain hold two chains, the P-384 one first, then the ML-DSA-65 one. Stock OpenSSL takes the
# files as they come: as CAfile, as untrusted certificates, and with the ML-DSA certificates in front, too.
. "$(dirname "$0")/../lib/authority.sh"
need openssl openssl
need curl curl
authority_start
cd "$T"
curl -sSf --max-time 10 -o ca.pem "$URL/ca.pem" || fail "/ca.pem"
curl -sSf --max-time 10 -o leaf.pem "$URL/tsa_cert.pem" || fail "/tsa_cert.pem"
curl -sSf --max-time 10 -o chain.pem "$URL/api/v1/timestamp/certchain" || fail "certchain"

# kinds FILE: of what kind is the key of each certificate, in order
kinds() {
    rm -f part.*
    csplit -s -z -f part. "$1" '/BEGIN CERT/' '{*}'
    for part in part.*; do
        # OpenSSL 3.0 names the algorithm by its number.
        openssl x509 -in "$part" -noout -text 2>/dev/null | sed -n 's/^ *Public Key Algorithm: //p'
    done | sed 's/id-ecPublicKey/ec/; s/2.16.840.1.101.3.4.3.18\|ML-DSA-65/ml-dsa-65/' | tr '\n' ' '
}
[ "$(kinds ca.pem)" = "ec ml-dsa-65 " ] || fail "/ca.pem: $(kinds ca.pem)"
[ "$(kinds leaf.pem)" = "ec ml-dsa-65 " ] || fail "/tsa_cert.pem: $(kinds leaf.pem)"
[ "$(kinds chain.pem)" = "ec ec ml-dsa-65 ml-dsa-65 " ] || fail "certchain: $(kinds chain.pem)"
# Each certificate names the next one of its own chain as its issuer.
names() { openssl x509 -in "$1" -noout -nameopt RFC2253 "-$2" | sed 's/^[a-z]*=//'; }
for first in 0 2; do
    [ "$(names part.0$first issuer)" = "$(names part.0$((first + 1)) subject)" ] || fail "chain $first is none"
    [ "$(names part.0$((first + 1)) issuer)" = "$(names part.0$((first + 1)) subject)" ] || fail "chain $first has no root"
done
# The other order, which an operator may make of them.
cat part.03 part.01 >reversed.pem

for ca in ca.pem reversed.pem; do
    openssl verify -purpose timestampsign -CAfile $ca leaf.pem >out 2>&1 || fail "openssl verify, $ca: $(cat out)"
done
openssl verify -purpose timestampsign -CAfile ca.pem -untrusted chain.pem leaf.pem >out 2>&1 || fail "untrusted: $(cat out)"

head -c 2000 /dev/urandom >data
n=0
for cert in "" -cert; do
    # shellcheck disable=SC2086
    openssl ts -query -data data -sha384 $cert -out q 2>/dev/null
    post q r
    openssl ts -reply -in r -token_out -out token 2>/dev/null
    for ca in ca.pem reversed.pem chain.pem; do
        for untrusted in leaf.pem chain.pem; do
            openssl ts -verify -in r -queryfile q -CAfile $ca -untrusted $untrusted >out 2>&1 ||
                fail "ts -verify $cert $ca $untrusted: $(cat out)"
            openssl cms -verify -inform DER -in token -purpose timestampsign -CAfile $ca -certfile $untrusted -out content \
                >out 2>&1 || fail "cms -verify $cert $ca $untrusted: $(cat out)"
            n=$((n + 1))
        done
    done
done
# The ML-DSA root alone is no anchor of the P-384 leg.
openssl ts -verify -in r -queryfile q -CAfile part.03 -untrusted leaf.pem >/dev/null 2>&1 && fail "verified without the P-384 root"
echo "both chains served, the P-384 one first; $n times taken by openssl ts and by openssl cms"
