"""Our agent in PyTorch, on Gymnasium's own BreakoutNoFrameskip-v4: weights from a safetensors file.

Called with the file's path. Reads commands from standard input, answers each with one JSON line:
  q FILE                   FILE holds observations, uint8 [n, 4, 84, 84]; {"q": [[...], ...]} of their actions
  play EPISODES EPSILON    whole games with up to 30 no-ops; {"returns": [...]}
"""
import json, sys
import ale_py, gymnasium as gym, numpy as np, torch, torch.nn.functional as F
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation
from safetensors.torch import load_file

STRIDES = [4, 2, 1]
MAX_STEPS = 27_000  # the limit of BreakoutNoFrameskip-v4, 108,000 frames
ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
gym.register_envs(ale_py)
tensors = load_file(sys.argv[1])
layers = [{name.split(".")[1]: tensor for name, tensor in tensors.items() if name.startswith(f"layer{i}.")}
          for i in range(1, 1 + len({name.split(".")[0] for name in tensors}))]


@torch.no_grad()
def q_values(observations):
    """uint8 [n, 4, 84, 84] -> [n, actions]"""
    x, strides = torch.as_tensor(observations).float() / 255, iter(STRIDES)
    for layer, following in zip(layers, layers[1:] + [{}]):
        if "gamma" in layer:
            gamma, beta = (layer[name] if x.ndim == 2 else layer[name].permute(2, 0, 1) for name in ("gamma", "beta"))
            x = F.relu(F.layer_norm(x, x.shape[1:], gamma, beta, eps=1e-5))
            continue
        if layer["kernel"].ndim == 4:
            x = F.conv2d(x, layer["kernel"].permute(3, 2, 0, 1), layer["bias"], stride=next(strides))
        else:
            if x.ndim == 4:
                x = x.permute(0, 2, 3, 1).flatten(1)
            x = F.linear(x, layer["kernel"].T, layer["bias"])
        if following and "gamma" not in following:
            x = F.relu(x)
    return x


def play(episodes, epsilon):
    env = FrameStackObservation(AtariPreprocessing(gym.make("BreakoutNoFrameskip-v4")), 4)
    random, returns = np.random.default_rng(1), []
    for episode in range(episodes):
        observation, _ = env.reset(seed=episode)
        total, over = 0.0, False
        for _ in range(MAX_STEPS):
            greedy = random.random() >= epsilon
            action = int(q_values(observation[None]).argmax()) if greedy else int(random.integers(env.action_space.n))
            observation, reward, terminated, truncated, _ = env.step(action)
            total += float(reward)
            if terminated or truncated:
                break
        returns.append(total)
    return returns


for line in sys.stdin:
    command, *arguments = line.split()
    if command == "q":
        observations = np.fromfile(arguments[0], dtype=np.uint8).reshape(-1, 4, 84, 84)
        answer = {"q": q_values(observations).tolist()}
    else:
        answer = {"returns": play(int(arguments[0]), float(arguments[1]))}
    print(json.dumps(answer), flush=True)
