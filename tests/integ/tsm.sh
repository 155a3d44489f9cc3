#!/bin/bash
# quorate-tsm with simulated silicon: its evidence passes quorate attest verify as simulated and with the measurement that quorate
# measure computes, a killed one is started again, and odd cores do it no harm; python plays the core.
. "$(dirname "$0")/../lib/script.sh"
need python3 python3
quorate=${QUORATE_BIN:?}/quorate
tsm=$QUORATE_BIN/quorate-tsm
talk="$(dirname "$0")/tsm.py"
[ -x "$tsm" ] || skip "no quorate-tsm"
"$tsm" --core unix:/nonexistent/x --provider sim --programs / --chip 0 2>&1 | grep -q err=policy && skip "built without simulated parts"
pid=
# shellcheck disable=SC2064
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$T"' EXIT

mkdir "$T/programs"
for program in quorate-core quorate-timed quorate-tsm; do
    head -c 9000 "$QUORATE_BIN/$program" >"$T/programs/$program" || fail "no $program"
done

start() { # CHIP: until it says that it is ready
    mkfifo "$T/log.fifo"
    "$tsm" --core "unix:$T/tsm.sock" --provider sim --programs "$T/programs" --chip "$1" 2>"$T/log.fifo" &
    pid=$!
    exec 3<"$T/log.fifo"
    rm "$T/log.fifo"
    read -r -t 30 ready <&3 || fail "not ready"
    case $ready in
    "ready provider=sim assurance=simulated"*) ;;
    *) fail "it says: $ready" ;;
    esac
}
end() { # SIGNAL
    kill "-$1" "$pid"
    wait "$pid"
    pid=
    exec 3<&-
}

measurement=$("$quorate" measure --simulated "$T/programs") || fail "no measurement"
write_policy() { # LINE TCB
    python3 "$(dirname "$0")/../lib/snp_policy.py" "$measurement" "$1" "$2" >"$T/policy" || fail "no policy"
}
data=$(printf '%02x' {0..63})
verify() {
    "$quorate" attest verify --policy "$T/policy" --report-data "$data" --vek "$T/vek" --chain "$T/chain.pem" "$T/report" >"$T/out" 2>"$T/err"
}

start 3
id=$(python3 "$talk" fetch "$T/tsm.sock" "$T") || fail "no evidence"
write_policy SIM-Milan 0.4.1.27.222
verify || fail "refused: $(cat "$T/err" "$T/out")"
grep -qi simulated "$T/out" || fail "the verdict does not say simulated: $(cat "$T/out")"
write_policy Milan 0.4.1.27.222 # a policy for real processors
verify && fail "a policy for Milan took SIM-Milan"
python3 "$talk" abuse "$T/tsm.sock" || fail "abuse"
end KILL

# The next has another REPORT_ID, and measures what is there now.
printf x | dd of="$T/programs/quorate-timed" bs=1 seek=5000 conv=notrunc 2>/dev/null
start 5
other=$(python3 "$talk" fetch "$T/tsm.sock" "$T") || fail "no evidence after a kill"
[ "$id" != "$other" ] || fail "the same REPORT_ID twice"
write_policy SIM-Turin 1.4.1.27.222
verify && fail "a changed program has the old measurement"
measurement=$("$quorate" measure --simulated "$T/programs")
write_policy SIM-Turin 1.4.1.27.222
verify || fail "refused: $(cat "$T/err" "$T/out")"
end TERM
"$tsm" --core "unix:$T/b.sock" --provider sim --programs "$T" --chip 0 2>"$T/err" && fail "it started without programs"
grep -q 'failed err=io' "$T/err" || fail "$(cat "$T/err")"

# What a machine without the device says.
refuses() { # FAULT ARGS...
    local fault=$1
    shift
    "$tsm" --core "unix:$T/c.sock" --provider "$@" 2>"$T/err" && fail "$* started"
    grep -q "failed err=[a-z]* fault=$fault" "$T/err" || fail "$*: $(cat "$T/err")"
}
refuses tsm-absent configfs --root "$T/none"
refuses tsm-absent sev-guest --device "$T/none"
refuses tsm-absent azure --device "$T/none"
refuses tsm-absent tdx-guest --device "$T/none" --root "$T"
mkdir "$T/folder"
refuses tsm-absent configfs --root "$T/folder"
[ -z "$(ls "$T/folder")" ] || fail "it left a folder"
exit 0
