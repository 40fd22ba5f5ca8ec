"""The plan of an experiment: every layer with its shape, parameters and cost, before anything is compiled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from framework.build import Built, build
from framework.config.experiment import Experiment
from framework.fields import Component
from framework.graph import TensorSpec, show
from framework.graph.opdef import lookup
from framework.graph.ordering import owner
from framework.graph.passes.expand import expand
from framework.layers import LOSSES, METRICS, Mode
from framework.optimizers.slots import slots
from framework.plan.flops import forward_flops, training_flops
from framework.plan.memory import Memory, memory
from framework.registry import Registry


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

    inputs: what a step is fed -> its shape. columns: of a table, what each holds.
    losses, metrics: name -> what it is and which tensors it reads.
    batch: examples a step. sizes: examples a split. steps_per_epoch, steps: of the training.
    step_flops: of one training step, and memory: what it holds; None where a shape is unknown.
    fingerprint: equal for experiments that share their compiled program. warnings: what is hardly meant.
    """

    rows: tuple[Row, ...]
    inputs: dict[str, str]
    columns: tuple[str, ...]
    losses: dict[str, str]
    metrics: dict[str, str]
    sizes: dict[str, int]
    batch: int
    steps_per_epoch: int
    steps: int
    nodes: int
    step_flops: int | None
    memory: Memory | None
    fingerprint: str
    warnings: tuple[str, ...] = ()

    @property
    def parameters(self) -> int:
        """Trainable numbers in all."""
        return sum(row.parameters for row in self.rows)

    @property
    def flops(self) -> int | None:
        """Operations of the forward pass of one example, or None where a layer's are unknown."""
        found = [row.flops for row in self.rows]
        return None if None in found else sum(f or 0 for f in found)


def plan(experiment: Experiment, built: Built | None = None) -> Plan:
    """The plan of an experiment; `built` is its training graph, where there is one already.

    Raises ConfigError as `build` does. Imports no JAX.
    """
    built = built or build(experiment, Mode.TRAIN)
    sizes = experiment.dataset.spec().sizes
    batch, per_epoch, steps = steps_of(experiment)
    kept, written_out = _kept(experiment), _written_out(built)
    return Plan(
        rows=tuple(_rows(built, batch)),
        inputs={name: show(built.graph.spec(tensor).shape) for name, tensor in built.features.items()},
        columns=tuple(column.describe() for column in experiment.dataset.spec().columns),
        losses=_wiring(LOSSES, experiment.loss),
        metrics=_wiring(METRICS, experiment.metrics),
        sizes=dict(sizes),
        batch=batch,
        steps_per_epoch=per_epoch,
        steps=steps,
        nodes=len(built.graph),
        step_flops=training_flops(written_out, kept),
        memory=memory(written_out, kept),
        fingerprint=built.fingerprint,
        warnings=tuple(built.warnings),
    )


def steps_of(experiment: Experiment) -> tuple[int, int, int]:
    """Examples a step, steps an epoch, and steps in all."""
    trainer, examples = experiment.trainer, experiment.dataset.spec().sizes["train"]
    batch = examples if trainer.batch_size == "all" else int(trainer.batch_size)
    whole, part = divmod(examples, batch)
    per_epoch = whole + (part > 0 and not trainer.drop_last)
    return batch, per_epoch, trainer.steps or (trainer.epochs or 0) * per_epoch


def _kept(experiment: Experiment) -> int:
    """How many arrays of the size of the parameters are kept beside them: by the optimizer, averages, sums."""
    trainer = experiment.trainer
    return slots(experiment.optimizer) + (trainer.ema is not None) + (trainer.accumulate > 1)


def _written_out(built: Built) -> Built:
    """The same with its composite ops written out, so that what happens inside of them is counted."""
    if not any(lookup(node.op).body for node in built.graph):
        return built
    graph, renamed = expand(built.graph)
    return replace(built, graph=graph, outputs={n: renamed.get(t, t) for n, t in built.outputs.items()})


def _rows(built: Built, batch: int) -> list[Row]:
    flops: dict[str, int | None] = {}
    names = {note.name for note in built.layers}
    for node, spent in forward_flops(built).items():
        layer = owner(node, names)
        so_far = flops.get(layer, 0)
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


def _wiring(registry: Registry[type], parts: Mapping[str, Component]) -> dict[str, str]:
    """What each loss or metric is, with the names and numbers it was given: `softmax_cross_entropy(logits, label)`."""
    return {name: f"{registry.name_of(part)}({', '.join(_words(part))})" for name, part in parts.items()}


def _words(part: Component) -> list[str]:
    fields = type(part).model_fields
    shown = []
    for name, declared in fields.items():
        held = getattr(part, name)
        if isinstance(held, str):
            shown.append(held)
        elif held != declared.get_default(call_default_factory=True):
            shown.append(f"{name}={held}")
    return shown
