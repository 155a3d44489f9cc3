#!/bin/bash
# The Roughtime fence of quorate-timed: when it agrees, nothing happens; when more than half of its servers say another hour, the
# sample says so, and is as wide and where it was; a server whose signatures do not verify says nothing.
. "$(dirname "$0")/../lib/script.sh"
. "$(dirname "$0")/../lib/time_servers.sh"
time_ca
time_certificate "$T/good" '*.x.test'
fake_time "$T/good" s1.x.test,127.0.0.1,honest s2.x.test,127.0.0.1,honest s3.x.test,127.0.0.1,honest s4.x.test,127.0.0.1,honest \
    true,127.0.0.1,roughtime true2,127.0.0.1,roughtime false,127.0.0.1,roughtime,3600 past,127.0.0.1,roughtime,-3600 \
    bad,127.0.0.1,roughtime-bad
sources=()
for i in 1 2 3 4; do
    sources+=(--source "s$i.x.test,${FAKE[s$i.x.test]},operator$i,land$((i % 2))")
done
said() { # COUNT PATTERN
    [ "$(grep -c "$2" "$T/log")" = "$1" ] || { cat "$T/log" >&2; fail "not $1 times: $2"; }
}
# A question that is lost on a busy machine is asked again after 16 s.
run_timed 90 agreeing=4 width_us=5000 flags=0 "said=roughtime server=${FAKE[true]%,*}" "said=roughtime server=${FAKE[true2]%,*}" \
    "said=roughtime server=${FAKE[false]%,*}" -- "${sources[@]}" --roughtime "${FAKE[true]}" --roughtime "${FAKE[true2]}" \
    --roughtime "${FAKE[false]}"
said 3 '^roughtime server=127.0.0.1:[0-9]* midpoint=[0-9]* radius=3 version=1 spelling=RoughTime$'
said 0 '^fence_disagrees'
run_timed 90 agreeing=4 width_us=5000 flags=1 -- "${sources[@]}" --roughtime "${FAKE[false]}"
said 1 '^fence_disagrees$'
run_timed 90 agreeing=4 width_us=5000 flags=1 said=roughtime_contradiction -- "${sources[@]}" --roughtime "${FAKE[true]}" --roughtime "${FAKE[false]}" \
    --roughtime "${FAKE[past]}"
said 1 '^fence_disagrees$'
said 1 '^roughtime_contradiction$'
run_timed 90 agreeing=4 width_us=5000 flags=0 "said=roughtime_failed server=${FAKE[bad]%,*} err=signature" -- "${sources[@]}" \
    --roughtime "${FAKE[bad]}"
said 1 '^roughtime_failed server=127.0.0.1:[0-9]* err=signature$'
said 0 '^fence_disagrees'

# A core that had the time stops when the fence disagrees, and goes on without it.
start_time_core
client() { # OPTIONS
    "$timed" --core "unix:$T/time.sock" --ca "$T/ca.pem" --leap-table "$TIME_LEAPS" --poll 0 "${sources[@]}" "$@" 2>"$T/timed.log" &
    TIME_PIDS+=($!)
}
client
time_state 10 valid 50
for fence in "${FAKE[false]}" "${FAKE[true]}"; do
    kill -TERM "${TIME_PIDS[-1]}"
    wait "${TIME_PIDS[-1]}"
    client --roughtime "$fence"
    time_state 90 "$([ "$fence" = "${FAKE[true]}" ] && echo valid || echo invalid)" 50
done
until=$((SECONDS + 60)) # whoever carries its words into the file comes some time
until grep -q "event=time reason=fenced" "$T/core.log"; do
    [ $SECONDS -lt $until ] || { cat "$T/core.log" >&2; fail "the core does not say why"; }
    sleep 0.05
done
fake_time_stop 1
