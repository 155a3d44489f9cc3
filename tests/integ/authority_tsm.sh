#!/bin/bash
# quorate authority run with evidence = sim: a quorate-tsm beside the core, which shows evidence to whoever asks; one that is killed
# comes back, and all end together. There is nobody to certify the key: the core waits all the while.
set -u
. "$(dirname "$0")/supervised.bash"
"$QUORATE_BIN/quorate-tsm" --core unix:/nonexistent/x --provider sim 2>&1 | grep -q err=policy && { echo "SKIP built without simulated parts"; exit 77; }

conf() { # EVIDENCE
    cat >"$dir/quorate.conf" <<C
[front]
listen = 127.0.0.1:0
core = unix:core.sock
chain = chain.pem
[journal]
dir = journal
[policy default]
oid = 1.3.6.1.4.1.32473.3161.1.91
number = 1
[authority]
clock = trust-system
allow_unlocked = yes
certify = false
restart_backoff_ms = 10
audit_dir = audit
evidence = $1
C
}
conf sim
supervise authority run --config "$dir/quorate.conf"
await core_started
tsm_comes() {
    await_all "evidence_started *program=quorate-authority*" "ready provider=sim assurance=simulated*"
}
tsm_comes
tsm_pid=$(field pid)
# evidence FILE: what the core shows to a nonce, as a front gives it (docs/wire.md 17.1).
evidence() {
    python3 - "$dir/core.sock" "$(dirname "$0")" "$1" <<'P' || fail "no evidence"
import socket, struct, sys, time
sys.path.insert(0, sys.argv[2])
import tsm
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
core = tsm.Tsm(sock)
core.send(1, b"", 0x01)
kind, _, hello = core.read()
assert kind == 0x81, kind
end = time.monotonic() + 30
while True: # 0: it is being made, ask again
    core.send(1, b"\x02" + b"n" * 32, 0x60)
    kind, _, body = core.read()
    assert kind == 0xe0, (kind, body)
    if body[0] == 1:
        break
    assert time.monotonic() < end
block = body[5:] # behind it: here, incarnation
shown = tsm.parts(block)
assert len(shown["report"]) == 1184 and shown["report"][0x10:0x1d] == b"SIMULATED-TEE"
with open(sys.argv[3], "wb") as f:
    f.write(b"QUORATE-EVIDENCE-1\n" + b"n" * 32 + b"\x01" + body[1:5] + struct.pack("<H", len(hello)) + hello)
    f.write(struct.pack("<I", len(block)) + block)
P
}
evidence "$dir/evidence"
kill -9 "$tsm_pid"
await evidence_ended
tsm_comes
[ "$(field pid)" != "$tsm_pid" ] || fail "the same process"

# What a core logs last is pulled before it is told to end: here, that somebody sent no frame.
python3 - "$dir/core.sock" <<'P' || fail "the core did not hang up"
import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.settimeout(30)
sock.connect(sys.argv[1])
sock.sendall(b"x" * 64)
while sock.recv(4096):
    pass
P
kill -TERM "$pid"
await stopped
logs=("$dir"/audit/core-1-*.log)
[ ${#logs[@]} -eq 1 ] || fail "not one log: ${logs[*]}"
python3 - "${logs[0]}" <<'P' || fail "its last entries are not there"
import struct, sys
data = open(sys.argv[1], "rb").read()
at, seen = len("QUORATE-AUDIT-1\n"), []
while at < len(data):
    end = at + 4 + struct.unpack_from("<I", data, at)[0]
    at += 4 + 32 + 97 + 8 + 8 + 48 + 96 + 2
    while at < end:
        seen.append(struct.unpack_from("<H", data, at + 16)[0])
        at += 36 + struct.unpack_from("<H", data, at + 34)[0]
assert seen[0] == 1 and 7 in seen, seen # boot, a bad frame
P

# Whose key signed it: evidence of that core says so, and no other.
judged() { # CODE TEXT ARG...
    local code=$1 text=$2 got
    shift 2
    "$QUORATE_BIN/quorate" audit verify-core "$@" "${logs[0]}" >"$dir/verdict" 2>&1
    got=$?
    [ $got -eq "$code" ] || fail "verify-core $*: exit code $got, not $code: $(cat "$dir/verdict")"
    grep -q -- "$text" "$dir/verdict" || fail "verify-core $*: does not say \"$text\": $(cat "$dir/verdict")"
}
python3 "$(dirname "$0")/../lib/snp_policy.py" "$QUORATE_BIN" >"$dir/policy" || fail "no policy"
nonce=$(printf '6e%.0s' {1..32})
judged 0 'ACCEPTED: it vouches' --evidence "$dir/evidence" --policy "$dir/policy" --nonce "$nonce"
judged 0 '^assurance    simulated: software' --evidence "$dir/evidence" --policy "$dir/policy"
judged 0 '"accepted": true' --evidence "$dir/evidence" --policy "$dir/policy" --json
judged 1 'another nonce' --evidence "$dir/evidence" --policy "$dir/policy" --nonce "00${nonce:2}"
judged 1 'policy refuses .*judge-measurement' --evidence "$dir/evidence" --policy <(sed 's/^measurement = ../measurement = 5a/' "$dir/policy")
judged 1 'policy refuses' --evidence "$dir/evidence" --policy "$dir/policy" --at 2001-01-01
judged 2 'go together' --evidence "$dir/evidence"
judged 2 'go together' --nonce "$nonce"
judged 2 'no file of evidence' --evidence "$dir/policy" --policy "$dir/policy"
supervise authority run --config "$dir/quorate.conf"
await core_started
tsm_comes
evidence "$dir/evidence"
kill -TERM "$pid"
await stopped
judged 1 'evidence of no core with this audit key' --evidence "$dir/evidence" --policy "$dir/policy"

conf nothing
"$authority" authority run --config "$dir/quorate.conf" >"$dir/out" 2>&1 && fail "evidence = nothing was taken"
grep -q 'evidence: not one of none|configfs|sev-guest|tdx-guest|azure|sim' "$dir/out" || fail "it says: $(cat "$dir/out")"
exit 0
