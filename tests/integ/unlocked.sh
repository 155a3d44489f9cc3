#!/bin/bash
# Where memory may not be locked: quorate dev up serves, warns, and readiness says so; quorate authority run does not.
set -u
. "$(dirname "$0")/supervised.bash"
need quorate-authority quorate-core quorate-front
if grep -q __asan_init "$QUORATE_BIN/quorate-core"; then
    echo "SKIP AddressSanitizer locks nothing and says that it did"
    exit 77
fi
as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if [ "$(id -u)" != 0 ] || ! "${as_nobody[@]}" test -x "$authority" 2>/dev/null; then
    echo "SKIP needs root, to run the programs as a user that may lock nothing"
    exit 77
fi
real=$authority
authority=$dir/authority
cat >"$authority" <<END
#!/bin/sh
exec prlimit --memlock=0:0 ${as_nobody[*]} "$real" "\$@"
END
chmod 755 "$dir" "$authority"
mkdir "$dir/several" "$dir/alone"
chown 65534:65534 "$dir/several" "$dir/alone"

# readiness TEXT: the front's page says so.
readiness() {
    curl -sS --max-time 20 -o "$dir/ready" "$url/readyz" || fail "curl"
    grep -q "$1" "$dir/ready" || fail "no $1 in: $(cat "$dir/ready")"
}

echo "case: five cores for development"
supervise dev up --dir "$dir/several" --listen 127.0.0.1:0 --nodes 5 --threshold 3
await_all "ready http*" "audit *event=unlocked*" # the log of a core is fetched now and then
url=${line#ready }
readiness '"ready":true'
readiness '"memory_locked":false'
[ "$(grep -c 'event=unlocked' "$dir/log")" -ge 1 ] || fail "no warning"
core=$("${as_nobody[@]}" "$real" dev status --dir "$dir/several" | sed -n 's/^core-1 pid \([0-9]*\) .*/\1/p')
grep -q '^VmLck:[[:space:]]*0 kB' "/proc/$core/status" || fail "it is locked after all: $(grep VmLck "/proc/$core/status")"
stop

echo "case: one core for development"
supervise dev up --dir "$dir/alone" --listen 127.0.0.1:0
await_all "ready http*" "audit *event=unlocked*" # the log of a core is fetched now and then
url=${line#ready }
readiness '"memory_locked":false'
stop

echo "case: in earnest it does not start"
sed -i 's/^allow_unlocked = yes/allow_unlocked = no/' "$dir/alone/quorate.conf"
chown 65534:65534 "$dir/alone/quorate.conf"
supervise authority run --config "$dir/alone/quorate.conf"
await_line failed "step=memory err=nospace"
await core_ended
kill -TERM "$pid"
wait "$pid"
pid=

echo "case: where it may be locked, readiness says so"
authority=$real
supervise dev up --dir "$dir/locked" --listen 127.0.0.1:0
await_line "ready http"
url=${line#ready }
readiness '"memory_locked":true'
stop
exit 0
