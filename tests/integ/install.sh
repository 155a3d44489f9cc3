#!/bin/bash
# cmake --install: all programs in one folder, where each finds the others, and the page of each.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=$(cd "${QUORATE_BIN:?the folder of the programs}/.." && pwd) || exit 2
command -v scdoc >/dev/null || { echo "SKIP scdoc is not installed"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
fail() {
    echo "$*"
    exit 1
}

cmake --build "$build" --target programs >"$work/log" 2>&1 && cmake --install "$build" --prefix "$work/usr" >>"$work/log" 2>&1 ||
    fail "it cannot be installed: $(tail -n 5 "$work/log")"
for name in quorate quorate-authority quorate-core quorate-front quorate-mesh quorate-timed quorate-tsm; do
    [ -x "$work/usr/bin/$name" ] || fail "there is no $name"
done
for page in man/*.scd; do
    page=$(basename "$page" .scd)
    [ -s "$work/usr/share/man/man${page##*.}/$page" ] || fail "there is no page $page"
done
cd "$work" || exit 2
env -i PATH=/bin:/usr/bin "$work/usr/bin/quorate" help authority >"$work/help" || fail "quorate does not find quorate-authority"
grep -q '^Usage: quorate dev up' "$work/help" || fail "$(cat "$work/help")"
