#!/bin/bash
# Fronts with hybrid, pq and classic policies beside a core that holds both keys.
set -u
. "$(dirname "$0")/supervised.bash"
need quorate-authority quorate-core quorate-front

supervise dev up --dir "$dir/ca" --listen 127.0.0.1:0
await_line "ready http"
stop

cat >"$dir/policies" <<'C'
[policy hybrid]
oid = 1.3.6.1.4.1.32473.3161.1.93
number = 1
profile = hybrid
default = yes
[policy evidence]
oid = 1.3.6.1.4.1.32473.3161.1.94
number = 2
profile = pq
evidence = yes
[policy classic]
oid = 1.3.6.1.4.1.32473.3161.1.91
number = 3
[policy pq]
oid = 1.3.6.1.4.1.32473.3161.1.92
number = 4
profile = pq
C
{
    cat <<C
[front]
listen = 127.0.0.1:0
core = unix:core.sock
chain = chain.pem
chain_pq = chain-pq.pem
[journal]
dir = journal
[authority]
clock = trust-system
allow_unlocked = yes
certify = '$authority' dev certify --dir '$dir/ca'
restart_backoff_ms = 10
C
    cat "$dir/policies"
} >"$dir/quorate.conf"
supervise authority run --config "$dir/quorate.conf"
await ready
cat <&3 >>"$dir/log" & # nobody waits for its lines any more
PYTHONPATH=$(dirname "$0")/../lib python3 "$(dirname "$0")/front_hybrid.py" -v "$pid" "$dir" || fail "front_hybrid.py"
kill -TERM "$pid"
wait "$pid" || fail "exit $? after SIGTERM"
pid=
