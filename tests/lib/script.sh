# Sourced by scripts of integ/ and interop/: how they skip and fail, and T, a folder that goes at the end.
# shellcheck shell=bash
T=$(mktemp -d "${TMPDIR:-/tmp}/quorate-test-XXXXXX") || exit 2
trap 'rm -rf "$T"' EXIT

skip() {
    echo "SKIP $*"
    exit 77
}

fail() {
    echo "FAIL $*" >&2
    exit 1
}

need() { # PROGRAM PACKAGE
    command -v "$1" >/dev/null 2>&1 || skip "no $1 (package $2)"
}
