#!/bin/bash
# Five cores that have the classic key together, and show no evidence: one certificate, tokens of both legs, nodes 2 and 4
# killed and tokens go on, first from the pool of the three that are left, then as fast as these make presignatures; a front
# and a quorate-mesh that are killed lose nothing but what they had in hand.
set -u
. "$(dirname "$0")/supervised.bash"
need_cluster

place=$dir/dev
arc=1.3.6.1.4.1.32473.3161.1
echo "what is stamped" >"$dir/file"

# post QUERY NAME: what the front answers.
post() {
    curl -sSf --max-time 20 -H 'Content-Type: application/timestamp-query' --data-binary "@$dir/$1.tsq" \
        -o "$dir/$2" "$url/" || fail "curl"
}

# stamp LEGS QUERY: a token that is genuine for stock tools, and for ours in these legs.
stamp() {
    post "$2" token.tsr
    openssl ts -verify -in "$dir/token.tsr" -queryfile "$dir/$2.tsq" -CAfile "$place/ca.pem" >>"$dir/log" 2>&1 ||
        fail "openssl ts -verify $2: $(openssl ts -reply -in "$dir/token.tsr" -text 2>/dev/null | head -n 4)"
    "$QUORATE_BIN/quorate" verify --require "$1" --query "$dir/$2.tsq" --ca "$place/ca.pem" --allow-simulated \
        "$dir/token.tsr" >"$dir/verdict" 2>&1 || fail "quorate verify $2: $(cat "$dir/verdict")"
}

# metric NAME: its value now.
metric() {
    curl -sSf --max-time 20 "$url/metrics" | awk -v m="$1" '$1 == m { print $2 }'
}

pid_of() { # NAME: of dev status
    "$authority" dev status --dir "$place" | sed -n "s/^$1 pid \([0-9]*\) .*/\1/p"
}

# is_ready: the front is, within a time.
is_ready() {
    curl -sf -o "$dir/ready" --retry 40 --retry-all-errors --retry-max-time $limit --max-time 10 "$url/readyz" ||
        fail "the front does not get ready: $(cat "$dir/ready")"
}

echo "case: one certificate of the classic key, for all cores"
supervise dev up --dir "$place" --listen 127.0.0.1:0 --nodes 5 --threshold 3 --evidence none
await_line "ready http"
url=${line#ready }
curl -sSf --max-time 20 -o "$dir/status" "$url/status" || fail "status"
grep -q '"classic_leg": *"threshold"' "$dir/status" || fail "status: $(cat "$dir/status")"
curl -sSf --max-time 20 -o "$dir/tsa.pem" "$url/tsa_cert.pem" || fail "tsa_cert.pem"
[ "$(grep -c 'BEGIN CERTIFICATE' "$dir/tsa.pem")" -eq 2 ] || fail "not one certificate of each key"
"$QUORATE_BIN/quorate" ceremony verify --quiet "$place/ceremony.qcr" || fail "the record is not genuine"

echo "case: tokens of it"
oid() { sed -n "/^\[policy $1\]/,/^oid/s/^oid = //p" "$place/quorate.conf"; }
openssl ts -query -data "$dir/file" -sha384 -cert -tspolicy "$(oid hybrid)" -out "$dir/hybrid.tsq" 2>/dev/null
openssl ts -query -data "$dir/file" -sha384 -cert -tspolicy "$(oid classic)" -out "$dir/classic.tsq" 2>/dev/null
[[ $(oid classic) == $arc.* ]] || fail "no classic policy"
stamp classic classic
stamp classic,pq hybrid
[ "$(metric quorate_presignatures_used_total)" -eq 2 ] || fail "not two presignatures"

echo "case: without what orders and carries presignatures, those that there are are used"
mesh=$(pid_of mesh)
kill -9 "$mesh"
stamp classic classic
await mesh_ended
await mesh_started
stamp classic,pq hybrid

echo "case: nodes 2 and 4 are killed, and tokens go on"
whole
for node in 2 4; do
    kill -9 "$(pid_of core-$node)"
    await core_ended "name=core-$node"
    await share_lost
done
for _ in 1 2 3; do
    stamp classic,pq hybrid
done
is_ready

echo "case: beyond the pool of those three, too"
answers=()
[ "${QUORATE_LONG:-}" = 1 ] && each=60 || each=45 # of a pool of 64
for i in $(seq $each); do
    answers+=(-o "$dir/answer-$i" "$url/")
done
until=$((SECONDS + limit))
asked=0
until [ "$(metric quorate_presignature_waited_total)" -ge 1 ]; do # a fast machine makes some meanwhile
    [ $SECONDS -lt $until ] || fail "nobody waited: $(curl -sS --max-time 20 "$url/status")"
    asks=()
    for _ in 1 2; do
        curl -sSf --max-time $limit -H 'Content-Type: application/timestamp-query' --data-binary "@$dir/classic.tsq" "${answers[@]}" &
        asks+=($!)
        asked=$((asked + each))
    done
    for ask in "${asks[@]}"; do
        wait "$ask" || fail "curl"
    done
done
# On a machine that is busy with other things a presignature may come too late: the next ask finds it.
rejected='quorate_tokens_total{status="rejection",policy="",alg=""}'
echo "  waited: $(metric quorate_presignature_waited_total) of $asked, rejected: $(metric "$rejected")"
until=$((SECONDS + limit))
before=$(metric quorate_presignatures_used_total)
while [ "$(metric quorate_presignatures_used_total)" -eq "$before" ]; do
    [ $SECONDS -lt $until ] || fail "no token beyond the pool: $(curl -sS --max-time 20 "$url/status")"
    post classic token.tsr
done

echo "case: a killed front comes back, and uses nothing twice"
kill -9 "$(pid_of front)"
await front_started
is_ready
until=$((SECONDS + limit))
until [ "$(curl -sS --max-time 20 "$url/metrics" | awk '/^quorate_presignatures\{/ { n += $2 } END { print n + 0 }')" -ge 2 ]; do
    [ $SECONDS -lt $until ] || fail "no presignatures: $(curl -sS --max-time 20 "$url/status")"
done
stamp classic classic
stamp classic,pq hybrid
[ "$(metric quorate_presignatures_wrong_total)" -eq 0 ] || fail "wrong signatures"
"$authority" dev status --dir "$place" >"$dir/status" || fail "dev status"
grep -q '^tsm-' "$dir/status" && fail "without evidence: $(cat "$dir/status")"
[ ! -e "$place/bundle" ] || fail "a bundle without evidence"
mapfile -t pids < <(sed -n 's/.* pid \([1-9][0-9]*\) .*/\1/p' "$dir/status")
stop "${pids[@]}"
exit 0
