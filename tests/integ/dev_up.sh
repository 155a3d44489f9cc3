#!/bin/bash
# quorate dev up: a token within seconds, the same CA and address over restarts, and a clean end.
set -u
. "$(dirname "$0")/supervised.bash"
need quorate-authority quorate-core quorate-front quorate

place=$dir/dev
echo "what is stamped" >"$dir/file"
openssl ts -query -data "$dir/file" -sha384 -cert -out "$dir/file.tsq" 2>/dev/null

# serves: asks /readyz until it says yes; curl's own pauses are short at first.
serves() {
    curl -sf -o "$dir/ready" --retry 20 --retry-all-errors --retry-max-time $limit --max-time 10 "$url/readyz" ||
        fail "$url does not get ready"
}

# stamp NAME: one token with stock tools, which is a hybrid one: quorate verifies both legs and the binding of the keys.
stamp() {
    curl -sSf -H 'Content-Type: application/timestamp-query' --data-binary "@$dir/file.tsq" -o "$dir/$1" "$url/tsr" ||
        fail "curl"
    openssl ts -verify -in "$dir/$1" -queryfile "$dir/file.tsq" -CAfile "$place/ca.pem" >>"$dir/log" 2>&1 ||
        fail "openssl ts -verify $1"
    "$QUORATE_BIN/quorate" verify --require classic,pq --query "$dir/file.tsq" --ca "$place/ca.pem" --allow-simulated \
        "$dir/$1" >"$dir/verdict" 2>&1 || fail "quorate verify $1: $(cat "$dir/verdict")"
    grep -q '^GENUINE quantum-safe (simulated' "$dir/verdict" || fail "$1 is not quantum-safe: $(cat "$dir/verdict")"
}

# kept N: the signed logs of N starts of the core are files. The supervisor asks for them now and then; what a core did
# not hand over before it was killed is nowhere.
kept() {
    local until=$((SECONDS + limit)) n=0
    until [ $n -eq "$1" ]; do
        [ $SECONDS -lt $until ] || fail "logs with entries: $n, not $1: $(ls "$place/audit") $(cat "$dir/verdict")"
        sleep 0.05
        n=0
        for log in "$place"/audit/core-1-*.log; do
            "$QUORATE_BIN/quorate" audit verify-core "$log" >"$dir/verdict" 2>&1 &&
                grep -q '^genuine: entries 1 to [1-9]' "$dir/verdict" && n=$((n + 1))
        done
    done
}

echo "case: a folder that others can write in, and a lock that names another file"
mkdir -m 0757 "$dir/open"
"$QUORATE_BIN/quorate" dev up --dir "$dir/open" --listen 127.0.0.1:0 >"$dir/refused" 2>&1
[ $? -eq 1 ] || fail "a folder that others can write in is taken"
grep -q 'another user owns it, or can write in it' "$dir/refused" || fail "$(cat "$dir/refused")"
[ -z "$(ls -A "$dir/open")" ] || fail "something was written there"
chmod 755 "$dir/open"
echo mine >"$dir/precious"
ln -s ../precious "$dir/open/lock"
"$QUORATE_BIN/quorate" dev up --dir "$dir/open" --listen 127.0.0.1:0 >"$dir/refused" 2>&1
[ $? -eq 1 ] || fail "a lock that is a link is taken"
[ "$(cat "$dir/precious")" = mine ] || fail "the file that it names was written"

