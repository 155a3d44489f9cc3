#!/bin/bash
# quorate authority run with five cores, as people run it: the front says what is missing, an operator runs the ceremony, the
# certify command certifies, a core that ends is replaced outside of the epoch, a supervisor that is killed takes its
# cores along and the next one says so, and the end is in order.
set -u
. "$(dirname "$0")/supervised.bash"
need_cluster
quorate=$QUORATE_BIN/quorate
place=$dir/authority
mkdir "$place"

# The CA of quorate dev is the CA of this test: dev up of one core makes it.
supervise dev up --dir "$dir/ca" --listen 127.0.0.1:0
await_line "ready http"
stop

# A CA that cannot be reached at first; what people could send it by other ways then is asked. It takes all of its input: what is
# said of a command that does not hangs on when it ends.
cat >"$dir/certify" <<C
#!/bin/sh
[ -e '$dir/open' ] || { cat >/dev/null; '$authority' csr --config '$place/quorate.conf' >'$dir/asked'; : >'$dir/open'; exit 1; }
exec '$authority' dev certify --dir '$dir/ca'
C
chmod +x "$dir/certify"
{
    printf '[front]\nlisten = 127.0.0.1:0\naddress_file = front.addr\nadmin_on_main = yes\ndrain_timeout_s = 1\n'
    for i in 1 2 3 4 5; do
        printf 'core = unix:core-%d.sock\nchain = chain-%d.pem\n' $i $i
    done
    printf 'chain_pq = chain-pq.pem\nceremony = ceremony.qcr\nended = ended\nproof_dir = .\n'
    printf '[journal]\ndir = journal\n'
    printf '[policy hybrid]\noid = 1.3.6.1.4.1.32473.3161.1.96\nnumber = 1\nprofile = hybrid\ndefault = yes\n'
    printf '[policy evidence]\noid = 1.3.6.1.4.1.32473.3161.1.94\nnumber = 2\nprofile = pq\nevidence = yes\n'
    printf '[authority]\nclock = trust-system\nallow_unlocked = yes\nthreshold = 3\nstatus = status\n'
    printf 'restart_backoff_ms = 20\nrequests = requests.pem\ncertify = %s\n' "$dir/certify"
} >"$place/quorate.conf"
conf=$place/quorate.conf
echo "what is stamped" >"$dir/file"
openssl ts -query -data "$dir/file" -sha384 -cert -out "$dir/file.tsq" 2>/dev/null

# kill_child NAME: of authority status, or PID.
kill_child() {
    local child=$1
    [[ $child == [0-9]* ]] ||
        child=$("$authority" authority status --config "$conf" | sed -n "s/^$1 pid \([0-9]*\) .*/\1/p")
    [ "$child" -gt 1 ] || fail "$1 does not run"
    kill -9 "$child"
}

expect() { # TEXT: authority status says so
    "$authority" authority status --config "$conf" >"$dir/status" || fail "authority status"
    grep -q "$1" "$dir/status" || fail "authority status: no $1 in: $(cat "$dir/status")"
}

# readiness TEXT: what the front says is missing, once it knows its cores.
readiness() {
    local until=$((SECONDS + limit))
    url=http://$(head -n 1 "$place/front.addr")
    until curl -s --max-time 20 -o "$dir/ready" "$url/readyz" && grep -q "\"reason\": *\"$1" "$dir/ready"; do
        [ $SECONDS -lt $until ] || fail "readiness is not $1: $(cat "$dir/ready")"
        sleep 0.05
    done
}

# all EVENT/PROGRAM...: await them in any order.
all() {
    local one patterns=()
    for one in "$@"; do
        patterns+=("${one%/*} *program=quorate-${one#*/}*")
    done
    await_all "${patterns[@]}"
}

classic=(--classic node) # whose the P-384 key is

# ceremony: one as an operator runs it; the nodes in an order of their own.
ceremony() {
    local cores=() i
    for i in 3 1 2 5 4; do
        cores+=(--core "unix:$place/core-$i.sock")
    done
    "$quorate" ceremony plan "${cores[@]}" --threshold 3 "${classic[@]}" --out "$place/plan.ini" >>"$dir/log" 2>&1 || fail "ceremony plan"
    "$quorate" ceremony run --plan "$place/plan.ini" --out "$place/ceremony.qcr" >>"$dir/log" 2>&1 || fail "ceremony run"
}

# stamp NAME: a hybrid token, genuine in both legs.
stamp() {
    curl -s -o "$dir/ready" --fail --retry 40 --retry-all-errors --retry-max-time $limit --max-time 10 "$url/readyz" ||
        fail "the front does not get ready"
    curl -sSf --max-time 20 -H 'Content-Type: application/timestamp-query' --data-binary "@$dir/file.tsq" \
        -o "$dir/$1" "$url/tsr" || fail "curl"
    "$quorate" verify --require classic,pq --query "$dir/file.tsq" --ca "$dir/ca/ca.pem" --allow-simulated \
        "$dir/$1" >"$dir/verdict" 2>&1 || fail "quorate verify $1: $(cat "$dir/verdict")"
}

