"""How a peer that plays answers the benchmark: `play SECONDS` on standard input, the rate as one JSON line.

Imported before NumPy and OpenCV, which would otherwise start as many threads as there are cores.
"""
import os
os.environ["OMP_NUM_THREADS"] = "1"
import json, sys, time


def serve(play):
    """`play()` plays for a while and returns for how many steps."""
    for line in sys.stdin:
        seconds = float(line.split()[1])
        steps, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < seconds:
            steps += play()
        print(json.dumps({"perSecond": steps / elapsed}), flush=True)
