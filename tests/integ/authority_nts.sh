#!/bin/bash
# Five cores whose clocks are those of four chronyd, of which one lies by 0.7 s: they get ready, tokens say how good the time is,
# a time client that is killed comes back, without servers the bound widens until a policy is refused, and with them it serves
# again.
. "$(dirname "$0")/../lib/cluster.sh"
[ -x "$QUORATE_BIN/quorate-timed" ] || skip "quorate-timed is not built"
need openssl openssl
need setpriv util-linux
need cc gcc
cc -D_GNU_SOURCE -shared -fPIC -o "$T/lying_clock.so" "$(dirname "$0")/../lib/lying_clock.c" || fail "lying_clock.c"
cluster_play authority_nts.py
