# Sourced by scripts of the command line: what quorate answers. All cases are tried; the script ends with exit $bad.
# shellcheck shell=bash
quorate=${QUORATE_BIN:?}/quorate
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
bad=0
fail() {
    echo "FAIL: $*"
    bad=1
}

# answers CODE ARGS...: the exit code; what it says is in out and err.
answers() {
    local code=$1 got
    shift
    "$quorate" "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    [ $got -eq "$code" ] || fail "quorate $*: exit code $got, not $code: $(cat "$work/err")"
}
says() {
    grep -qE -- "$1" "$work/out" || fail "does not say \"$1\": $(cat "$work/out")"
}
complains() {
    local text=$1
    shift
    answers 2 "$@"
    [ ! -s "$work/out" ] || fail "quorate $*: writes to standard output"
    grep -qF -- "$text" "$work/err" || fail "quorate $*: does not say \"$text\": $(cat "$work/err")"
}
