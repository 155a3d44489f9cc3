#!/bin/bash
# quorate-timed against ntpsec of Debian, together with three chronyd: two programs of servers agree. ntpsec has fixed ports,
# so all of it runs in a network namespace of its own. Until its clock is set ntpsec answers with a kiss code.
. "$(dirname "$0")/../lib/script.sh"
. "$(dirname "$0")/../lib/time_servers.sh"
need unshare util-linux
need setpriv util-linux
need ip iproute2
chronyd=$(time_server chrony chronyd) || skip "chrony cannot be fetched from Debian"
ntpd=$(time_server ntpsec ntpd) || skip "ntpsec cannot be fetched from Debian"
if [ "${1:-}" != inside ]; then
    unshare --net true 2>/dev/null || skip "no network namespaces here"
    rm -rf "$T"
    exec unshare --net "$0" inside
fi
ip link set lo up || fail "no loopback"
time_ca
for i in 1 2 3 4; do
    time_certificate "$T/s$i" "s$i.test"
done
cat >"$T/ntp.conf" <<EOF
nts enable
nts cert $T/s1/cert.pem
nts key $T/s1/key.pem
nts cookie $T/s1/cookies
disable ntp
tos orphan 3 orphanwait 1
restrict default
EOF
# It is not to touch the clock of this machine.
timeout 300 setpriv --bounding-set -sys_time --inh-caps -sys_time "$ntpd" -n -4 -c "$T/ntp.conf" -l "$T/s1/log" 2>/dev/null &
TIME_PIDS+=($!)
for i in 2 3 4; do
    start_chrony "$chronyd" "$T/s$i" "127.0.0.$i" 11123 14460
done
await_port 127.0.0.1 4460 || { cat "$T/s1/log" >&2; fail "ntpd does not listen"; }
for i in 2 3 4; do
    await_port "127.0.0.$i" 14460 || { cat "$T/s$i/log" >&2; fail "chronyd $i does not listen"; }
done
run_timed 30 agreeing=4 width_us=5000 s1.test=agrees s2.test=agrees -- --source s1.test,127.0.0.1:4460,ntpsec,a \
    --source s2.test,127.0.0.2:14460,chrony2,b --source s3.test,127.0.0.3:14460,chrony3,c --source s4.test,127.0.0.4:14460,chrony4,d
