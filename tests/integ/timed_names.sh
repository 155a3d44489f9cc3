#!/bin/bash
# Servers by name: quorate-timed looks names up for each key establishment, in a process of its own that ends with it; a name
# that nobody knows is no obstacle to the others.
. "$(dirname "$0")/../lib/script.sh"
. "$(dirname "$0")/../lib/time_servers.sh"
time_ca
time_certificate "$T/good" '*.x.test'
# s4 loses its keys: it is looked up for the second time.
fake_time "$T/good" s1.x.test,127.0.0.1,honest s2.x.test,127.0.0.1,honest s3.x.test,127.0.0.1,honest s4.x.test,127.0.0.1,nak-old
sources=()
for i in 1 2; do
    sources+=(--source "s$i.x.test,${FAKE[s$i.x.test]},operator$i,land$i")
done
for i in 3 4; do
    sources+=(--source "s$i.x.test,localhost:${FAKE[s$i.x.test]#*:},operator$i,land$i")
done
run_timed 30 agreeing=4 width_us=5000 s3.x.test=agrees s4.x.test=agrees -- --allow-few "${sources[@]}" \
    --source "nowhere.x.test,nowhere.invalid:4460,operator5,land5"
fake_time_stop 1
