#!/bin/bash
# The supervisor with the real core and a front that only waits: certification, restarts, the end of both, no orphans.
# No waiting by time: every step waits for a line of the supervisor's log, at most so many seconds.
set -u
. "$(dirname "$0")/supervised.bash"
need quorate-authority quorate-core

mkdir "$dir/ca"
cat >"$dir/front" <<'F'
#!/bin/sh
exec sleep 600
F
chmod +x "$dir/front"

# conf CERTIFY: a configuration with this certify command.
conf() {
    cat >"$dir/quorate.conf" <<C
[front]
listen = 127.0.0.1:0
core = unix:core.sock
chain = chain.pem
drain_timeout_s = 1
[journal]
dir = journal
[policy default]
oid = 1.3.6.1.4.1.32473.3161.1.91
number = 1
[authority]
front_program = front
clock = trust-system
allow_unlocked = yes
certify = $1
certify_timeout_s = 1
restart_backoff_ms = 10
C
}

start() {
    supervise authority run --config "$dir/quorate.conf"
}

good="'$authority' dev certify --dir '$dir/ca'"

# The test CA comes with the first dev up of a folder.
supervise dev up --dir "$dir/ca" --listen 127.0.0.1:0
while read -r -t $limit line <&3; do
    [[ $line == "ready http"* ]] && kill -TERM "$pid"
done
wait "$pid"
pid=
[ -s "$dir/ca/ca.pem" ] || fail "dev up made no test CA"
[ "$(stat -c %a "$dir/ca/ca.key")" = 600 ] || fail "ca.key is open to others"

echo "case: start, certify, activate, ready"
conf "$good"
start
await core_started; core_pid=$(field pid)
await front_started; front_pid=$(field pid)
await core_certified
await ready
openssl verify -purpose timestampsign -CAfile "$dir/ca/ca.pem" "$dir/chain.pem" >/dev/null || fail "chain.pem"
before=$(openssl x509 -in "$dir/chain.pem" -noout -pubkey)

echo "case: a killed core comes back with a new key, the front stays"
kill -9 "$core_pid"
await core_ended 'how="signal 9"'
await core_started; core_pid=$(field pid)
await core_certified
[ "$before" != "$(openssl x509 -in "$dir/chain.pem" -noout -pubkey)" ] || fail "the key is the old one"
kill -0 "$front_pid" || fail "the front was touched"

echo "case: a killed front comes back, the core stays"
kill -9 "$front_pid"
await front_started; front_pid=$(field pid)
kill -0 "$core_pid" || fail "the core was touched"

echo "case: SIGTERM ends both"
stop "$core_pid" "$front_pid"

echo "case: a supervisor that is killed leaves nobody behind"
start
await core_started; core_pid=$(field pid)
await ready
kill -9 "$pid"
wait "$pid" 2>/dev/null
all_gone "$core_pid"
pid=

echo "case: a certify command that fails is tried again, and the front runs meanwhile"
conf "test -e '$dir/now' && $good"
start
await certify_failed 'exit 1'
await front_started
touch "$dir/now"
await core_certified
await ready
[ "$(grep -c 'event=csr_signed' "$dir/log")" = 1 ] || fail "a command that is tried again gets the same request"
stop

echo "case: a CA of OpenSSL's tools"
certify=$(dirname "$0")/../../deploy/certify-openssl
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -days 30 -subj /CN=root -keyout "$dir/root.key" \
    -out "$dir/root.pem" 2>/dev/null
conf "'$(realpath "$certify")' '$dir/root.pem' '$dir/root.key'"
start
await ready
openssl verify -purpose timestampsign -CAfile "$dir/root.pem" "$dir/chain.pem" >/dev/null || fail "chain.pem"
stop

