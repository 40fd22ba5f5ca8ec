"""What XLA says of an experiment's training step, beside what the plan expects: `plan compile=true`."""

from __future__ import annotations

from framework.build import build
from framework.config.experiment import Experiment
from framework.layers import Mode
from framework.plan import Plan, magnitude
from framework.runtime.choice import Kept, choices, count
from framework.runtime.program import Analysis, current_platform, get_program
from framework.train.engine import use_device

Kernels = dict[str, dict[str, int]]


def analyse(experiment: Experiment, kept: Kept | None = None) -> tuple[Analysis, Kernels]:
    """Compiles one training step and asks XLA what it costs; and which kernels were chosen. No data is read.

    kept: see `Engine`. Raises ConfigError when the device asked for is not there.
    """
    use_device(experiment.trainer.device)
    built = build(experiment, Mode.TRAIN)
    fetches = [report.mean for report in built.reports.values()]
    weights = [built.weights] if built.weights else []
    feeds = [*built.features.values(), *weights, *built.hyper]
    found = get_program(built.graph, fetches, [built.train_op or ""], feeds, kept=kept).analyse()
    return found, count(list(choices(built.graph, current_platform(), kept)), current_platform())


def compare(planned: Plan, found: Analysis, kernels: Kernels) -> str:
    """Both, side by side, what the differences come from, and what computes the ops that have several kernels."""
    rows = [("", "plan", "XLA", "plan / XLA")]
    expected = {"FLOPs of a step": (planned.step_flops, found.flops, "")}
    if planned.memory is not None:
        expected["memory of a step"] = (planned.memory.peak, found.bytes, "B")
    for name, (ours, theirs, unit) in expected.items():
        ratio = f"{ours / theirs:.2f}" if ours is not None and theirs else "?"
        rows.append((name, f"{magnitude(ours)}{unit}", f"{magnitude(theirs)}{unit}", ratio))
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    lines = [
        "  ".join([f"{row[0]:<{widths[0]}}", *(f"{row[k]:>{widths[k]}}" for k in (1, 2, 3))]).rstrip() for row in rows
    ]
    notes = [
        f"compiled in {found.seconds:.1f} s; XLA counts exponentials and the like apart, and may use scratch space",
        "or another order than is planned with",
    ]
    chosen = [
        f"kernel  {op}: {', '.join(f'{n} ({count})' for n, count in names.items())}" for op, names in kernels.items()
    ]
    if any(name in ("onednn", "native") for names in kernels.values() for name in names):
        chosen.append("XLA does not see into native kernels: it counts no operation and no scratch space of theirs")
    return "\n".join([*lines, *notes, *chosen, ""])
