#!/bin/bash
# openssl ts -query | curl | openssl ts -verify: each hash, with and without nonce, certificates and policy.
. "$(dirname "$0")/../lib/authority.sh"
need openssl openssl
need curl curl
authority_start
head -c 5000 /dev/urandom >"$T/data"
leaf=$D/leaf.pem
openssl x509 -in "$D/chain.pem" -out "$leaf"
# ca.pem has an ML-DSA-65 root, too, which OpenSSL 3.0 cannot use: all below passes in spite of it.
[ "$(grep -c BEGIN "$D/ca.pem")" -eq 2 ] || fail "ca.pem has not both roots"

# The default is hybrid: to openssl a classic token with an attribute that it need not know.
arc=1.3.6.1.4.1.32473.3161.1
n=0
for hash in sha256 sha384 sha512 sha3-256 sha3-384 sha3-512; do
    for nonce in "" -no_nonce; do
        for cert in "" -cert; do
            for policy in "" "-tspolicy $arc.91"; do
                # shellcheck disable=SC2086
                openssl ts -query -data "$T/data" -"$hash" $nonce $cert $policy -out "$T/q" 2>"$T/err" ||
                    fail "query $hash: $(cat "$T/err")"
                post "$T/q" "$T/r"
                args=(-in "$T/r" -CAfile "$D/ca.pem")
                [ -n "$cert" ] || args+=(-untrusted "$leaf")
                for against in "-queryfile $T/q" "-data $T/data"; do
                    # shellcheck disable=SC2086
                    openssl ts -verify "${args[@]}" $against >"$T/out" 2>&1 && grep -q 'Verification: OK' "$T/out" ||
                        fail "$hash $nonce $cert $policy $against: $(cat "$T/out")"
                done
                openssl ts -reply -in "$T/r" -token_out -out "$T/tok"
                openssl ts -verify -in "$T/tok" -token_in -data "$T/data" -CAfile "$D/ca.pem" -untrusted "$leaf" \
                    >"$T/out" 2>&1 || fail "bare token, $hash: $(cat "$T/out")"
                openssl ts -reply -in "$T/r" -text >"$T/text" 2>/dev/null
                grep -q '^Ordering: no' "$T/text" || fail "ordering"
                grep -q '^Accuracy: ' "$T/text" || fail "accuracy"
                n=$((n + 1))
            done
        done
    done
done

# Data that is not what was stamped is refused: the loop above can fail.
echo other >"$T/other"
openssl ts -verify -in "$T/r" -data "$T/other" -CAfile "$D/ca.pem" -untrusted "$leaf" >/dev/null 2>&1 &&
    fail "openssl accepted other data"

# cms -verify sees a plain SignedData too.
openssl cms -verify -inform DER -in "$T/tok" -purpose timestampsign -CAfile "$D/ca.pem" -certfile "$leaf" \
    -out /dev/null >"$T/out" 2>&1 || fail "cms -verify: $(cat "$T/out")"
echo "$n requests, each verified in three ways"
