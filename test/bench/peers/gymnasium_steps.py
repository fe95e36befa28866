"""Agent steps of Gymnasium's BreakoutNoFrameskip-v4, preprocessed and stacked: a peer of the env benchmark."""
from serve import serve
import ale_py, cv2, gymnasium as gym, numpy as np
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation

cv2.setNumThreads(1)
ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
gym.register_envs(ale_py)
env = FrameStackObservation(AtariPreprocessing(gym.make("BreakoutNoFrameskip-v4")), 4)
env.reset(seed=1)
actions = np.random.default_rng(1).integers(0, 4, 100_000).tolist()


def play(steps=50):
    for _ in range(steps):
        play.at = (play.at + 1) % len(actions)
        _, _, terminated, truncated, _ = env.step(actions[play.at])
        if terminated or truncated:
            env.reset()
    return steps


play.at = 0
serve(play)
