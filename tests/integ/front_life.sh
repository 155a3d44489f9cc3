#!/bin/bash
# quorate-front over its life: limits, deadlines, reload of configuration and certificates, HTTPS, drain, a new core.
. "$(dirname "$0")/../lib/authority.sh"
need python3 python3
need openssl openssl
authority_start
PYTHONPATH=$(dirname "$0")/../lib python3 "$(dirname "$0")/front_life.py" "$AUTHORITY" "$D" || fail "front_life.py"
