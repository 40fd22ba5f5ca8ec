"""Trains what a configuration declares.

    python train.py                                          the default run: a small network on digits
    python train.py model=mlp dataset=mnist trainer.epochs=2   choose files of conf/, set values
    python train.py experiments=NAME                         a recipe of experiments/
    python train.py -m optimizer.learning_rate=0.1,0.01      one run for each value
    python train.py resume=outputs/.../FOLDER                go on from the last checkpoint
    python train.py --cfg job                                show the configuration, run nothing

`python -m framework plan ...` shows the network before anything is compiled; `tensorboard --logdir outputs` what
happened. Exit status: 0 done, 1 failed, 2 a mistake of configuration or data, 128 + n stopped by signal n.
"""

from __future__ import annotations

import sys
from datetime import datetime

from framework.config.compose import to_yaml
from framework.launch import Arguments, answer, folder_of, parse, prepare, prepare_sweep


def main() -> int:
    arguments = parse(sys.argv[1:])
    if arguments.wants_help:
        print(__doc__.strip())
        return 0
    if arguments.is_sweep:
        return sweep(arguments)
    trial = prepare(arguments.overrides, arguments.source)
    if arguments.show:
        print(to_yaml(trial.composed.tree), end="")
        return 0

    from framework.train.run import resume, run  # from here on JAX is needed

    if arguments.source.resume is not None:
        return resume(trial.experiment, arguments.source.resume, trial.composed)
    return run(trial.experiment, folder_of(trial, datetime.now()), trial.composed)


def sweep(arguments: Arguments) -> int:
    """One run after another; the greatest exit status is the sweep's."""
    trials, now = prepare_sweep(arguments), datetime.now()

    from framework.train.run import run

    statuses = []
    for number, trial in enumerate(trials):
        print(f"run {number + 1} of {len(trials)}: {' '.join(trial.composed.overrides)}", flush=True)
        statuses.append(run(trial.experiment, folder_of(trial, now, number), trial.composed))
        if statuses[-1] > 128:
            break
    return max(statuses, default=0)


if __name__ == "__main__":
    sys.exit(answer(main))
