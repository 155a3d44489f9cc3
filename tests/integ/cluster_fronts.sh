#!/bin/bash
# Fronts before five cores: one that is killed under load loses no token that it gave out; two drive the same cores at once.
. "$(dirname "$0")/../lib/cluster.sh"
need sqlite3 sqlite3
cluster_play cluster_fronts.py
