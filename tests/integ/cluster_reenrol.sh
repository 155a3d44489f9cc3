#!/bin/bash
# A core of a cluster is killed under load, and the process in its place gets its shares of both keys again, without a request that fails.
# Then it signs with two others.
. "$(dirname "$0")/../lib/cluster.sh"
[ "${QUORATE_LONG:-0}" = 1 ] || skip "QUORATE_LONG is not 1"
[ -x "$QUORATE_BIN/quorate-mesh" ] || skip "quorate-mesh is not built"
cluster_play cluster_reenrol.py
