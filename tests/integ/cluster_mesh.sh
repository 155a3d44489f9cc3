#!/bin/bash
# A cluster whose P-384 key is threshold: presignatures by the accelerator, quorate-mesh killed and stopped under load, a second one beside
# it, a core that lies to it. Tokens verify with stock openssl and in both legs throughout.
. "$(dirname "$0")/../lib/cluster.sh"
[ -x "$QUORATE_BIN/quorate-mesh" ] || skip "quorate-mesh is not built"
cluster_play cluster_mesh.py
