#!/bin/bash
# quorate-timed against servers that do what real ones do not: each fault has its reaction, in what the core is told and in the
# log, and true time is in the span that the honest ones among them bound.
. "$(dirname "$0")/../lib/script.sh"
. "$(dirname "$0")/../lib/time_servers.sh"
time_ca
time_certificate "$T/good" '*.x.test'
time_certificate "$T/old" '*.x.test' 20200101000000Z 20210101000000Z
time_certificate "$T/nobody" '*.x.test'
openssl req -x509 -key "$T/nobody/key.pem" -out "$T/nobody/cert.pem" -days 2 -subj /CN=nobody -addext 'subjectAltName=DNS:*.x.test'

servers=()
for i in 1 2 3 4 5 6 7 8 9 10 11; do
    servers+=("h$i.x.test,127.0.0.1,honest")
done
fake_time "$T/good" "${servers[@]}"
fake_time "$T/good" lie.x.test,127.0.0.2,lie,3600 past.x.test,127.0.0.2,lie,-3600 nak.x.test,127.0.0.2,nak nakold.x.test,127.0.0.2,nak-old nakfirst.x.test,127.0.0.2,nak-first \
    cookies.x.test,127.0.0.2,cookie-len uniqid.x.test,127.0.0.2,uniq-id origin.x.test,127.0.0.2,origin tag.x.test,127.0.0.2,bad-tag \
    replay.x.test,127.0.0.2,replay back.x.test,127.0.0.2,back leap.x.test,127.0.0.2,leap3 unset.x.test,127.0.0.2,stratum16 \
    rate.x.test,127.0.0.2,rate deny.x.test,127.0.0.2,deny bare.x.test,127.0.0.2,deny-bare late.x.test,127.0.0.2,delay,60 \
    later.x.test,127.0.0.2,delay,150 grows.x.test,127.0.0.2,grows,60 large.x.test,127.0.0.2,ke-large unfinished.x.test,127.0.0.2,ke-unfinished \
    silent.x.test,127.0.0.2,ke-silent critical.x.test,127.0.0.2,ke-critical error.x.test,127.0.0.2,ke-error alpn.x.test,127.0.0.2,ke-alpn \
    tls12.x.test,127.0.0.2,ke-tls12 cut.x.test,127.0.0.2,ke-cut
fake_time "$T/old" old.x.test,127.0.0.3,honest
fake_time "$T/nobody" nobody.x.test,127.0.0.3,honest
FAKE[name.other]=${FAKE[h1.x.test]} # a name that its certificate is not for

pids=()
run() { # LOG SECONDS CONDITION... -- NAME...: eleven honest servers and these
    local log=$1 options=() conditions=() name
    shift
    while [ "$1" != -- ]; do
        conditions+=("$1")
        shift
    done
    shift
    for name in h{1..11}.x.test "$@"; do
        options+=(--source "$name,${FAKE[$name]},operator,land")
    done
    TIME_LOG=$T/$log run_timed "${conditions[@]}" -- --allow-few "${options[@]}" >"$T/$log.sample" &
    pids+=($!)
}
run liars 120 agreeing=11 width_us=5000 lie.x.test=disagrees lie.x.test.off_s=3600 past.x.test=disagrees past.x.test.off_s=-3600 \
    late.x.test=agrees later.x.test=unreachable error.x.test=unreachable \
    'said=reply_refused source=later.x.test err=deadline' \
    'said=ke_failed source=error.x.test err=policy' \
    -- lie.x.test past.x.test late.x.test later.x.test error.x.test
run replies 120 agreeing=11 width_us=5000 uniqid.x.test=unreachable origin.x.test=unreachable tag.x.test=unreachable \
    nak.x.test=unreachable back.x.test=unreachable \
    'said=reply_refused source=nak.x.test err=stale' \
    'said=reply_refused source=uniqid.x.test err=mismatch' \
    'said=reply_refused source=origin.x.test err=mismatch' \
    'said=reply_refused source=tag.x.test err=signature' \
    'said=reply_refused source=back.x.test err=time' \
    -- nak.x.test uniqid.x.test origin.x.test tag.x.test back.x.test
run states 120 agreeing=13 width_us=5000 nakfirst.x.test=agrees cookies.x.test=agrees leap.x.test=unsynchronised unset.x.test=unsynchronised \
    deny.x.test=refused deny.x.test.kiss=DENY \
    'said=reply_refused source=leap.x.test err=state' \
    'said=reply_refused source=unset.x.test err=state' \
    'said=reply_refused source=deny.x.test err=policy' \
    -- nakfirst.x.test cookies.x.test leap.x.test unset.x.test deny.x.test
run kisses 120 agreeing=13 width_us=5000 rate.x.test=agrees rate.x.test.kiss=RATE bare.x.test=agrees bare.x.test.kiss= cut.x.test=unreachable \
    tls12.x.test=unreachable \
    'said=reply_refused source=rate.x.test err=rate' \
    'said=reply_refused source=replay.x.test err=mismatch' \
    'said=reply_refused source=bare.x.test err=signature' \
    'said=ke_failed source=cut.x.test err=io' \
    'said=ke_failed source=tls12.x.test err=signature' \
    -- rate.x.test bare.x.test replay.x.test cut.x.test tls12.x.test
# The server that lost its keys is asked for new ones after three requests, and agrees then.
run records 120 agreeing=13 width_us=5000 grows.x.test=agrees nakold.x.test=agrees large.x.test=unreachable \
    silent.x.test=unreachable critical.x.test=unreachable \
    'said=source_delayed source=grows.x.test' \
    'said=ke_failed source=large.x.test err=range' \
    'said=ke_failed source=silent.x.test err=deadline' \
    'said=ke_failed source=critical.x.test err=extension' \
    -- grows.x.test nakold.x.test large.x.test silent.x.test critical.x.test
run chains 120 agreeing=11 width_us=5000 old.x.test=unreachable nobody.x.test=unreachable name.other=unreachable alpn.x.test=unreachable \
    unfinished.x.test=unreachable \
    'said=ke_failed source=unfinished.x.test err=truncated' \
    'said=ke_failed source=old.x.test err=evidence' \
    'said=ke_failed source=nobody.x.test err=evidence' \
    'said=ke_failed source=name.other err=evidence' \
    'said=ke_failed source=alpn.x.test err=mismatch' \
    -- old.x.test nobody.x.test name.other alpn.x.test unfinished.x.test
for pid in "${pids[@]}"; do
    wait "$pid" || fail "one of them"
done

# All four in the next era: it is 2038, and so says the sample.
era=380000000
fake_time "$T/good" e1.x.test,127.0.0.1,lie,$era e2.x.test,127.0.0.1,lie,$era e3.x.test,127.0.0.1,lie,$era e4.x.test,127.0.0.1,lie,$era
TIME_AHEAD=$((37 + era)) run_timed 10 agreeing=4 width_us=5000 -- --allow-few --source "e1.x.test,${FAKE[e1.x.test]},a,a" \
    --source "e2.x.test,${FAKE[e2.x.test]},a,a" --source "e3.x.test,${FAKE[e3.x.test]},a,a" --source "e4.x.test,${FAKE[e4.x.test]},a,a"
for n in 1 2 3 4 5; do
    fake_time_stop $n
done
