#!/bin/bash
# quorate.conf(5) has what the table of keys says, word for word.
set -euo pipefail
cd "$(dirname "$0")/../.."
"${QUORATE_BIN:?the folder of the programs}/quorate-front" --explain-config |
    diff - <(sed -n '/^# KEYS$/,/^# EXAMPLE$/p' man/quorate.conf.5.scd | sed '1,2d;$d') ||
    { echo "man/quorate.conf.5.scd differs from quorate-front --explain-config"; exit 1; }
