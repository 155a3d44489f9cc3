#!/bin/bash
# Two epochs side by side: other cores make a key of their own beside those that serve, the front goes over to them under load, the old
# ones end what they have begun, retire by an order of their operators, and sign that they have. QUORATE_LONG=1: 100,000 requests.
. "$(dirname "$0")/../lib/cluster.sh"
cluster_play cluster_epochs.py
