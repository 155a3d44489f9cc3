# Sourced by scripts that play scenes with a development cluster of five cores (cluster.py).
# shellcheck shell=bash
: "${QUORATE_BIN:?the folder of the programs}"
. "$(dirname "${BASH_SOURCE[0]}")/script.sh"

# cluster_play NAME.py: beside the script.
cluster_play() {
    local program status=0
    need python3 python3
    for program in quorate quorate-authority quorate-core quorate-timed quorate-tsm quorate-front quorate-mesh; do
        [ -x "$QUORATE_BIN/$program" ] || skip "$program is not built"
    done
    if "$QUORATE_BIN/quorate-authority" dev certify --dir / 2>&1 | grep -q "production build"; then
        skip "needs the test CA"
    fi
    if grep -q __asan_init "$QUORATE_BIN/quorate-core"; then
        skip "five cores built with a sanitizer are too slow for one another"
    fi
    PYTHONPATH=$(dirname "${BASH_SOURCE[0]}") python3 "$(dirname "$0")/$1" "$T" || status=$?
    [ $status = 77 ] || [ $status = 0 ] || fail "$1"
    exit $status
}
