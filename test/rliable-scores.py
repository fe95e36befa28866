"""Makes rliable-scores.json: what the package rliable says of some scores, for test/statistics.test.ts.

Usage: rliable-scores.py OUTFILE; then `npx biome format --write OUTFILE`.

Needs rliable 1.2.0 with pandas 2.3.3, which its arch 7.2.0 asks for. Scores are [stratum, run] there, and transposed for rliable, which wants [run, task].
"""
import importlib.metadata, json, sys
import numpy as np
from rliable import library, metrics

REPETITIONS = 50_000
random = np.random.RandomState(3)
CASES = [
    ("five seeds of one game", random.gamma(4, 5, (1, 5)), random.gamma(3, 5, (1, 5))),
    ("twelve seeds of one game", random.normal(20, 9, (1, 12)), random.normal(14, 9, (1, 8))),
    ("ten seeds of three games", random.gamma(2, 9, (3, 10)), random.gamma(3, 7, (3, 10))),
]


def case(name, scores, base):
    scores, base = scores.round(2), base.round(2)
    iqm = lambda x: np.array([metrics.aggregate_iqm(x)])
    _, interval = library.get_interval_estimates({"a": scores.T}, iqm, reps=REPETITIONS)
    return {
        "name": name,
        "scores": scores.tolist(),
        "base": base.tolist(),
        "iqm": metrics.aggregate_iqm(scores.T),
        "interval": interval["a"][:, 0].tolist(),
        "improvement": metrics.probability_of_improvement(scores.T, base.T),
    }


version = importlib.metadata.version("rliable")
with open(sys.argv[1], "w") as file:
    json.dump({"rliable": version, "cases": [case(*each) for each in CASES]}, file)
