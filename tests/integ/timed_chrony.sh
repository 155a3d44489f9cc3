#!/bin/bash
# quorate-timed against chrony 4.3 of Debian: seven servers on seven addresses, of which one has a certificate that has run
# out and one that nobody vouches for. Five are the quota of seven: they make a span that true time is in. Then four, one of
# them under a name that its certificate is not for.
. "$(dirname "$0")/../lib/script.sh"
. "$(dirname "$0")/../lib/time_servers.sh"
chronyd=$(time_server chrony chronyd) || skip "chrony cannot be fetched from Debian"
time_ca
for i in 1 2 3 4 5; do
    time_certificate "$T/s$i" "s$i.test"
done
time_certificate "$T/s6" s6.test 20200101000000Z 20210101000000Z
time_certificate "$T/s7" s7.test
openssl req -x509 -key "$T/s7/key.pem" -out "$T/s7/cert.pem" -days 2 -subj /CN=s7.test -addext subjectAltName=DNS:s7.test
for i in 1 2 3 4 5 6 7; do
    start_chrony "$chronyd" "$T/s$i" "$TIME_NET.$i" "$NTP_PORT" "$KE_PORT"
done
for i in 1 2 3 4 5 6 7; do
    await_port "$TIME_NET.$i" "$KE_PORT" || { cat "$T/s$i/log" >&2; fail "chronyd $i does not listen"; }
done

source_of() { # NUMBER [NAME]
    printf '%s' "${2:-s$1.test},$TIME_NET.$1:$KE_PORT,operator$1,land$(($1 % 3))"
}
sources=()
for i in 1 2 3 4 5 6 7; do
    sources+=(--source "$(source_of $i)")
done
# 10 s: what a core may take until it serves.
run_timed 10 agreeing=5 width_us=5000 s1.test=agrees s5.test=agrees s6.test=unreachable s7.test=unreachable -- "${sources[@]}"
grep -q '^ke_failed source=s6.test err=evidence' "$T/log" || fail "a certificate that has run out: $(cat "$T/log")"
grep -q '^ke_failed source=s7.test err=evidence' "$T/log" || fail "a certificate of nobody: $(cat "$T/log")"

run_timed 10 agreeing=3 width_us=5000 other.test=unreachable -- --source "$(source_of 1)" --source "$(source_of 2)" \
    --source "$(source_of 3)" --source "$(source_of 4 other.test)"
grep -q '^ke_failed source=other.test err=evidence' "$T/log" || fail "another name: $(cat "$T/log")"

# What the command line refuses, with the exit code of a usage error.
"$timed" --core "unix:$T/core.sock" --ca "$T/ca.pem" --leap-table 1483228800:37@4102444800 --source "$(source_of 1),smeared" \
    2>"$T/log" && fail "a smeared source was taken"
grep -q '^arguments_refused err=time' "$T/log" || fail "a smeared source: $(cat "$T/log")"