echo "case: a CA outside gets the request, and its answer is laid down"
conf "cat '$dir/outside.pem'"
echo "requests = requests.pem" >>"$dir/quorate.conf"
csr() { # CODE [OPTION...]: quorate csr
    local code=$1 got
    shift
    "$authority" csr --config "$dir/quorate.conf" "$@" >"$dir/said" 2>&1 </dev/null
    got=$?
    [ $got -eq "$code" ] || fail "csr $*: exit code $got, not $code: $(cat "$dir/said")"
}
csr 2
grep -q 'no key waits for its certificate$' "$dir/said" || fail "$(cat "$dir/said")"
start
await certify_failed 'exit 1'
csr 0 --out "$dir/request.pem"
csr 0
cmp "$dir/said" "$dir/request.pem" || fail "to standard output"
grep -q '^QUORATE_EPOCH_ID=[0-9a-f]\{96\}$' "$dir/request.pem" || fail "of which epoch"
openssl req -in "$dir/request.pem" -verify -noout 2>/dev/null || fail "no proof of possession"
cp "$dir/requests.pem" "$dir/kept"
awk '/^-----BEGIN/ { at = NR } NR == at + 1 && at { sub(/^M/, "N") } { print }' "$dir/kept" >"$dir/requests.pem"
csr 2
# The same request, its last bytes of another signature.
openssl req -in "$dir/kept" -outform DER -out "$dir/der" && printf '\x5a' | dd of="$dir/der" bs=1 conv=notrunc status=none \
    seek=$(($(wc -c <"$dir/der") - 3)) && openssl req -inform DER -in "$dir/der" -out "$dir/requests.pem"
csr 1
: >"$dir/requests.pem"
csr 2
mv "$dir/kept" "$dir/requests.pem"
"$certify" "$dir/root.pem" "$dir/root.key" <"$dir/request.pem" >"$dir/answer.pem" 2>/dev/null || fail "certify-openssl"
mv "$dir/answer.pem" "$dir/outside.pem"
await core_certified
await ready
[ ! -e "$dir/requests.pem" ] || fail "requests that are certified are kept"
stop

echo "case: requests of keys that are gone go with them, and where new ones cannot be kept the command has them all the same"
name=$(printf 'r%.0s' {1..250}) # with what is beside it while it is written a name is too long
conf "test ! -e '$dir/$name' && $good"
echo "requests = $name" >>"$dir/quorate.conf"
echo "of keys before" >"$dir/$name"
start
await certify_failed "the file of requests cannot be written"
await core_certified
await ready
stop
conf "true"
csr 2
grep -q 'requests names no file$' "$dir/said" || fail "$(cat "$dir/said")"
for bad in "" "--config" "--config $dir/none" "--config $dir/quorate.conf more" "--nothing"; do
    # shellcheck disable=SC2086 # words
    "$authority" csr $bad >"$dir/said" 2>&1
    [ $? -eq 2 ] || fail "csr $bad: $(cat "$dir/said")"
done

echo "case: what a certify command may not do"
# command, what the log says
while IFS='|' read -r command why; do
    conf "$command"
    start
    await certify_failed "$why"
    stop
done <<C
sleep 60|took too long
cat /dev/zero|wrote too much
cat|not a certificate
true|none is there
exit 3|exit 3
kill -9 \$\$|signal 9
cat '$dir/chain.pem'|not for the core
/nonexistent/program|exit 127
C

echo "case: without a policy or a certify command it does not start"
conf "$good"
sed -i '/^\[policy/,/^number/d' "$dir/quorate.conf"
"$authority" authority run --config "$dir/quorate.conf" 2>/dev/null && fail "started without a policy"
conf ""
"$authority" authority run --config "$dir/quorate.conf" 2>/dev/null && fail "started without a certify command"
"$authority" authority run --config "$dir/none" 2>/dev/null && fail "started without a file"
"$authority" authority run 2>/dev/null
[ $? -eq 2 ] || fail "usage is not exit 2"
for name in dev authority; do
    "$authority" $name --help >"$dir/help" 2>/dev/null || fail "$name --help is not exit 0"
    grep -q '^Usage: quorate dev up' "$dir/help" || fail "$name --help: $(cat "$dir/help")"
done
exit 0
