"""Frames of Breakout in ale-py, random actions, each picture read into the same array: a peer of the env benchmark."""
from serve import serve
import ale_py, numpy as np
from ale_py import roms

ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
ale = ale_py.ALEInterface()
ale.setFloat("repeat_action_probability", 0)
ale.setInt("random_seed", 1)
ale.loadROM(roms.get_rom_path("breakout"))
screen = np.zeros((210, 160), np.uint8)
actions = np.random.default_rng(1).choice(np.array(ale.getMinimalActionSet()), 100_000)


def play(frames=200):
    for _ in range(frames):
        play.at = (play.at + 1) % len(actions)
        ale.act(actions[play.at])
        ale.getScreen(screen)
        if ale.game_over():
            ale.reset_game()
    return frames


play.at = 0
serve(play)
