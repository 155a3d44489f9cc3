"""Run by ceremony.sh: a key ceremony of five cores, each with a quorate-tsm on simulated silicon, and one of the same cores without
evidence, in turn. Wall time of `quorate ceremony run`, all in processes of their own."""
import os
import statistics
import sys
import tempfile
import time

from attested import NODES, Nodes

LIMIT_S = 10
rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
took = {True: [], False: []}
for _ in range(rounds):
    for attested in (False, True):
        with tempfile.TemporaryDirectory(prefix="quorate-ceremony-") as place:
            nodes = Nodes(place)
            try:
                nodes.up(range(NODES), [nodes.programs] * NODES)
                path = nodes.plan(range(NODES), attested)
                start = time.monotonic()
                done, record = nodes.ceremony(path)
                took[attested].append(time.monotonic() - start)
            finally:
                nodes.end()
        if done.returncode != 0 or not record:
            sys.exit(f"no ceremony: {done.stdout}{done.stderr}")
with_evidence, without = statistics.median(took[True]), statistics.median(took[False])
print(f"ceremony of {NODES} attested nodes, both keys {with_evidence:8.3f} s (slowest {max(took[True]):.3f}), {with_evidence / without:.2f} of one "
      f"without evidence ({without:.3f} s), limit {LIMIT_S} s{' EXCEEDED' if max(took[True]) > LIMIT_S else ''}")
