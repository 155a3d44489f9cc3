#!/bin/bash
# openssl cms -verify and openssl ts -verify on tokens of each profile, by hash, with certificates and without: classic and
# hybrid ones are taken, pq ones are not by an OpenSSL that knows no ML-DSA. What is in them is what was asked for.
. "$(dirname "$0")/../lib/authority.sh"
need openssl openssl
need curl curl
need xxd xxd
authority_start
cd "$T"
openssl x509 -in "$D/chain.pem" -out leaf.pem
head -c 4000 /dev/urandom >data
arc=1.3.6.1.4.1.32473.3161.1
record=060b2a864886f70d0109100231 # id-aa-er-internal

# holds FILE HEX: these bytes are in it
holds() {
    xxd -p "$1" | tr -d '\n' | grep -q "$2"
}

# stock_takes ARGS: both commands of openssl say yes. Sets why.
stock_takes() {
    openssl ts -verify -in r -queryfile q -CAfile "$D/ca.pem" "$@" >ts.out 2>&1 || { why=$(cat ts.out); return 1; }
    openssl ts -verify -in token -token_in -data data -CAfile "$D/ca.pem" "$@" >ts.out 2>&1 || { why=$(cat ts.out); return 1; }
    openssl cms -verify -inform DER -in token -purpose timestampsign -CAfile "$D/ca.pem" "${@/-untrusted/-certfile}" -out content \
        >cms.out 2>&1 || { why=$(cat cms.out); return 1; }
}

n=0
for hash in sha256 sha384 sha512; do
    for cert in "" -cert; do
        for policy in 91 93; do
            # shellcheck disable=SC2086
            openssl ts -query -data data -$hash $cert -tspolicy $arc.$policy -out q 2>/dev/null
            post q r
            openssl ts -reply -in r -token_out -out token 2>/dev/null
            name="$hash $cert policy .$policy"
            more=(-untrusted leaf.pem)
            [ -z "$cert" ] || more=()
            stock_takes "${more[@]}" || fail "$name: $why"
            openssl ts -reply -in token -token_in -text >text 2>/dev/null
            grep -q "^Policy OID: $arc.$policy\$" text || fail "$name: $(grep Policy text)"
            openssl cms -cmsout -print -noout -inform DER -in token >text 2>/dev/null || fail "$name: cms -print"
            [ "$(grep -c 'signatureAlgorithm:' text)" -ge 1 ] || fail "$name: no signer"
            # Without certReq no certificate at all, in either leg: the record holds the dates of none.
            certificates=$(openssl asn1parse -inform DER -in token | grep -c 'prim: UTCTIME' || true)
            if [ -z "$cert" ]; then
                [ "$certificates" -eq 0 ] || fail "$name: has certificates"
            else
                [ "$certificates" -gt 0 ] || fail "$name: has no certificates"
            fi
            if [ $policy = 93 ]; then
                holds token $record || fail "$name: no record"
                # Attached as bytes: nothing that openssl re-encodes.
                openssl cms -cmsout -inform DER -in token -outform DER -out again || fail "$name: cms -cmsout"
                cmp -s token again || fail "$name: openssl encodes it otherwise"
            else
                holds token $record && fail "$name: has a record"
            fi
            n=$((n + 1))
        done
    done
done

# pq: one SignerInfo of ML-DSA, which OpenSSL 3.0 to 3.4 cannot verify; the client can.
openssl ts -query -data data -sha512 -cert -tspolicy $arc.92 -out q 2>/dev/null
post q r
openssl ts -reply -in r -token_out -out token 2>/dev/null
if openssl list -signature-algorithms 2>/dev/null | grep -qi 'ml-dsa'; then
    echo "SKIP part: this openssl knows ML-DSA"
else
    openssl ts -verify -in r -queryfile q -CAfile "$D/ca.pem" >/dev/null 2>&1 && fail "ts -verify took a pq token"
    openssl cms -verify -inform DER -in token -purpose timestampsign -CAfile "$D/ca.pem" -out content >/dev/null 2>&1 &&
        fail "cms -verify took a pq token"
fi
"$QUORATE_BIN/quorate" verify --allow-simulated --require pq --ca "$D/ca.pem" --data data --query q r >out 2>&1 ||
    fail "quorate verify, pq: $(cat out)"
grep -q '^GENUINE pq only' out || fail "quorate verify, pq: $(tail -n 1 out)"

# The same file that stock openssl took for a classic token is quantum-safe to those who look at both legs.
openssl ts -query -data data -sha512 -cert -out q 2>/dev/null
post q r
openssl ts -verify -in r -queryfile q -CAfile "$D/ca.pem" >out 2>&1 || fail "hybrid: $(cat out)"
"$QUORATE_BIN/quorate" verify --allow-simulated --require classic,pq --ca "$D/ca.pem" --data data --query q r >out 2>&1 ||
    fail "quorate verify, hybrid: $(cat out)"
grep -q '^GENUINE quantum-safe' out || fail "quorate verify, hybrid: $(tail -n 1 out)"
# One changed byte of the record: no concern of openssl's, and no proof any more.
at=$(($(stat -c %s r) - 100))
byte=$(xxd -s $at -l 1 -p r)
printf '%02x' $((0x$byte ^ 1)) | xxd -r -p | dd of=r bs=1 seek=$at conv=notrunc status=none
openssl ts -verify -in r -queryfile q -CAfile "$D/ca.pem" >out 2>&1 || fail "openssl looks into the record: $(cat out)"
"$QUORATE_BIN/quorate" verify --allow-simulated --require classic,pq --ca "$D/ca.pem" --data data r >out 2>&1 &&
    fail "a forged record was taken"
echo "$n tokens of profiles classic and hybrid taken by openssl ts and cms, pq ones by quorate alone"
