#!/bin/bash
# A core that lies: a proxy before one of five, with a front of the test's own; and one that lies in words it signs.
. "$(dirname "$0")/../lib/cluster.sh"
cluster_play cluster_lies.py
