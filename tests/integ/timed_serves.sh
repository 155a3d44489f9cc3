#!/bin/bash
# A core whose clock is its time client's: four chronyd of Debian, quorate-timed, quorate-core. Its time is valid within 10 s and
# its span holds the time of this machine; while one server of four is gone it stays so.
. "$(dirname "$0")/../lib/script.sh"
. "$(dirname "$0")/../lib/time_servers.sh"
chronyd=$(time_server chrony chronyd) || skip "chrony cannot be fetched from Debian"
time_ca
sources=()
for i in 1 2 3 4; do
    time_certificate "$T/s$i" "s$i.test"
    start_chrony "$chronyd" "$T/s$i" "$TIME_NET.$i" "$NTP_PORT" "$KE_PORT"
    sources+=(--source "s$i.test,$TIME_NET.$i:$KE_PORT,operator$i,land$((i % 2))")
done
for i in 1 2 3 4; do
    await_port "$TIME_NET.$i" "$KE_PORT" || { cat "$T/s$i/log" >&2; fail "chronyd $i does not listen"; }
done
start_time_core
"$timed" --core "unix:$T/time.sock" --ca "$T/ca.pem" --leap-table "$TIME_LEAPS" --poll 0 "${sources[@]}" 2>"$T/timed.log" &
TIME_PIDS+=($!)
time_state 10 valid 50
kill -TERM "${TIME_PIDS[3]}" # the fourth server
wait "${TIME_PIDS[3]}" 2>/dev/null
time_state 10 valid 5
grep -q '^sample_taken' "$T/timed.log" || { cat "$T/timed.log" >&2; fail "the core took no sample"; }
