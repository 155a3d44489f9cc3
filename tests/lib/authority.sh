# Sourced by scripts of integ/ and interop/: a development authority of its own for one test.
# Gives T (a folder that goes at the end), D (the authority's folder), URL, AUTHORITY (pid). Ends what it started, by pid.
# shellcheck shell=bash
set -euo pipefail

: "${QUORATE_BIN:?the folder of the programs}"
. "$(dirname "${BASH_SOURCE[0]}")/script.sh"
D=$T/authority
AUTHORITY=
URL=

fail() {
    echo "FAIL $*" >&2
    [ -z "${AUTHORITY_LOG:-}" ] || tail -n 20 "$AUTHORITY_LOG" >&2
    exit 1
}

authority_stop() {
    if [ -n "$AUTHORITY" ]; then
        kill -TERM "$AUTHORITY" 2>/dev/null || true
        wait "$AUTHORITY" 2>/dev/null || true
        AUTHORITY=
    fi
}

authority_end() {
    authority_stop
    rm -rf "$T"
}
trap authority_end EXIT

# Starts `quorate dev up` on a free port and returns once it says that it is ready.
authority_start() {
    local line
    AUTHORITY_LOG=$T/authority.log
    rm -f "$T/ready"
    mkfifo "$T/ready"
    "$QUORATE_BIN/quorate" dev up --dir "$D" --listen "${LISTEN:-127.0.0.1:0}" "$@" \
        >"$T/ready" 2>>"$AUTHORITY_LOG" 3>&- &
    AUTHORITY=$!
    exec 3<"$T/ready"
    while IFS= read -r -t 60 -u 3 line; do
        case $line in
        "ready "*)
            URL=${line#ready }
            URL=${URL%/}
            return 0
            ;;
        esac
    done
    fail "the authority did not become ready"
}

# post FILE.tsq FILE.tsr [PATH]
post() {
    curl -sS --fail --max-time 10 -H 'Content-Type: application/timestamp-query' \
        --data-binary "@$1" -o "$2" "$URL${3:-/}"
}

# expect_fail_info NAME FILE.tsr: openssl reads a rejection with that failure and no token
expect_fail_info() {
    openssl ts -reply -in "$2" -text >"$T/text" 2>&1 || fail "openssl cannot read $2"
    grep -q '^Status: Rejected' "$T/text" || fail "$2 is no rejection: $(cat "$T/text")"
    grep -q "^Failure info: $1" "$T/text" || fail "$2: wanted $1, got: $(cat "$T/text")"
    grep -q '^TST info:' "$T/text" && ! grep -A1 '^TST info:' "$T/text" | grep -q 'Not included' &&
        fail "$2: a rejection with a token"
    return 0
}
