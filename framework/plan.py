"""The plan of an experiment: every layer with its shape, parameters and cost, before anything is compiled."""

from __future__ import annotations

import math
from dataclasses import dataclass

from framework.build import Built, build
from framework.config.experiment import Experiment
from framework.graph import TensorSpec, show
from framework.graph.cost import cost
from framework.graph.ordering import owner
from framework.layers import Mode


@dataclass(frozen=True)
class Row:
    """A layer: what it gives for one example, how many parameters it brings, and the cost of its forward pass.

    output: element type and shape, the batch left out. parameters: trainable numbers. state: other variables' numbers.
    flops: floating-point operations an example, or None where a shape is unknown.
    """

    name: str
    type: str
    output: str
    parameters: int
    state: int
    flops: int | None


@dataclass(frozen=True)
class Plan:
    """What an experiment would compile and run.

    batch: examples a step. sizes: examples a split. steps_per_epoch, steps: of the training.
    fingerprint: equal for experiments that share their compiled program.
    """

    rows: tuple[Row, ...]
    inputs: dict[str, str]
    sizes: dict[str, int]
    batch: int
    steps_per_epoch: int
    steps: int
    nodes: int
    fingerprint: str

    @property
    def parameters(self) -> int:
        """Trainable numbers in all."""
        return sum(row.parameters for row in self.rows)

    @property
    def flops(self) -> int | None:
        """Operations of the forward pass of one example, or None where a layer's are unknown."""
        found = [row.flops for row in self.rows]
        return None if None in found else sum(f or 0 for f in found)


def plan(experiment: Experiment) -> Plan:
    """The plan of an experiment. Raises ConfigError as `build` does. Imports no JAX."""
    built = build(experiment, Mode.TRAIN)
    sizes = experiment.dataset.spec().sizes
    trainer = experiment.trainer
    batch = sizes["train"] if trainer.batch_size == "all" else int(trainer.batch_size)
    whole, part = divmod(sizes["train"], batch)
    per_epoch = whole + (part > 0 and not trainer.drop_last)
    return Plan(
        rows=tuple(_rows(built, batch)),
        inputs={name: show(built.graph.spec(tensor).shape) for name, tensor in built.features.items()},
        sizes=dict(sizes),
        batch=batch,
        steps_per_epoch=per_epoch,
        steps=trainer.steps or (trainer.epochs or 0) * per_epoch,
        nodes=len(built.graph),
        fingerprint=built.fingerprint,
    )


def _rows(built: Built, batch: int) -> list[Row]:
    flops: dict[str, int | None] = {}
    names = {note.name for note in built.layers}
    for node in built.graph:
        layer = owner(node.name, names)
        if "_initializer/" not in node.name and node.op != "Assign":
            spent, so_far = cost(built.graph, node).flops, flops.get(layer, 0)
            flops[layer] = None if spent is None or so_far is None else so_far + spent
    rows = []
    for note in built.layers:
        spent = flops.get(note.name, 0)
        spec = built.graph.spec(note.output)
        rows.append(
            Row(
                name=note.name,
                type=note.type,
                output=f"{spec.dtype} {show(None if spec.shape is None else spec.shape[1:])}",
                parameters=_count(built.parameters, note.variables),
                state=_count(built.state, note.variables),
                flops=None if spent is None else round(spent / batch),
            )
        )
    return rows


def _count(variables: dict[str, TensorSpec], names: tuple[str, ...]) -> int:
    return sum(math.prod(d or 0 for d in variables[name].shape or ()) for name in names if name in variables)


def magnitude(number: float | None) -> str:
    """A number in three figures with its thousands as a letter: 83.2 M."""
    if number is None:
        return "?"
    for limit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g} {letter}"
    return f"{number:.0f}"


def render(found: Plan) -> str:
    """The plan as a table for a terminal, about 80 columns wide."""
    header = ("layer", "type", "output an example", "parameters", "FLOPs")
    lines = [
        (r.name, r.type, r.output, f"{r.parameters:,}" if r.parameters else "", magnitude(r.flops) if r.flops else "")
        for r in found.rows
    ]
    total = ("total", "", "", f"{found.parameters:,}", magnitude(found.flops))
    widths = [max(len(line[k]) for line in (header, *lines, total)) for k in range(len(header))]
    rule = "  ".join("─" * width for width in widths)

    def row(line: tuple[str, ...]) -> str:
        left = [f"{cell:<{width}}" for cell, width in zip(line[:3], widths, strict=False)]
        right = [f"{cell:>{width}}" for cell, width in zip(line[3:], widths[3:], strict=True)]
        return "  ".join([*left, *right]).rstrip()

    splits = ", ".join(f"{split} {size:,}" for split, size in found.sizes.items())
    fed = ", ".join(f"{name} {shape}" for name, shape in found.inputs.items())
    notes = [
        f"examples: {splits}",
        f"fed a step: {fed}",
        f"{found.steps_per_epoch:,} steps an epoch, {found.steps:,} in all, {found.batch:,} examples each",
        f"FLOPs are of the forward pass of one example; the graph has {found.nodes:,} nodes",
        f"fingerprint {found.fingerprint[:16]}: runs that share it share one compiled program",
    ]
    return "\n".join([row(header), rule, *(row(line) for line in lines), rule, row(total), "", *notes, ""])
