"""CleanRL's dqn_atari on Breakout in PyTorch (CPU): a peer of the train benchmark.

One environment (no-ops, skip 4, life = episode, fire, clipped reward, 84 x 84 gray, stack 4), stable-baselines3's
replay buffer, Nature network, batch 32, one update every 4 steps, Adam, MSE. Epsilon is held at 0.05.
Reads commands from standard input, answers each with one JSON line:
  steps N   N agent steps; {"stepsPerSecond": their speed}
"""
import json, random, sys, time
import ale_py, gymnasium as gym, numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from stable_baselines3.common.atari_wrappers import (ClipRewardEnv, EpisodicLifeEnv, FireResetEnv, MaxAndSkipEnv,
                                                     NoopResetEnv, WarpFrame)
from stable_baselines3.common.buffers import ReplayBuffer

RANDOM_STEPS, EPSILON, BATCH, GAMMA = 400, 0.05, 32, 0.99
random.seed(1)
torch.manual_seed(1)
gym.register_envs(ale_py)
env = gym.make("BreakoutNoFrameskip-v4")
env = ClipRewardEnv(FireResetEnv(EpisodicLifeEnv(MaxAndSkipEnv(NoopResetEnv(env, 30), 4))))
env = gym.wrappers.FrameStackObservation(gym.wrappers.ReshapeObservation(WarpFrame(env), (84, 84)), 4)


def network():
    return nn.Sequential(nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 64, 3),
                         nn.ReLU(), nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 4))


q_network, target_network = network(), network()
target_network.load_state_dict(q_network.state_dict())
optimizer = torch.optim.Adam(q_network.parameters(), lr=1e-4)
buffer = ReplayBuffer(20_000, env.observation_space, env.action_space, "cpu", optimize_memory_usage=True,
                      handle_timeout_termination=False)


def update():
    data = buffer.sample(BATCH)
    with torch.no_grad():
        best = target_network(data.next_observations / 255).max(dim=1)[0]
        td_target = data.rewards.flatten() + GAMMA * best * (1 - data.dones.flatten())
    old = q_network(data.observations / 255).gather(1, data.actions).squeeze()
    loss = F.mse_loss(td_target, old)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def play():
    """Takes an agent step for every value asked for, without an end."""
    obs, _ = env.reset(seed=1)
    step = 0
    while True:
        step += 1
        if step <= RANDOM_STEPS or random.random() < EPSILON:
            action = env.action_space.sample()
        else:
            action = int(q_network(torch.tensor(np.asarray(obs)[None], dtype=torch.float32) / 255).argmax(1))
        next_obs, reward, terminated, truncated, info = env.step(action)
        buffer.add(np.asarray(obs), np.asarray(next_obs), np.array([action]), np.array([reward]),
                   np.array([terminated]), [info])
        obs = env.reset()[0] if terminated or truncated else next_obs
        if step > RANDOM_STEPS and step % 4 == 0:
            update()
        if step % 1000 == 0:
            target_network.load_state_dict(q_network.state_dict())
        yield


steps = play()
for _ in range(RANDOM_STEPS):
    next(steps)
for line in sys.stdin:
    count = int(line.split()[1])
    start = time.perf_counter()
    for _ in range(count):
        next(steps)
    print(json.dumps({"stepsPerSecond": count / (time.perf_counter() - start)}), flush=True)
