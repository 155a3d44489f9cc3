#!/bin/bash
# quorate dev up --nodes 5 --threshold 3: a ceremony, tokens of both legs, two cores killed and tokens go on, a third and
# nothing is signed any more; a new key on request.
set -u
. "$(dirname "$0")/supervised.bash"
need_cluster

place=$dir/dev
echo "what is stamped" >"$dir/file"
openssl ts -query -data "$dir/file" -sha384 -cert -out "$dir/file.tsq" 2>/dev/null
openssl ts -query -data "$dir/file" -sha384 -cert -tspolicy 1.3.6.1.4.1.32473.3161.1.91 -out "$dir/classic.tsq" 2>/dev/null

# post NAME [QUERY]
post() {
    curl -sSf --max-time 20 -H 'Content-Type: application/timestamp-query' --data-binary "@$dir/${2:-file}.tsq" \
        -o "$dir/$1" "$url/tsr" || fail "curl"
}

# stamp NAME: a hybrid token, genuine for stock tools and in both legs.
stamp() {
    post "$1"
    openssl ts -verify -in "$dir/$1" -queryfile "$dir/file.tsq" -CAfile "$place/ca.pem" >>"$dir/log" 2>&1 ||
        fail "openssl ts -verify $1: $(openssl ts -reply -in "$dir/$1" -text 2>/dev/null | head -n 4)"
    "$QUORATE_BIN/quorate" verify --require classic,pq --query "$dir/file.tsq" --ca "$place/ca.pem" --allow-simulated \
        "$dir/$1" >"$dir/verdict" 2>&1 || fail "quorate verify $1: $(cat "$dir/verdict")"
}

pid_of() { # NAME: of dev status
    "$authority" dev status --dir "$place" | sed -n "s/^$1 pid \([0-9]*\) .*/\1/p"
}

expect() { # TEXT: dev status says so
    "$authority" dev status --dir "$place" >"$dir/status" || fail "dev status"
    grep -q "$1" "$dir/status" || fail "dev status: no $1 in: $(cat "$dir/status")"
}

# kill_core N: it is gone, and the supervisor has seen it.
kill_core() {
    kill -9 "$(pid_of "core-$1")"
    await core_ended "name=core-$1"
    await "$2"
}

# halted_at URL: that front says that it is over, for people and for machines. Its pages follow what it logs.
halted_at() {
    local until=$((SECONDS + limit))
    until curl -s --max-time 20 -o "$dir/ready" "$1/readyz" && grep -q '"reason": *"halted' "$dir/ready"; do
        [ $SECONDS -lt $until ] || fail "readiness: $(cat "$dir/ready")"
    done
    curl -s --max-time 20 "$1/metrics" | grep -q '^quorate_epoch_halted 1' || fail "metrics"
}

