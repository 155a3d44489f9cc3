#!/bin/bash
# quorate-front as an HTTP/1.1 server: framing, methods, types, lengths, views, pages.
. "$(dirname "$0")/../lib/authority.sh"
need python3 python3
need openssl openssl
authority_start
PYTHONPATH=$(dirname "$0")/../lib python3 "$(dirname "$0")/front_http.py" "$D" || fail "front_http.py"