echo "case: it runs, and waits for people"
echo "of cores before" >"$place/requests.pem"
supervise authority run --config "$conf"
all ceremony_awaited/authority ready/authority
expect '^enrolling shares 0 of 5 threshold 3'
readiness "no ceremony yet"
[ ! -e "$place/requests.pem" ] || fail "requests of cores that are gone"

echo "case: an operator runs the ceremony; the CA is tried again"
ceremony
await certify_failed
grep -q '^QUORATE_TOTAL=5$' "$dir/asked" || fail "of how many: $(cat "$dir/asked")"
[ "$(grep -c '^-----BEGIN CERTIFICATE REQUEST' "$dir/asked")" = 6 ] || fail "of each P-384 key and of the one that they share"
await epoch_taken
expect '^serving shares 5 of 5'
stamp first.tsr
[ ! -e "$place/requests.pem" ] || fail "requests that are certified are kept"

echo "case: a second supervisor is refused"
"$authority" authority run --config "$conf" >"$dir/second" 2>&1 && fail "two supervisors"
grep -q "another supervisor runs these cores" "$dir/second" || fail "second: $(cat "$dir/second")"

echo "case: a core that ends is replaced, and has no share"
kill_child core-2
await core_ended name=core-2
await share_lost "waits for another key, or an order"
await core_started name=core-2
again=$(field pid)
expect '^core-2 pid [0-9]* outside'
expect '^serving shares 4 of 5'
[ "$(grep -c '^ended core-2 ' "$place/ended")" -eq 1 ] || fail "who ended: $(cat "$place/ended")"
stamp second.tsr

echo "case: one that ends again and again is started after longer and longer pauses"
for i in 1 2 3; do
    kill_child "$again"
    await core_started name=core-2
    again=$(field pid)
done
[ "$(grep -c '^ended core-2 ' "$place/ended")" -eq 1 ] || fail "it had no share to lose"

echo "case: a front that ends comes back"
kill_child front
all front_started/authority ready/front
url=http://$(head -n 1 "$place/front.addr")
stamp third.tsr

echo "case: a supervisor that is killed takes its cores along, and the next one says so"
mapfile -t pids < <("$authority" authority status --config "$conf" | sed -n 's/.* pid \([1-9][0-9]*\) .*/\1/p')
kill -9 "$pid"
wait "$pid" 2>/dev/null
all_gone "${pids[@]}"
sed -i '/^chain = chain-[2-5]/d' "$conf" # one chain: a P-384 key that all share
classic=() # the preset, for three sign
supervise authority run --config "$conf"
all epoch_halted/front ceremony_awaited/authority ready/authority
[ "$(grep -c '^ended ' "$place/ended")" -eq 5 ] || fail "who ended: $(cat "$place/ended")"
expect '^enrolling shares 0 of 5'

echo "case: another ceremony is another key; with a P-384 key of which three sign"
ceremony
"$quorate" ceremony verify "$place/ceremony.qcr" >"$dir/verdict" || fail "the record: $(cat "$dir/verdict")"
grep -q '^PASS  classic' "$dir/verdict" || fail "no P-384 key in the record"
await epoch_taken
url=http://$(head -n 1 "$place/front.addr")
stamp fourth.tsr
readiness ""

echo "case: too few shares, and a new key at SIGUSR1"
for i in 1 3 5; do
    kill_child "core-$i"
    await core_ended "name=core-$i"
done
await halted "for ever"
expect '^HALTED shares 2 of 5'
kill -USR1 "$pid"
await ceremony_awaited
ceremony
await epoch_taken
url=http://$(head -n 1 "$place/front.addr")
stamp fifth.tsr

echo "case: the end is in order: the front, then the cores"
mapfile -t pids < <("$authority" authority status --config "$conf" | sed -n 's/.* pid \([1-9][0-9]*\) .*/\1/p')
stop "${pids[@]}"
sed -n '/^stopping .*quorate-authority/,$p' "$dir/log" | grep -E '^(front|core)_ended ' | cut -d' ' -f1 | uniq >"$dir/order"
[ "$(tr '\n' ' ' <"$dir/order")" = "front_ended core_ended " ] || fail "order: $(cat "$dir/order")"

echo "case: the example is a configuration"
"$QUORATE_BIN/quorate-front" --check-config --config "$(dirname "$0")/../../deploy/quorate-cluster.conf" || fail "the example"

echo "case: what cannot be run is refused"
for bad in 's/^threshold = .*/threshold = 6/' 's/^threshold = .*//' 's/^ended = .*//' 's/^certify = .*//' \
    's/^status = .*/core_listen = unix:x/' 's/^clock = .*/clock = nts/'; do
    sed -e "$bad" "$conf" >"$place/bad.conf"
    "$authority" authority run --config "$place/bad.conf" >"$dir/bad" 2>&1
    [ $? -eq 1 ] || fail "$bad: $(cat "$dir/bad")"
done
exit 0
