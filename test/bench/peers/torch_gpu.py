"""Updates of both networks in PyTorch, eager, compiled and as a CUDA graph: the peer of the gpu benchmark.

One JSON line for each: {"part": "torch", "network", "batch", "engine", "ms": median, "best": of ROUNDS}. Pictures
come from NumPy in each update and the loss goes back, as in the project. TF32 is allowed where it is for TensorFlow.
"""
import json, os, sys, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

ROUNDS = int(os.environ.get("ROUNDS", "50"))
ON_GPU = torch.cuda.is_available()
DEVICE = torch.device("cuda" if ON_GPU else "cpu")
ACTIONS = 4
torch.manual_seed(1)
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = os.environ.get("NVIDIA_TF32_OVERRIDE") != "0"
torch.backends.cudnn.benchmark = True


def network(width, norm):
    c1, c2, c3, hidden = (round(count * width) for count in (32, 64, 64, 512))

    def block(layer, shape):
        return [layer, nn.LayerNorm(shape, eps=1e-5), nn.ReLU()] if norm else [layer, nn.ReLU()]

    return nn.Sequential(*block(nn.Conv2d(4, c1, 8, 4), (c1, 20, 20)), *block(nn.Conv2d(c1, c2, 4, 2), (c2, 9, 9)),
                         *block(nn.Conv2d(c2, c3, 3), (c3, 7, 7)), nn.Flatten(),
                         *block(nn.Linear(c3 * 49, hidden), (hidden,)), nn.Linear(hidden, ACTIONS)).to(DEVICE)


class Update:
    """One update out of arrays of NumPy."""

    def __init__(self, name, batch, how):
        self.is_dqn = name == "nature"
        width = 0.5 if name == "fast" else 1.0
        self.q = network(width, not self.is_dqn)
        self.target = network(width, False) if self.is_dqn else None
        self.adam = torch.optim.Adam(self.q.parameters(), lr=1e-4, fused=ON_GPU, capturable=how == "graph")
        rng = np.random.default_rng(1)
        picture = (batch, 4, 84, 84)
        host = {"observations": rng.integers(0, 256, picture, np.uint8), "actions": rng.integers(0, ACTIONS, (batch, 1)),
                "rewards": rng.random(batch, np.float32)}
        if self.is_dqn:
            host |= {"next": rng.integers(0, 256, picture, np.uint8), "dones": np.zeros(batch, np.float32)}
        self.host = {key: torch.from_numpy(value) for key, value in host.items()}
        self.on = {key: value.to(DEVICE) for key, value in self.host.items()}
        self.step = self.eager
        self.graph = None
        if how == "compiled":
            self.step = torch.compile(self.eager, mode="reduce-overhead" if ON_GPU else "default")
        if how == "graph":
            self.capture()

    def eager(self):
        on = self.on
        target = on["rewards"]
        if self.is_dqn:
            with torch.no_grad():
                target = target + 0.99 * self.target(on["next"] / 255).max(1)[0] * (1 - on["dones"])
        taken = self.q(on["observations"] / 255).gather(1, on["actions"]).squeeze(1)
        loss = F.mse_loss(taken, target)
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        if not self.is_dqn:
            nn.utils.clip_grad_norm_(self.q.parameters(), 10.0)
        self.adam.step()
        return loss.detach()

    def capture(self):
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.eager()
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.loss = self.eager()

    def __call__(self):
        for key, value in self.host.items():
            self.on[key].copy_(value)
        if self.graph is None:
            return float(self.step())
        self.graph.replay()
        return float(self.loss)


def milliseconds(work):
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


for how in ("eager", "graph", "compiled"):
    if how == "graph" and not ON_GPU:
        continue
    for name, batch in (("nature", 32), ("fast", 32), ("nature", 256), ("fast", 256), ("wide", 1024)):
        if how == "compiled" and batch != 32:
            continue
        row = {"part": "torch", "network": name, "batch": batch, "engine": f"torch {torch.__version__} {how}",
               "device": torch.cuda.get_device_name() if ON_GPU else "CPU"}
        try:
            update = Update(name, batch, how)
            for _ in range(8):
                update()
            times = [milliseconds(update) for _ in range(ROUNDS)]
            row |= {"ms": round(float(np.median(times)), 3), "best": round(min(times), 3)}
        except Exception as error:
            row["error"] = str(error)[:200]
        print(json.dumps(row), flush=True)
