#!/bin/bash
# OpenSSL's own client script, which sends chunked with Expect: 100-continue.
. "$(dirname "$0")/../lib/authority.sh"
tsget=/usr/lib/ssl/misc/tsget.pl
[ -r $tsget ] || skip "no $tsget (package openssl)"
perl -MWWW::Curl::Easy -e 1 2>/dev/null || skip "no WWW::Curl::Easy (package libwww-curl-perl)"
authority_start
for i in 1 2 3; do
    echo "document $i" >"$T/doc$i"
    openssl ts -query -data "$T/doc$i" -sha384 -cert -out "$T/doc$i.tsq" 2>/dev/null
done
perl $tsget -h "$URL/tsr" -e .tsr "$T"/doc?.tsq >"$T/out" 2>&1 || fail "tsget: $(cat "$T/out")"
for i in 1 2 3; do
    openssl ts -verify -in "$T/doc$i.tsr" -queryfile "$T/doc$i.tsq" -CAfile "$D/ca.pem" >"$T/out" 2>&1 ||
        fail "doc$i: $(cat "$T/out")"
done
echo "3 replies by tsget verified"
