"""What a checkpoint an epoch costs the training of the convolutional network on MNIST.

    python experiments/faults/saving_cost.py     writes saving_cost.md beside this file; needs MNIST

Some steps with a save before them, and as many without, take turns; the difference is all that a save costs: looking
whether the variables are finite, copying them, and what its thread takes from the steps made meanwhile. Medians
of the pairs are told.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from framework.config.compose import Source
from framework.launch import prepare
from framework.train.checkpoint import Checkpoints
from framework.train.engine import Engine
from framework.train.faults import Faults
from framework.train.folder import RunFolder
from framework.train.position import Progress
from framework.train.saving import Saving
from framework.train.signals import StopRequest

PAIRS, STEPS = 8, 12


def main() -> int:
    experiment = prepare(["experiments=mnist_cnn"], Source()).experiment
    engine = Engine(experiment, experiment.dataset.load())
    state, step = engine.initialize(), 0
    costs, plain, blocked = [], [], []
    with tempfile.TemporaryDirectory(prefix="saving-") as root, Saving(Checkpoints(Path(root), 3)) as saving:
        faults = Faults(engine, saving.checkpoints, RunFolder(Path(root)), engine.initialize, StopRequest())
        progress = Progress()
        for pair in range(-1, PAIRS):  # the first compiles
            took = []
            for saves in (pair % 2 == 0, pair % 2 != 0):
                began = time.perf_counter()
                if saves:
                    faults.check(state, progress)
                    saving.save(step, state, {"step": step})
                    held = time.perf_counter() - began
                stop = step + STEPS
                while step < stop:
                    state, records = engine.advance(state, step, stop, lambda: False)
                    step += len(records)
                saving.wait()
                took.append(time.perf_counter() - began)
            with_save, without = took if pair % 2 == 0 else reversed(took)
            if pair >= 0:
                costs.append(with_save - without)
                plain.append(without / STEPS)
                blocked.append(held)
    size = sum(array.nbytes for array in state.values())
    cost, seconds = statistics.median(costs), statistics.median(plain)
    epoch = seconds * engine.steps_per_epoch
    text = f"""# What saving costs

`python experiments/faults/saving_cost.py`: one checkpoint of {size / 1e6:.0f} MB (parameters and the optimizer's slots)
costs {cost * 1000:.0f} ms, and the training stands still for {statistics.median(blocked) * 1000:.0f} ms. An epoch of
{engine.steps_per_epoch} steps takes {epoch:.0f} s here, so that one checkpoint an epoch costs
**{100 * cost / epoch:.2f} %** of the training time; by the dearest pair, {100 * max(costs) / epoch:.2f} % (medians of
{PAIRS} pairs of {STEPS} steps; single pairs from {1000 * min(costs):.0f} to {1000 * max(costs):.0f} ms).
"""
    print(text)
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
