#!/bin/bash
# A core whose clock is its time client's: four chronyd of Debian, quorate-timed, quorate-core. Its time is valid within 10 s and
# its span holds the time of this machine; while one server of four is gone it stays so.
. "$(dirname "$0")/../lib/script.sh"
. "$(dirname "$0")/../lib/time_servers.sh"
chronyd=$(time_server chrony chronyd) || skip "chrony cannot be fetched from Debian"
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
start_time_core
"$timed" --core "unix:$T/time.sock" --ca "$T/ca.pem" --leap-table "$TIME_LEAPS" --poll 0 "${sources[@]}" 2>"$T/timed.log" &
TIME_PIDS+=($!)
time_state 10 valid 50
kill -TERM "${TIME_PIDS[3]}" # the fourth server
wait "${TIME_PIDS[3]}" 2>/dev/null
time_state 10 valid 5
grep -q '^sample_taken' "$T/timed.log" || { cat "$T/timed.log" >&2; fail "the core took no sample"; }
