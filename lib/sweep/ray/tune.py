"""Runs the trials of a sweep on Ray: the job is the first line of the input, the news are lines of the output.

Ends when all trials have, when the input ends (the asker is gone), or by SIGINT.
"""
import json, os, pathlib, shutil, signal, socket, sys, tempfile, threading

os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"
os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
os.environ["TUNE_DISABLE_STRICT_METRIC_CHECKING"] = "1"  # a short trial may end before its first episode
HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]

import ray
from ray import tune
from ray.tune.schedulers import ASHAScheduler, FIFOScheduler
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

import folders, trial as trials

# Workers get this code from here, so that theirs cannot be of another version.
ray.cloudpickle.register_pickle_by_value(folders)
ray.cloudpickle.register_pickle_by_value(trials)

# A worker's death counts, and so does an error, which comes again every time.
MAX_FAILURES = 5
# What a prepared worker offers; nothing runs elsewhere.
RESOURCE = "breakout"


def say(**news) -> None:
    print(json.dumps(news), flush=True)


class News(tune.Callback):
    def on_trial_result(self, iteration, trials, trial, result, **info):
        keys = ["agentStep", "meanReturn", "seconds"]
        say(trial=trial.config["name"], node=result["node_ip"], **{k: result[k] for k in keys if k in result})

    def on_trial_start(self, iteration, trials, trial, **info):
        say(trial=trial.config["name"], state="running")

    def on_trial_complete(self, iteration, trials, trial, **info):
        say(trial=trial.config["name"], state="ended")

    def on_trial_error(self, iteration, trials, trial, **info):
        say(trial=trial.config["name"], state="failed", message=last_line(trial.get_error()))


def last_line(error: Exception | None) -> str:
    return str(error).strip().split("\n")[-1]


def connect(address: str) -> None:
    if address == "local":
        os.environ["BREAKOUT_ROOT"] = str(ROOT)
        ray.init(resources={RESOURCE: 1_000_000}, log_to_driver=False, include_dashboard=False)
        return
    try:
        host, port = address.rsplit(":", 1)
        socket.create_connection((host, int(port)), timeout=10).close()  # Ray itself tries for many minutes
        ray.init(address=address, log_to_driver=False)
    except Exception as error:
        sys.exit(
            f"the Ray cluster {address} cannot be joined ({last_line(error)}): this machine must be one of its nodes, "
            f"`npm run sweep -- --worker {address}` makes it one"
        )
    if RESOURCE not in ray.cluster_resources():
        sys.exit(f"no node of the Ray cluster {address} is a prepared worker: {trials.PREPARE}")


def scheduler_of(asha: dict | None, steps: int):
    if asha is None:
        return FIFOScheduler()
    return ASHAScheduler(
        time_attr="agentStep",
        metric="meanReturn",
        mode="max",
        max_t=steps + 1,  # the process ends itself
        grace_period=asha["graceSteps"],
        reduction_factor=asha["reduction"],
    )


def resources_of(ray_options: dict) -> dict:
    memory = ray_options["gigabytes"] * 1e9
    return {"cpu": ray_options["cpus"], "gpu": ray_options["gpus"], "memory": memory, RESOURCE: 1}


def check_room(needed: dict) -> None:
    names = {"cpu": "CPU", "gpu": "GPU"}
    needed = {names.get(name, name): amount for name, amount in needed.items()}
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if not any(all(node.get(name, 0) >= amount for name, amount in needed.items()) for node in nodes):
        sys.exit(f"no node has what a trial needs ({needed}): change ray.cpus, ray.gpus or ray.gigabytes of the sweep")


def run(job: dict) -> None:
    needed = resources_of(job["ray"])
    check_room(needed)
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    collector = trials.Collector.options(scheduling_strategy=here).remote(job["runs"])
    shared = {key: job[key] for key in ["program", "variables"]}
    shared |= {"collector": collector, "digest": folders.library_digest(ROOT)}
    train = tune.with_parameters(trials.train, shared=shared)
    storage = tempfile.mkdtemp(prefix="breakout-tune-")
    tuner = tune.Tuner(
        tune.with_resources(train, needed),
        param_space={"name": tune.grid_search(job["trials"])},
        tune_config=tune.TuneConfig(
            scheduler=scheduler_of(job["ray"]["asha"], job["steps"]),
            reuse_actors=job["ray"]["asha"] is None,  # a trial ended early must end its process, too
        ),
        run_config=tune.RunConfig(
            storage_path=storage,
            failure_config=tune.FailureConfig(max_failures=MAX_FAILURES),
            callbacks=[News()],
            verbose=0,
        ),
    )
    try:
        tuner.fit()
    finally:
        shutil.rmtree(storage, ignore_errors=True)


def end_with_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGINT)


job = json.loads(sys.stdin.readline())
threading.Thread(target=end_with_input, daemon=True).start()
connect(job["address"])
run(job)
