#!/bin/bash
# Tokens of a policy with ordering: marked, of which no two have the same genTime, also when many ask at once.
set -u
. "$(dirname "$0")/supervised.bash"
need quorate-authority quorate-core quorate-front quorate

supervise dev up --dir "$dir/ca" --listen 127.0.0.1:0
await_line "ready http"
stop

# conf ORDERING [LINE]: of the policy.
conf() {
    cat >"$dir/quorate.conf" <<C
[front]
listen = 127.0.0.1:0
core = unix:core.sock
chain = chain.pem
${2-}
[journal]
dir = journal
[policy ordered]
oid = 1.3.6.1.4.1.32473.3161.1.91
number = 1
ordering = $1
[authority]
clock = trust-system
allow_unlocked = yes
certify = '$authority' dev certify --dir '$dir/ca'
restart_backoff_ms = 10
C
}

conf yes "ceremony = record"
if "$QUORATE_BIN/quorate-front" --config "$dir/quorate.conf" --check-config >"$dir/said" 2>&1; then
    fail "a classic key of each core orders nothing"
fi
grep -q "ordering needs a key" "$dir/said" || fail "no reason: $(cat "$dir/said")"
if "$QUORATE_BIN/quorate-core" --listen "unix:$dir/core.sock" --clock kernel --allow-unlocked --member \
    --policy 1,pq,1.3.6.1.4.1.32473.3161.1.91,3,100,1000,ordering >"$dir/said" 2>&1; then
    fail "a core of three that sign out of five has started"
fi
grep -q "usage err=quorum" "$dir/said" || fail "no reason: $(cat "$dir/said")"

conf yes
supervise authority run --config "$dir/quorate.conf"
await_line "ready " "listen="
url=http://$(field listen)
cat <&3 >>"$dir/log" & # nobody waits for its lines any more
PYTHONPATH=$(dirname "$0")/../lib python3 - "$url" "$dir" <<'P' || fail "ordering"
import concurrent.futures, hashlib, re, subprocess, sys, urllib.request

url, folder = sys.argv[1:]

def query(i):
    path = f"{folder}/{i}.tsq"
    digest = hashlib.sha256(str(i).encode()).hexdigest()
    subprocess.run(["openssl", "ts", "-query", "-digest", digest, "-sha256", "-out", path], check=True, stderr=subprocess.DEVNULL)
    return open(path, "rb").read()

def stamp(body):
    request = urllib.request.Request(url, body, {"Content-Type": "application/timestamp-query"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()

def gen_time(reply, at):
    path = f"{folder}/{at}.tsr"
    open(path, "wb").write(reply)
    text = subprocess.run(["openssl", "ts", "-reply", "-in", path, "-text"], check=True, capture_output=True, text=True).stdout
    assert "Status: Granted." in text and "Ordering: yes" in text, text
    time = re.search(rb"\x18[\x0f-\x13](\d{14})(\.\d+)?Z", reply)  # GeneralizedTime of the TSTInfo comes first
    return (time[1] + (time[2] or b".")).ljust(18, b"0")

body = query(0)
one_by_one = [gen_time(stamp(body), i) for i in range(5)]
assert one_by_one == sorted(set(one_by_one)), one_by_one
with concurrent.futures.ThreadPoolExecutor(16) as pool:
    together = list(pool.map(stamp, [body] * 64))
times = [gen_time(reply, 5) for reply in together]
assert len(set(times)) == 64 and min(times) > one_by_one[-1], sorted(times)
P
kill -TERM "$pid"
wait "$pid" || fail "exit $? after SIGTERM"
pid=
