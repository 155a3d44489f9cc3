#!/bin/bash
# The supervisor with a core of two keys: both are certified by one run of the certify command, bound to one another and
# activated; what the command may not print is refused. The front is one that only waits.
set -u
. "$(dirname "$0")/supervised.bash"
need quorate-authority quorate-core

cat >"$dir/front" <<'F'
#!/bin/sh
exec sleep 600
F
# A core with a second policy, signed with ML-DSA-65.
cat >"$dir/core" <<C
#!/bin/sh
exec '$QUORATE_BIN/quorate-core' "\$@" --policy 200,pq,1.3.6.1.4.1.32473.3161.1.92,3,100,1000
C
good="'$authority' dev certify --dir '$dir/ca'"
# twist WHAT: what a certify command prints, changed. c0, c1: the classic leaf and root; c2, c3: the pq ones.
cat >"$dir/twist" <<T
#!/bin/bash
cd '$dir'
cat >requests
case \$1 in
other-key | bound-elsewhere) # of another core, bound to this one's classic key
    sed '/END CERT/q' requests >mixed
    cat other-pq >>mixed
    $good <mixed >all ;;
other-epoch) QUORATE_EPOCH_ID=\$(printf '%096d' 0) $good <requests >all ;;
other-total) QUORATE_TOTAL=2 $good <requests >all ;;
*) $good <requests >all ;;
esac
csplit -s -z -f c -n 1 all '/BEGIN CERT/' '{*}'
case \$1 in
swapped) cat c2 c3 c0 c1 ;;
no-pq) cat c0 c1 ;;
no-classic) cat c2 c3 ;;
mixed) cat c0 c2 c1 c3 ;;
old-pq) cat c0 c1 old-chain-pq.pem ;;
old-classic) cat old-chain.pem c2 c3 ;;
no-root) cat c0 c1 c2 ;;
foreign-root) cat c0 c1 c2 c1 ;;
bound-elsewhere) # each leaf for its key; the classic one was made for another pair
    cp c0 bound; cp c1 bound-root
    $good <requests >all
    csplit -s -z -f c -n 1 all '/BEGIN CERT/' '{*}'
    cat bound bound-root c2 c3 ;;
*) cat all ;;
esac
T
chmod +x "$dir/front" "$dir/core" "$dir/twist"

# conf CERTIFY [CORE]
conf() {
    cat >"$dir/quorate.conf" <<C
[front]
listen = 127.0.0.1:0
core = unix:core.sock
chain = chain.pem
chain_pq = chain-pq.pem
drain_timeout_s = 1
[journal]
dir = journal
[policy default]
oid = 1.3.6.1.4.1.32473.3161.1.91
number = 1
[authority]
front_program = front
${2-core_program = core}
clock = trust-system
allow_unlocked = yes
certify = $1
certify_timeout_s = 20
restart_backoff_ms = 10
C
}

start() {
    supervise authority run --config "$dir/quorate.conf"
}

# spki FILE: the DER of the SubjectPublicKeyInfo of the first certificate in it; OpenSSL's tools know no such key.
spki() {
    openssl x509 -in "$1" -outform DER -out "$dir/der"
    openssl asn1parse -inform DER -in "$dir/der" -strparse \
        "$(openssl asn1parse -inform DER -in "$dir/der" | awk -F'[: ]+' '/ l=1970 cons: SEQUENCE/ {print $1 == "" ? $2 : $1; exit}')" \
        -out "$dir/spki" -noout
    cat "$dir/spki"
}

# names FILE HEX: the first certificate in it holds these bytes.
names() {
    openssl x509 -in "$1" -outform DER | od -An -v -tx1 | tr -d ' \n' | grep -q "$2"
}

supervise dev up --dir "$dir/ca" --listen 127.0.0.1:0
await_line "ready http"
stop

