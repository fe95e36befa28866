"""Agent steps of EnvPool's Breakout-v5, so many environments in one thread: a peer of the env benchmark.

The number of environments is the argument. It resets by itself, with the step after an episode's last one.
"""
import sys
from serve import serve
import envpool, numpy as np

NUM_ENVS = int(sys.argv[1])
env = envpool.make_gymnasium("Breakout-v5", num_envs=NUM_ENVS, num_threads=1, stack_num=4, frame_skip=4,
                             img_height=84, img_width=84, seed=1)
env.reset()
actions = np.random.default_rng(1).integers(0, 4, (20_000, NUM_ENVS), dtype=np.int32)


def play(calls=25):
    for _ in range(calls):
        play.at = (play.at + 1) % len(actions)
        env.step(actions[play.at])
    return calls * NUM_ENVS


play.at = 0
serve(play)
