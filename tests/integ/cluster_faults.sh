#!/bin/bash
# Five cores under load: processes are killed, stopped and continued. QUORATE_LONG=1: every pair, and every fault ten times.
. "$(dirname "$0")/../lib/cluster.sh"
cluster_play cluster_faults.py