echo "case: both keys are certified and activated"
conf "'$dir/twist' plain"
start
await core_started; core_pid=$(field pid)
await front_started; front_pid=$(field pid)
await core_certified key=classic
await core_certified key=pq
await ready
openssl verify -purpose timestampsign -CAfile "$dir/ca/ca.pem" "$dir/chain.pem" >/dev/null || fail "chain.pem"
[ "$(grep -c BEGIN "$dir/chain.pem")" = 2 ] || fail "chain.pem has not 2 certificates"
[ "$(grep -c BEGIN "$dir/chain-pq.pem")" = 2 ] || fail "chain-pq.pem has not 2 certificates"
[ "$(grep -c 'BEGIN CERTIFICATE REQUEST' "$dir/requests")" = 2 ] || fail "the command did not get 2 requests"
openssl req -in "$dir/requests" -verify -noout 2>&1 | grep -q 'verify OK' || fail "the first request is not genuine"

echo "case: each certificate names the other key"
classic_hash=$(openssl x509 -in "$dir/chain.pem" -noout -pubkey | openssl pkey -pubin -outform DER | sha384sum | cut -c 1-96)
pq_hash=$(spki "$dir/chain-pq.pem" | sha384sum | cut -c 1-96)
names "$dir/chain.pem" "$pq_hash" || fail "the classic certificate does not name the pq key"
names "$dir/chain-pq.pem" "$classic_hash" || fail "the pq certificate does not name the classic key"
[ "$(stat -c %a "$dir/ca/ca-pq.key")" = 600 ] || fail "ca-pq.key is open to others"

echo "case: a killed core comes back with two new keys, both certified; the front stays"
cp "$dir/chain.pem" "$dir/old-chain.pem"
cp "$dir/chain-pq.pem" "$dir/old-chain-pq.pem"
sed '1,/END CERT/d' "$dir/requests" >"$dir/other-pq"
kill -9 "$core_pid"
await core_ended 'how="signal 9"'
await core_started; core_pid=$(field pid)
await core_certified key=classic
await core_certified key=pq
cmp -s "$dir/chain.pem" "$dir/old-chain.pem" && fail "the classic certificate is the old one"
cmp -s "$dir/chain-pq.pem" "$dir/old-chain-pq.pem" && fail "the pq certificate is the old one"
names "$dir/chain-pq.pem" "$classic_hash" && fail "the pq certificate names the old key"
runs "$front_pid" || fail "the front was touched"
stop "$core_pid" "$front_pid"

echo "case: what the command may not print"
cp "$dir/chain.pem" "$dir/kept-chain.pem"
cp "$dir/chain-pq.pem" "$dir/kept-chain-pq.pem"
# what, what the log says
while IFS='|' read -r what why; do
    conf "'$dir/twist' $what"
    start
    await certify_failed "$why"
    stop
    cmp -s "$dir/chain.pem" "$dir/kept-chain.pem" || fail "$what: chain.pem was written"
    cmp -s "$dir/chain-pq.pem" "$dir/kept-chain-pq.pem" || fail "$what: chain-pq.pem was written"
done <<C
swapped|classic chain: it must be the first
no-pq|pq chain: there is none
no-classic|classic chain: it must be the first
mixed|classic chain: the last certificate is no self-signed root
old-pq|pq chain: certificate 1: not for the core's key
old-classic|classic chain: certificate 1: not for the core's key
no-root|pq chain: the last certificate is no self-signed root
foreign-root|pq chain: certificate 1: not issued by the next one
other-key|pq chain: certificate 1: not for the core's key
bound-elsewhere|classic chain: QuorateBinding names another key
other-epoch|pq chain: QuorateBinding names another epoch
other-total|pq chain: QuorateBinding has other numbers of signers
C

echo "case: a core of one key gets one chain, whose binding names no other"
conf "'$dir/twist' plain" ""
start
await core_certified key=classic
await ready
stop
[ "$(grep -c BEGIN "$dir/requests")" = 1 ] || fail "the command got a second request"
cmp -s "$dir/chain-pq.pem" "$dir/kept-chain-pq.pem" || fail "chain-pq.pem was written"
conf "$good && cat '$dir/kept-chain-pq.pem'" ""
start
await certify_failed "pq chain: the core has no such key"
stop
exit 0
