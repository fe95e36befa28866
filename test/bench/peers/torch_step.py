"""One DQN update of the Nature network in PyTorch (CPU), as CleanRL's dqn_atari does it: the peer of the step benchmark.

Reads commands from standard input, answers each with one JSON line:
  step N   N updates of 32 random uint8 stacks; {"ms": median of them}
  floor    sgemm of 1024 x 1024 matrices; {"gflops": the best rate of PyTorch's and NumPy's libraries}
"""
import json, sys, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(1)
BATCH, ACTIONS = 32, 4


def network():
    return nn.Sequential(nn.Conv2d(4, 32, 8, stride=4), nn.ReLU(), nn.Conv2d(32, 64, 4, stride=2), nn.ReLU(),
                         nn.Conv2d(64, 64, 3, stride=1), nn.ReLU(), nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(),
                         nn.Linear(512, ACTIONS))


q_network, target_network = network(), network()
optimizer = torch.optim.Adam(q_network.parameters(), lr=1e-4)
observations, next_observations = (torch.randint(0, 256, (BATCH, 4, 84, 84), dtype=torch.uint8) for _ in range(2))
actions = torch.randint(0, ACTIONS, (BATCH, 1))
rewards, dones = torch.rand(BATCH), torch.zeros(BATCH)


def update():
    with torch.no_grad():
        best = target_network(next_observations / 255).max(dim=1)[0]
        td_target = rewards + 0.99 * best * (1 - dones)
    old = q_network(observations / 255).gather(1, actions).squeeze()
    loss = F.mse_loss(td_target, old)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def milliseconds(work):
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def floor():
    size = 1024
    a, b = torch.rand(size, size), torch.rand(size, size)
    x, y = a.numpy(), b.numpy()
    fastest = min(milliseconds(work) for _ in range(10) for work in (lambda: a @ b, lambda: x @ y))
    return 2 * size**3 / fastest * 1e-6


for line in sys.stdin:
    command, *arguments = line.split()
    if command == "step":
        answer = {"ms": float(np.median([milliseconds(update) for _ in range(int(arguments[0]))]))}
    else:
        answer = {"gflops": floor()}
    print(json.dumps(answer), flush=True)
