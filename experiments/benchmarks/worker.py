"""The process of one peer on one workload: it waits for its turn, trains some steps, and says how long they took.

It is started by `turns.py`. A line on standard input names a variant and a number of steps; the answer is a line of
JSON. Whatever the libraries print goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from experiments.benchmarks.peers import PEERS
from experiments.benchmarks.task import Task
from experiments.benchmarks.workloads import WORKLOADS, Workload
from framework.config.loader import Source
from framework.launch import prepare


def task_of(workload: Workload) -> Task:
    """What the peers are given of a workload."""
    experiment = prepare(workload.overrides, Source()).experiment
    spec, stored = experiment.dataset.spec(), workload.arrays(experiment)
    (source,), (target,) = spec.inputs, spec.targets
    inputs = stored[source]
    if spec.features[source].categories is None:
        inputs = inputs.astype(np.float32) * np.float32(spec.features[source].scale)
    return Task(
        workload.name,
        np.ascontiguousarray(inputs),
        np.ascontiguousarray(stored[target]),
        int(experiment.trainer.batch_size),
        experiment.optimizer.hyper()["learning_rate"],
        spec.dimensions.get("num_classes") or spec.dimensions["vocabulary_size"],
        experiment,
        dict(stored),
    )


def main(peer_name: str, workload_name: str) -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    peer, workload = PEERS[peer_name], WORKLOADS[workload_name]
    if not isinstance(workload, Workload):
        sys.exit(f"{workload_name} is measured by commands")
    task = task_of(workload)
    os.environ.update(peer.environment)
    programs = import_module(f"experiments.benchmarks.peers.{peer.module}").programs(task)
    print(json.dumps({"variants": list(programs), "batch": task.batch}), file=answers)
    turns = {}
    for line in sys.stdin:
        variant, steps = json.loads(line)
        try:
            began = time.perf_counter()
            if variant not in turns:
                turns[variant] = programs[variant]()
            seconds = turns[variant](steps)
            answer = {"seconds": seconds, "whole": time.perf_counter() - began}
        except Exception as error:  # what a library cannot do is a result, too
            answer = {"failed": f"{type(error).__name__}: {error}"[:500]}
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
