#!/bin/bash
# python3-rfc3161ng as a foreign client. Its own verification cannot do elliptic curves, so openssl judges what it got.
. "$(dirname "$0")/../lib/authority.sh"
/usr/bin/python3 -c 'import rfc3161ng' 2>/dev/null || skip "no rfc3161ng (package python3-rfc3161ng)"
authority_start
head -c 3000 /dev/urandom >"$T/data"
/usr/bin/python3 - "$URL" "$T/data" "$T/token" <<'P' || fail "rfc3161ng"
import sys, hashlib, requests, rfc3161ng
url, data, out = sys.argv[1:]
# Given data, it always hashes with SHA-1: so it gets the digest.
digest = hashlib.sha512(open(data, 'rb').read()).digest()
request = rfc3161ng.make_timestamp_request(digest=digest, hashname='sha512', include_tsa_certificate=True,
                                           nonce=2**63 + 12345)
reply = requests.post(url, data=rfc3161ng.encode_timestamp_request(request), timeout=10,
                      headers={'Content-Type': 'application/timestamp-query'})
response = rfc3161ng.decode_timestamp_response(reply.content)
assert int(response.status[0]) == 0, response.prettyPrint()
token = response.time_stamp_token
print('rfc3161ng reads genTime', rfc3161ng.get_timestamp(token))
from pyasn1.codec.der import encoder
open(out, 'wb').write(encoder.encode(token))
P
openssl ts -verify -in "$T/token" -token_in -data "$T/data" -CAfile "$D/ca.pem" >"$T/out" 2>&1 || fail "$(cat "$T/out")"
