#!/bin/bash
# What a production build must not do: believe an unchecked clock, or make certificates.
set -u
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
bad=0

# refuse STATUS TEXT COMMAND...: it ends with that status and says that text.
refuse() {
    local status=$1 text=$2
    shift 2
    timeout 60 "$@" >"$dir/out" 2>&1
    local got=$?
    if [ $got -ne "$status" ] || ! grep -q -- "$text" "$dir/out"; then
        echo "FAILED: $* gave $got:"
        cat "$dir/out"
        bad=1
    fi
}

policy=1,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000
refuse 2 'err=time' "$QUORATE_BIN/quorate-core" --listen "unix:$dir/core.sock" --clock trust-system \
    --allow-untrusted-time --policy $policy
[ ! -e "$dir/core.sock" ] || { echo "FAILED: it listened"; bad=1; }

refuse 1 'production build' "$QUORATE_BIN/quorate-authority" dev up --dir "$dir/dev"
refuse 1 'production build' "$QUORATE_BIN/quorate-authority" dev certify --dir "$dir/dev"
refuse 1 'production build' "$QUORATE_BIN/quorate" dev up --dir "$dir/dev"
[ ! -e "$dir/dev" ] || { echo "FAILED: it made a folder"; bad=1; }

cat >"$dir/quorate.conf" <<C
[front]
core = unix:core.sock
chain = chain.pem
[journal]
dir = journal
[policy default]
oid = 1.3.6.1.4.1.32473.3161.1.1
number = 1
[authority]
clock = trust-system
certify = cat
C
refuse 1 'production build' "$QUORATE_BIN/quorate-authority" authority run --config "$dir/quorate.conf"
sed -i 's/^clock = .*/evidence = sim/' "$dir/quorate.conf"
refuse 1 'production build' "$QUORATE_BIN/quorate-authority" authority run --config "$dir/quorate.conf"

refuse 2 'err=policy argument=3' "$QUORATE_BIN/quorate-tsm" --core "unix:$dir/tsm.sock" --provider sim \
    --programs "$QUORATE_BIN" --chip 0

# Absent, not only refused.
for program in "$QUORATE_BIN"/quorate*; do
    if grep -q 'TEST CA' "$program"; then
        echo "FAILED: ${program##*/} holds a test CA"
        bad=1
    fi
    if grep -q 'SIM-Milan\|NOT AMD' "$program"; then
        echo "FAILED: ${program##*/} knows simulated silicon"
        bad=1
    fi
done
exit $bad