echo "case: a token"
supervise dev up --dir "$place" --listen 127.0.0.1:0
await core_started; core_pid=$(field pid)
await front_started; front_pid=$(field pid)
await_line "ready http"
url=${line#ready }
[[ $url =~ ^http://127\.0\.0\.1:[1-9][0-9]*$ ]] || fail "no URL: $url"
stamp first.tsr
curl -sSf "$url/status" -o "$dir/status" || fail "/status is not on the main port"
curl -sSf --data-binary "@$dir/file" -H 'Content-Type: text/plain' "$url/tsa" -o "$dir/data.tsr" || fail "data stamping"
openssl ts -verify -in "$dir/data.tsr" -data "$dir/file" -CAfile "$place/ca.pem" >/dev/null 2>&1 || fail "data.tsr"

echo "case: ca.pem has both roots, the classic one first"
[ "$(grep -c BEGIN "$place/ca.pem")" -eq 2 ] || fail "ca.pem has not two certificates"
openssl x509 -in "$place/ca.pem" -noout -subject | grep -q 'CN = Quorate TEST CA - simulated' || fail "the first root"
for key in ca.key ca-pq.key; do
    [ "$(stat -c %a "$place/$key")" = 600 ] || fail "$key is open to others"
done

echo "case: the front serves both chains, the classic one first"
curl -sSf "$url/ca.pem" | cmp - "$place/ca.pem" || fail "/ca.pem"
curl -sSf "$url/api/v1/timestamp/certchain" | cmp - <(cat "$place/chain.pem" "$place/chain-pq.pem") || fail certchain
curl -sSf "$url/tsa_cert.pem" -o "$dir/leaves"
[ "$(grep -c BEGIN "$dir/leaves")" -eq 2 ] || fail "/tsa_cert.pem has not both certificates"
cmp <(openssl x509 -in "$dir/leaves") <(openssl x509 -in "$place/chain.pem") || fail "/tsa_cert.pem begins with another"

echo "case: what quorate verify says of it"
"$QUORATE_BIN/quorate" verify --quiet --data "$dir/file" --ca "$place/ca.pem" --allow-simulated "$dir/first.tsr" ||
    fail "quorate verify"
"$QUORATE_BIN/quorate" verify --quiet --data "$dir/file" --ca "$place/ca.pem" "$dir/first.tsr"
[ $? -eq 1 ] || fail "a simulated token was taken"

echo "case: the same folder or address twice"
"$authority" dev up --dir "$place" --listen 127.0.0.1:0 >"$dir/second" 2>&1 && fail "two in one folder"
grep -q 'another quorate dev up' "$dir/second" || fail "no reason: $(cat "$dir/second")"
"$authority" dev up --dir "$dir/other" --listen "${url#http://}" >"$dir/second" 2>&1 && fail "two at one address"
grep -q 'takes a port that is free' "$dir/second" || fail "no reason: $(cat "$dir/second")"

echo "case: SIGHUP reaches the front"
kill -HUP "$pid"
await_line "config_reloaded "

echo "case: a killed core is replaced, the front goes on"
kept 1
kill -9 "$core_pid"
await core_started; core_pid=$(field pid)
await core_certified
serves
stamp second.tsr
runs "$front_pid" || fail "the front was touched"

echo "case: a killed front comes back at the same address"
kill -9 "$front_pid"
await front_started; front_pid=$(field pid)
serves
stamp third.tsr
serial() {
    openssl ts -reply -in "$dir/$1" -text 2>/dev/null | sed -n 's/^Serial number: //p'
}
[ "$(for t in first second third data; do serial $t.tsr; done | sort -u | wc -l)" -eq 4 ] || fail "a serial number twice"
echo "case: the signed log of each start of the core is kept, and whatever is changed in one is found"
kept 2
"$QUORATE_BIN/quorate" audit verify-core --json "$log" | grep -q '"genuine": true' || fail "no JSON"
cp "$log" "$dir/changed.log"
printf 'x' | dd of="$dir/changed.log" bs=1 seek=330 conv=notrunc status=none
"$QUORATE_BIN/quorate" audit verify-core "$dir/changed.log" >"$dir/verdict"
[ $? -eq 1 ] || fail "a changed entry was not found: $(cat "$dir/verdict")"
"$QUORATE_BIN/quorate" audit verify-core --boot-nonce "$(printf '%064d' 0)" "$log" >"$dir/verdict"
[ $? -eq 1 ] || fail "another start was not found"
grep -q 'another start' "$dir/verdict" || fail "not said why: $(cat "$dir/verdict")"
stop "$core_pid" "$front_pid"

echo "case: the next start has the same CA"
cp "$place/ca.pem" "$dir/old.pem"
supervise dev up --dir "$place" --listen 127.0.0.1:0 --json
await_line '{"event":"ready","url":"http://127.0.0.1:'
url=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' <<<"$line")
cmp -s "$place/ca.pem" "$dir/old.pem" || fail "another CA"
stamp fourth.tsr
openssl ts -verify -in "$dir/first.tsr" -queryfile "$dir/file.tsq" -CAfile "$place/ca.pem" >/dev/null 2>&1 ||
    fail "the first token does not verify any more"
stop

echo "case: a folder from before the ML-DSA-65 CA gets one beside its own"
openssl x509 -in "$dir/old.pem" -out "$place/ca.pem"
rm "$place/ca-pq.key"
supervise dev up --dir "$place" --listen 127.0.0.1:0
await_line "ready http"
url=${line#ready }
[ "$(grep -c BEGIN "$place/ca.pem")" -eq 2 ] || fail "ca.pem has not two certificates"
openssl ts -verify -in "$dir/first.tsr" -queryfile "$dir/file.tsq" -CAfile "$place/ca.pem" >/dev/null 2>&1 ||
    fail "the first token does not verify any more"
stamp fifth.tsr
stop

echo "case: a supervisor that is killed leaves nobody behind"
supervise dev up --dir "$place" --listen 127.0.0.1:0
await core_started; core_pid=$(field pid)
await front_started; front_pid=$(field pid)
await_line "ready http"
kill -9 "$pid"
wait "$pid" 2>/dev/null
all_gone "$core_pid" "$front_pid"
pid=

echo "case: what cannot be used is refused with a reason"
: >"$dir/a_file"
for bad in "$dir/a_file" "/proc/none" "$dir/quo'te"; do
    "$authority" dev up --dir "$bad" --listen 127.0.0.1:0 >"$dir/second" 2>&1 && fail "$bad was taken"
    grep -q '^quorate dev: ' "$dir/second" || fail "$bad: no reason"
done
for key in ca-pq.key ca.key ca.pem; do
    cp "$place/$key" "$dir/good"
    echo damaged >"$place/$key"
    "$authority" dev up --dir "$place" --listen 127.0.0.1:0 >"$dir/second" 2>&1 && fail "a damaged $key was taken"
    grep -q 'test CA' "$dir/second" || fail "no reason for a damaged $key"
    "$authority" dev certify --dir "$place" </dev/null >/dev/null 2>"$dir/second" && fail "a damaged $key certifies"
    cp "$dir/good" "$place/$key"
done
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout "$dir/key" -subj /CN=x -sha384 -out "$dir/request" 2>/dev/null
"$authority" dev certify --dir "$place" <"$dir/request" >/dev/null 2>"$dir/second" && fail "certified without a binding"
grep -q QUORATE_EPOCH_ID "$dir/second" || fail "no reason without an epoch"
export QUORATE_THRESHOLD=1 QUORATE_TOTAL=1
QUORATE_EPOCH_ID=$(printf '%096d' 0)
export QUORATE_EPOCH_ID
"$authority" dev certify --dir "$place" <"$dir/request" >"$dir/certified" || fail "a good request is not certified"
openssl verify -purpose timestampsign -CAfile "$place/ca.pem" "$dir/certified" >/dev/null || fail "its certificate"
# Another key's signature: the request is the first's, its key the second's.
openssl req -new -key "$dir/key" -subj /CN=y -sha384 -outform DER -out "$dir/forged"
printf '\1' | dd of="$dir/forged" bs=1 seek=$(($(wc -c <"$dir/forged") - 1)) conv=notrunc 2>/dev/null
openssl req -inform DER -in "$dir/forged" -out "$dir/forged.pem"
"$authority" dev certify --dir "$place" <"$dir/forged.pem" >/dev/null 2>"$dir/second" && fail "certified a forged request"
grep -q 'proof of possession' "$dir/second" || fail "no reason for a forged request: $(cat "$dir/second")"
unset QUORATE_EPOCH_ID QUORATE_THRESHOLD QUORATE_TOTAL
"$authority" dev down >/dev/null 2>&1
[ $? -eq 2 ] || fail "usage is not exit 2"
exit 0
