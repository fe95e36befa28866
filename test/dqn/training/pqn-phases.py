"""Makes pqn-phases.json: two phases of PQN on a tiny network, computed by PyTorch.

Usage: pqn-phases.py OUTFILE; then `npx biome format --write OUTFILE`.

Needs torch 2.15.0 (on the CPU) and numpy. The steps are those of CleanRL's pqn.py (commit 10334fa), in
its order, written anew. From there: epsilon-greedy play of all games with one evaluation of the network
per step, which also gives the values of the targets; Q(lambda) from the last step back, with the maximum
over the actions; shuffled minibatches, several epochs; mse_loss; clip_grad_norm_; optim.RAdam.

What differs, because lib/dqn/training/pqn-training.ts does so:
1. The end of an episode. CleanRL leaves out the next value there, but still adds gamma * lambda times the
   next episode's return, and treats truncation like termination. Here nothing crosses the end, as in the
   paper, and a truncated episode adds the value of its last observation. The first phase has no ends; in
   it `cleanrl_targets` must give the same targets, which the script asserts.
2. RAdam's first five updates, which PyTorch makes with the momentum alone, change no weight: step size 0.
3. The learning rate falls with the agent steps after each rollout; CleanRL's is that before the rollout.
4. Random numbers: one MT19937 for the actions and one for the order, seeded by NumPy's SeedSequence. An
   action takes one draw to decide and a second one when it is random. Epsilon is constant here.
Adam's epsilon (1e-8) is added before the bias correction by PyTorch, after it by lib: no visible digit.

The games are films: the actions decide the rewards only. Where an episode ends, its last observation is
the negative (255 - byte) of the next one's first.
"""
import json, sys
import numpy as np, torch
from torch import nn

SEED, GAMES, STEPS, PHASES, ACTIONS, BATCH, EPOCHS, TOTAL = 7, 2, 8, 2, 3, 4, 2, 64
GAMMA, LAMBDA, RATE, EPSILON, MAX_NORM = 0.99, 0.65, 0.5, 0.3, 2.5
SHAPE = (2, 2, 2)  # stack, height, width
GOES_ON, TERMINATED, TRUNCATED = 0, 1, 2

rng = np.random.default_rng(SEED)
frames = rng.integers(0, 256, (PHASES * STEPS + 1, GAMES, *SHAPE))
rewards = rng.integers(-1, 2, (PHASES * STEPS, GAMES, ACTIONS))
ends = np.full((PHASES * STEPS, GAMES), GOES_ON)
ends[10, 0], ends[12, 1], ends[15, 0] = TERMINATED, TRUNCATED, TRUNCATED

torch.manual_seed(SEED)
net = nn.Sequential(nn.Linear(8, 6), nn.LayerNorm(6), nn.ReLU(), nn.Linear(6, ACTIONS))

def weights():  # as TensorFlow.js has them: kernels [in, out]
    return [[round(x, 7) for x in torch.atleast_2d(p.detach()).mT.flatten().tolist()] for p in net.parameters()]

def draws(seed):
    bits = np.random.MT19937()
    bits._legacy_seeding(int(seed))
    return lambda: int(bits.random_raw()) / 2**32

def q(observations):  # [n, stack, height, width] bytes; flattened with the stack last
    x = torch.tensor(np.asarray(observations), dtype=torch.float32) / 255
    return net(x.permute(0, 2, 3, 1).flatten(1))

def targets(reward, end, values, last, next_value):
    result = torch.zeros(STEPS, GAMES)
    for t in reversed(range(STEPS)):
        for g in range(GAMES):
            following = next_value[g] if t == STEPS - 1 else values[t + 1, g]
            if end[t, g] == TERMINATED: value = 0
            elif end[t, g] == TRUNCATED: value = last[t, g]
            elif t == STEPS - 1: value = following
            else: value = LAMBDA * result[t + 1, g] + (1 - LAMBDA) * following
            result[t, g] = reward[t, g] + GAMMA * value
    return result

def cleanrl_targets(reward, end, values, next_value):
    result, on = torch.zeros(STEPS, GAMES), torch.tensor(end == GOES_ON).float()
    result[-1] = reward[-1] + GAMMA * next_value * on[-1]
    for t in reversed(range(STEPS - 1)):
        mixed = LAMBDA * result[t + 1] + (1 - LAMBDA) * values[t + 1] * on[t]
        result[t] = reward[t] + GAMMA * mixed
    return result

exploration, sampling = map(draws, np.random.SeedSequence(SEED).generate_state(4)[:2])
initial, phases, updates, norms = weights(), [], 0, []
optimizer = torch.optim.RAdam(net.parameters(), lr=RATE, eps=1e-8)
for phase in range(PHASES):
    first = phase * STEPS
    end = ends[first:first + STEPS]
    actions = np.zeros((STEPS, GAMES), int)
    reward, values, last = (torch.zeros(STEPS, GAMES) for _ in range(3))
    with torch.no_grad():
        for t in range(STEPS):
            now = q(frames[first + t])
            values[t] = now.max(1).values
            last[t] = q(255 - frames[first + t + 1]).max(1).values
            for g in range(GAMES):
                is_random = exploration() < EPSILON
                actions[t, g] = int(exploration() * ACTIONS) if is_random else int(now[g].argmax())
                reward[t, g] = float(rewards[first + t, g, actions[t, g]])
        next_value = q(frames[first + STEPS]).max(1).values
        goal = targets(reward, end, values, last, next_value)
        if phase == 0: assert torch.allclose(goal, cleanrl_targets(reward, end, values, next_value))
    rate = RATE * (1 - GAMES * (first + STEPS) / TOTAL)
    observations = frames[first:first + STEPS].reshape(-1, *SHAPE)
    order, losses = [0] * (STEPS * GAMES), []
    for epoch in range(EPOCHS):
        for i in range(len(order)):  # Fisher and Yates, inside out
            j = int(sampling() * (i + 1))
            order[i], order[j] = order[j], i
        for start in range(0, len(order), BATCH):
            rows = order[start:start + BATCH]
            taken = torch.tensor(actions.flatten()[rows])
            value = q(observations[rows]).gather(1, taken[:, None])[:, 0]
            loss = nn.functional.mse_loss(value, goal.flatten()[rows])
            optimizer.zero_grad()
            loss.backward()
            norms.append(float(nn.utils.clip_grad_norm_(net.parameters(), MAX_NORM)))
            updates += 1
            optimizer.param_groups[0]['lr'] = 0 if updates <= 5 else rate
            optimizer.step()
            losses.append(round(loss.item(), 7))
    phases.append({
        'actions': actions.flatten().tolist(), 'losses': losses, 'weights': weights(),
        'targets': [round(x, 7) for x in goal.flatten().tolist()],
    })

assert min(norms[5:]) < MAX_NORM < max(norms[5:]), norms  # some gradients are clipped, some not
flat = lambda array: array.reshape(len(array), GAMES, -1).tolist()
config = dict(totalSteps=TOTAL, numEnvs=GAMES, rolloutSteps=STEPS, batchSize=BATCH, epochs=EPOCHS, gamma=GAMMA,
    epsilonStart=EPSILON, epsilonEnd=EPSILON, learningRate=RATE, learningRateEnd=0, globalClipNorm=MAX_NORM,
    solvedReturn=None)
config['lambda'] = LAMBDA
json.dump(dict(torch=torch.__version__, seed=SEED, config=config, shape=SHAPE, frames=flat(frames),
    rewards=flat(rewards), ends=ends.tolist(), initial=initial, phases=phases), open(sys.argv[1], 'w'), separators=(',', ':'))
