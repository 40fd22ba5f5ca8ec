"""Trains what a configuration declares.

  python train.py                                      a small network on digits
  python train.py model=mlp dataset=mnist trainer.epochs=2
                                                       choose files, set options
  python train.py experiments=NAME                     a recipe of experiments/
  python train.py -m optimizer.learning_rate=0.1,0.01  one run for each value
  python train.py resume=outputs/DATE/RUN              go on from a checkpoint
  python train.py model=mlp resume=auto                go on with the newest
                                                       unfinished run of this
                                                       configuration, or start

options
  -m,  --multirun         run once for each combination of the values listed
  -c,  --cfg job          show the configuration, run nothing
  -cd, --config-dir DIR   one more folder of groups, such as your own models
  -cn, --config-name N    another file than config.yaml
  -cp, --config-path DIR  another folder than conf/
  -h,  --help             this

`python -m framework plan ...` shows a network before anything is compiled,
`tensorboard --logdir outputs` what happened. Exit status: 0 done, 1 failed,
2 a mistake in configuration or data, 128 + n stopped by signal n.
"""

from __future__ import annotations

import gc
import sys

gc.disable()  # until a run starts: what is imported stays, and to look it through again and again takes time

from framework.config.arguments import groups, parse  # noqa: E402
from framework.config.compose import compose, to_yaml  # noqa: E402
from framework.launch import answer, checked, prepare, start, start_sweep  # noqa: E402


def main() -> int:
    arguments = parse(sys.argv[1:])
    if arguments.wants_help:
        print(f"{__doc__}\ngroups, each chosen by group=file\n{groups(arguments.source)}")
        return 0
    if arguments.is_sweep:
        return start_sweep(arguments)
    if arguments.shows:
        composed = compose(arguments.overrides, arguments.source)
        print(to_yaml(composed.tree), end="")  # also when something is wrong with it, so that one can look
        checked(composed)
        return 0
    return start(prepare(arguments.overrides, arguments.source))


if __name__ == "__main__":
    sys.exit(answer(main))
