"""A trial on whatever machine Ray has chosen: our own process trains, and the asker is sent each checkpoint."""
import ctypes, json, os, pathlib, shutil, signal, subprocess, sys, tempfile, time

import ray
from ray import tune

import folders

POLL_SECONDS = 0.5
STOP_SECONDS = 60
PREPARE = "prepare it with `npm run sweep -- --worker HOST:PORT` in a clone of the project"


@ray.remote(num_cpus=0)
class Collector:
    """Has the runs folder; lives on the asker's machine."""

    def __init__(self, runs: str):
        self.runs = pathlib.Path(runs)

    def fetch(self, name: str) -> bytes:
        return folders.pack(self.runs / name)

    def store(self, name: str, content: bytes) -> None:
        folders.unpack(content, self.runs / name)


def train(config: dict, shared: dict) -> None:
    """Runs a trial from its last checkpoint to its end. `shared` is what tune.py makes of the asker's job."""
    name, collector = config["name"], shared["collector"]
    root = find_repository(shared["digest"])
    work = pathlib.Path(tempfile.mkdtemp(prefix="breakout-trial-"))
    folder = work / name
    try:
        folders.unpack(ray.get(collector.fetch.remote(name)), folder)
        child = start(root, folder, shared)
        try:
            follow(child, folder, lambda: ray.get(collector.store.remote(name, folders.pack(folder))))
        finally:
            stop(child)
        if child.returncode != 0:
            raise RuntimeError(f"the run {name} has ended ({child.returncode}): {tail(folder)}")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def find_repository(digest: str) -> pathlib.Path:
    here = f"the worker {ray.util.get_node_ip_address()}"
    root = os.environ.get("BREAKOUT_ROOT")
    if root is None:
        raise RuntimeError(f"{here} knows no clone of the project: {PREPARE}")
    if folders.library_digest(pathlib.Path(root)) != digest:
        raise RuntimeError(f"{here} has another version of the project in {root}: check out the asker's commit there")
    return pathlib.Path(root)


def start(root: pathlib.Path, folder: pathlib.Path, shared: dict) -> subprocess.Popen:
    command = ["node", "--import", "tsx", root / shared["program"], folder, folder.name, "{}"]
    with open(folder / "output.log", "a") as output:
        return subprocess.Popen(
            command,
            cwd=root,
            env={**os.environ, **shared["variables"]},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=end_with_parent if sys.platform == "linux" else None,
        )


def end_with_parent() -> None:
    """Has the system stop this process when the one that started it dies, however it dies."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def follow(child: subprocess.Popen, folder: pathlib.Path, send) -> None:
    """Reports rows of metrics to Tune, and sends the folder after each checkpoint, until the process ends."""
    sent = folders.checkpoints_in(folder)[-1:]
    read = 0
    while child.poll() is None:
        time.sleep(POLL_SECONDS)
        rows = read_rows(folder)
        if len(rows) > read:
            read = len(rows)
            returns = [row["return"] for row in rows[-100:]]
            tune.report(
                {
                    "agentStep": rows[-1]["agentStep"],
                    "meanReturn": sum(returns) / len(returns),
                    "seconds": rows[-1]["seconds"],
                }
            )
        newest = folders.checkpoints_in(folder)[-1:]
        if newest == sent:
            continue
        try:
            send()
            sent = newest
        except OSError:
            pass  # a newer checkpoint took its place while it was packed
    send()


def read_rows(folder: pathlib.Path) -> list[dict]:
    try:
        lines = (folder / "metrics.jsonl").read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines[:-1]]  # what follows the last newline is being written


def tail(folder: pathlib.Path) -> str:
    text = (folder / "output.log").read_text(errors="replace").strip()
    return text[-2000:] or "it printed nothing"


def stop(child: subprocess.Popen) -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
