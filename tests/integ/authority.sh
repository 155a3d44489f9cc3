#!/bin/bash
# The supervisor with the real core and a front that only waits: certification, restarts, the end of both, no orphans.
# No waiting by time: every step waits for a line of the supervisor's log, at most so many seconds.
set -u
limit=60
authority=$QUORATE_BIN/quorate-authority
core=$QUORATE_BIN/quorate-core
for program in "$authority" "$core"; do
    [ -x "$program" ] || { echo "SKIP ${program##*/} is not built"; exit 77; }
done
"$authority" dev certify --dir / 2>&1 | grep -q "production build" && { echo "SKIP needs the test CA"; exit 77; }

dir=$(mktemp -d) || exit 2
pid=
finish() {
    [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
    rm -rf "$dir"
}
trap finish EXIT
fail() {
    echo "FAILED: $*"
    echo "--- log"
    cat "$dir/log"
    exit 1
}

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

# start: runs the supervisor; its log comes on descriptor 3.
start() {
    [ -z "$pid" ] || exec 3<&-
    : >"$dir/log"
    rm -f "$dir/fifo"
    mkfifo "$dir/fifo"
    "$authority" authority run --config "$dir/quorate.conf" >"$dir/fifo" 2>&1 &
    pid=$!
    exec 3<"$dir/fifo"
}

# await EVENT [TEXT]: the next line of the supervisor with this event and text; it stays in $line.
await() {
    while read -r -t $limit line <&3; do
        echo "$line" >>"$dir/log"
        [[ $line == "$1 "*program=quorate-authority*"${2:-}"* ]] && return
    done
    fail "no line: $1 ${2:-}"
}

field() {
    sed -n "s/.* $1=\([^ ]*\).*/\1/p" <<<"$line"
}

# runs PID: whether it does; one that nobody has waited for yet does not.
runs() {
    [ -e "/proc/$1/status" ] && ! grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status" 2>/dev/null
}

# all_gone PID...: the log ends only when nobody holds it open; a process is gone soon after it let go of it.
all_gone() {
    while read -r -t $limit line <&3; do
        echo "$line" >>"$dir/log"
    done
    [ $? -le 128 ] || fail "somebody still runs"
    for one in "$@"; do
        for ((left = 1000; left > 0; left--)); do
            runs "$one" || continue 2
        done
        fail "process $one still runs"
    done
}

stop() {
    kill -TERM "$pid"
    wait "$pid" || fail "exit $? after SIGTERM"
    all_gone "$pid" "$@"
    pid=
}

good="'$authority' dev certify --dir '$dir/ca'"

# The test CA comes with the first dev up of a folder.
exec 4< <(exec "$authority" dev up --dir "$dir/ca" --listen 127.0.0.1:0 2>&1)
first=$!
while read -r -t $limit line <&4; do
    [[ $line == "ready http"* ]] && kill -TERM $first
done
wait $first
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
cat|no certificates
exit 3|exit 3
kill -9 \$\$|signal 9
cat '$dir/chain.pem'|not for the core's key
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
exit 0
