#!/bin/bash
# A core whose clock is its time client's: four chronyd of Debian, quorate-timed, quorate-core. Its time is valid within 10 s and
# its span holds the time of this machine; while one server of four is gone it stays so.
. "$(dirname "$0")/../lib/script.sh"
. "$(dirname "$0")/../lib/time_servers.sh"
core=$QUORATE_BIN/quorate-core
[ -x "$core" ] || skip "quorate-core is not built"
chronyd=$(time_server chrony chronyd) || skip "chrony cannot be fetched from Debian"
leap=1483228800:37@4102444800
read -r ntp ke < <(free_ports 2)
time_ca
sources=()
for i in 1 2 3 4; do
    time_certificate "$T/s$i" "s$i.test"
    start_chrony "$chronyd" "$T/s$i" "127.0.0.$i" "$ntp" "$ke"
    sources+=(--source "s$i.test,127.0.0.$i:$ke,operator$i,land$((i % 2))")
done
for i in 1 2 3 4; do
    await_port "127.0.0.$i" "$ke" || { cat "$T/s$i/log" >&2; fail "chronyd $i does not listen"; }
done
state() {
    python3 "$(dirname "$0")/timed_state.py" "$T/core.sock" "$@" || { cat "$T/core.log" "$T/timed.log" >&2; fail "state $*"; }
}
mkfifo "$T/events"
"$core" --listen "unix:$T/core.sock" --time-listen "unix:$T/time.sock" --clock nts --leap-table "$leap" \
    --policy 1,classic,1.2.3,3,100,1000 --allow-unlocked 2>"$T/events" &
TIME_PIDS+=($!)
exec 3<"$T/events"
while read -r -t 60 line <&3; do
    echo "$line" >>"$T/core.log"
    [[ $line == "ready "* ]] && break
done
[[ ${line:-} == "ready "* ]] || { cat "$T/core.log" >&2; fail "the core does not start"; }
cat <&3 >>"$T/core.log" &
"$timed" --core "unix:$T/time.sock" --ca "$T/ca.pem" --leap-table "$leap" --poll 0 "${sources[@]}" 2>"$T/timed.log" &
TIME_PIDS+=($!)
state 10 valid 50
kill -TERM "${TIME_PIDS[3]}" # the fourth server
wait "${TIME_PIDS[3]}" 2>/dev/null
state 10 valid 5
grep -q '^sample_taken' "$T/timed.log" || { cat "$T/timed.log" >&2; fail "the core took no sample"; }
