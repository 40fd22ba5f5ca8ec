"""How near a plan comes to what XLA says of the compiled step: memory and FLOPs, for every network of conf/model.

python experiments/benchmarks/plans.py
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from framework.config.loader import ROOT, Source
from framework.launch import prepare
from framework.plan import magnitude, plan
from framework.train.measure import analyse

# What a network is made for, where that is not the default data set with its classes.
PARTNERS = {
    "char_transformer": ["dataset=text", "loss=language", "metrics=none"],
    "lstm": ["dataset=text", "loss=language", "metrics=none"],
    "regressor": ["dataset=diabetes", "loss=mean_squared_error", "metrics=regression"],
    "unet": ["loss=reconstruction", "metrics=none"],
}


def main() -> None:
    print("| model | parameters | plan took | memory: plan | XLA | ratio | FLOPs: plan | XLA | ratio |")
    print("|---|---|---|---|---|---|---|---|---|")
    for file in sorted((ROOT / "conf" / "model").glob("*.yaml")):
        experiment = prepare([f"model={file.stem}", *PARTNERS.get(file.stem, [])], Source()).experiment
        began = time.perf_counter()
        ours = plan(experiment)
        seconds, theirs = time.perf_counter() - began, analyse(experiment)
        if ours.memory is None or ours.step_flops is None:
            sys.exit(f"{file.stem} has a tensor of unknown shape")
        cells = [
            file.stem,
            f"{ours.parameters:,}",
            f"{seconds:.2f} s",
            f"{magnitude(ours.memory.peak)}B",
            f"{magnitude(theirs.bytes)}B",
            f"{ours.memory.peak / theirs.bytes:.2f}",
            magnitude(ours.step_flops),
            magnitude(theirs.flops),
            f"{ours.step_flops / theirs.flops:.2f}",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
