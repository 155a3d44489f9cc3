#!/bin/bash
# The admin socket of quorate-front under garbage, slow and silent peers, crowds and lengths that are none.
. "$(dirname "$0")/../lib/authority.sh"
need python3 python3
need openssl openssl
# A sanitizer keeps what was freed for a while: little of it, or that is what would be measured.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
authority_start
PYTHONPATH=$(dirname "$0")/../lib python3 "$(dirname "$0")/front_admin.py" "$D" || fail "front_admin.py"