# starts_halted [EVENT/PROGRAM...] <LOG: the front that writes it listens, and knows, and these; in any order.
starts_halted() {
    local said=" " one program
    while read -r -t $limit line; do
        echo "$line" >>"$dir/log"
        program=${line##* program=quorate-}
        said="$said${line%% *}/${program%% *} "
        for one in epoch_halted/front ready/front "$@"; do
            [[ $said == *" $one "* ]] || continue 2
        done
        return
    done
    fail "a front that starts does not say HALTED: $said"
}

echo "case: five cores make a key together"
supervise dev up --dir "$place" --listen 127.0.0.1:0 --nodes 5 --threshold 3
await_line "ready http"
url=${line#ready }
expect '^serving shares 5 of 5 threshold 3'
"$QUORATE_BIN/quorate" ceremony verify --quiet "$place/ceremony.qcr" || fail "the record is not genuine"
epoch=$("$QUORATE_BIN/quorate" ceremony verify --json "$place/ceremony.qcr" | sed -n 's/.*"epoch_id": *"\([0-9a-f]*\)".*/\1/p')
[ -n "$epoch" ] || fail "no epoch"

echo "case: tokens of it"
stamp first.tsr
post classic.tsr classic
openssl ts -verify -in "$dir/classic.tsr" -queryfile "$dir/classic.tsq" -CAfile "$place/ca.pem" >>"$dir/log" 2>&1 ||
    fail "the classic token"

echo "case: no other ceremony with cores whose key is in use, and none with one core twice"
cp "$place/plan.ini" "$place/again.ini"
"$QUORATE_BIN/quorate" ceremony run --plan "$place/again.ini" --out "$dir/again.qcr" 2>"$dir/said"
[ $? -eq 3 ] || fail "another ceremony: $(cat "$dir/said")"
grep -q "its key is in use already" "$dir/said" || fail "another ceremony: $(cat "$dir/said")"
sed -i 's/core-2\.sock/core-1.sock/' "$place/again.ini"
"$QUORATE_BIN/quorate" ceremony run --plan "$place/again.ini" --out "$dir/again.qcr" 2>"$dir/said"
[ $? -eq 2 ] || fail "one core twice: $(cat "$dir/said")"
grep -q "two nodes listen at one place" "$dir/said" || fail "one core twice: $(cat "$dir/said")"

echo "case: two cores are killed, and tokens go on"
whole
kill_core 2 share_lost
kill_core 4 share_lost
stamp second.tsr
stamp third.tsr
expect '^serving shares 3 of 5'

echo "case: a killed front comes back"
front=$(pid_of front)
kill -9 "$front"
await front_started
curl -sf -o "$dir/ready" --retry 20 --retry-all-errors --retry-max-time $limit --max-time 10 "$url/readyz" ||
    fail "the front does not get ready"
stamp fourth.tsr

echo "case: a third, and nothing is signed any more"
kill_core 1 halted
expect '^HALTED shares 2 of 5'
for left in 4 3 2 1 0; do # one that is in time is enough: the machine may be busy with other things
    took=$(curl -sS --max-time 20 -H 'Content-Type: application/timestamp-query' --data-binary "@$dir/file.tsq" \
        -o "$dir/none.tsr" -w '%{time_total}' "$url/tsr") || fail "no answer"
    openssl ts -reply -in "$dir/none.tsr" -text 2>/dev/null | grep -q '^Status: Rejected' || fail "no rejection"
    [ "$(sed 's/\.//' <<<"$took")" -ge "${QUORATE_REJECT_US:-500000}" ] || break
    [ $left -gt 0 ] || fail "the rejection took $took s"
done
echo "  rejected within $took s"
[ "$(grep -c '^ended core-[124] ' "$place/ended")" -eq 3 ] || fail "who ended: $(cat "$place/ended")"

echo "case: a front that starts later says so at once, whatever it can see of the cores"
front=$(pid_of front)
kill -9 "$front"
starts_halted front_started/authority <&3
halted_at "$url"
sed -e 's/^listen = .*/listen = 127.0.0.1:0/' -e 's/^address_file = .*/address_file = second.addr/' \
    -e 's/^dir = journal/dir = second/' -e '/^core = unix:core-[1245]\.sock$/d' "$place/quorate.conf" >"$place/second.conf"
mkfifo "$dir/second"
"$QUORATE_BIN/quorate-front" --config "$place/second.conf" >"$dir/second" 2>&1 3<&- &
second=$!
exec 4<"$dir/second"
starts_halted <&4
halted_at "http://$(head -n 1 "$place/second.addr")"
kill -TERM $second
wait $second || fail "the second front"
exec 4<&-

echo "case: a new key on request"
"$authority" dev renew --dir "$place" || fail "dev renew"
await enroll_ended
await front_started
curl -sf -o "$dir/ready" --retry 40 --retry-all-errors --retry-max-time $limit --max-time 10 "$url/readyz" ||
    fail "the front does not get ready"
expect '^serving shares 5 of 5'
whole
stamp fifth.tsr
! "$QUORATE_BIN/quorate" ceremony verify --json "$place/ceremony.qcr" | grep -q "$epoch" || fail "the old epoch"
openssl ts -verify -in "$dir/first.tsr" -queryfile "$dir/file.tsq" -CAfile "$place/ca.pem" >/dev/null 2>&1 ||
    fail "the first token does not verify any more"
mapfile -t pids < <(sed -n 's/.* pid \([1-9][0-9]*\) .*/\1/p' "$dir/status")
[ ${#pids[@]} -eq 12 ] || fail "not five cores, a quorate-tsm of each, front and mesh: $(cat "$dir/status")"
stop "${pids[@]}"
"$authority" dev status --dir "$place" >/dev/null 2>&1 && fail "a status of nobody"

echo "case: what proves nothing blames nobody"
# blame STATUS TEXT ARG...: quorate ceremony blame says so.
blame() {
    "$QUORATE_BIN/quorate" ceremony blame "${@:3}" >"$dir/blame" 2>&1
    [ $? -eq "$1" ] || fail "blame ${*:3}: not exit $1: $(cat "$dir/blame")"
    grep -q "$2" "$dir/blame" || fail "blame ${*:3}: $(cat "$dir/blame")"
}
blame 1 "it is no proof" --record "$place/ceremony.qcr" "$dir/first.tsr"
blame 1 '"verdict":"not proven","exit_code":1' --record "$place/ceremony.qcr" --json "$dir/first.tsr"
blame 2 "No such file" --record "$place/ceremony.qcr" "$dir/no such file"
blame 2 "not the record" --record "$dir/first.tsr" "$dir/first.tsr"
blame 2 Usage: "$dir/first.tsr"
blame 2 Usage: --record "$place/ceremony.qcr"

echo "case: what cannot be is refused"
for bad in "--nodes 5" "--nodes 7 --threshold 3" "--nodes 3 --threshold 4" "--nodes 3 --threshold 1" "--threshold 2" \
    "--nodes 5 --threshold 3 --classic node"; do
    # shellcheck disable=SC2086
    "$authority" dev up --dir "$place" $bad >/dev/null 2>&1
    [ $? -eq 2 ] || fail "usage: $bad"
done
exit 0
