"""The state of one building: what has been built so far, and what went wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence

from framework.build import inputs
from framework.build.built import Built
from framework.config.experiment import Experiment, structure
from framework.errors import GraphError, Mistake
from framework.graph import Graph, Tensor
from framework.graph.hyper import add_hyper
from framework.graph.node import split
from framework.layers import Mode
from framework.registry import did_you_mean


class ReadsBrokenError(Exception):
    """What a part reads could not be built; that mistake is noted already."""


class Building:
    """One graph of an experiment while it is being built.

    tensors: layers and outputs by name, and features once they are read. broken: layers and outputs that could not be
    built; what reads them is passed over in silence. mistakes: what went wrong. assignments: nodes that a training
    step runs beside the update (moving averages). initial: variable -> the output of its first assignment.
    weights: the examples' weights `[batch]`, where some rows of a batch may only pad it.
    """

    def __init__(self, experiment: Experiment, mode: Mode):
        self.experiment, self.mode, self.spec = experiment, mode, experiment.dataset.spec()
        self.graph = Graph()
        self.built = Built(self.graph, mode, structure=json.dumps(structure(experiment), sort_keys=True, default=str))
        self.tensors: dict[str, Tensor] = {}
        self.broken: set[str] = set()
        self.mistakes: list[Mistake] = []
        self.assignments: list[str] = []
        self.initial: dict[str, Tensor] = {}
        self.weights: Tensor | None = None

    @property
    def batch(self) -> int | None:
        """Examples a step: known while training, any number otherwise."""
        if self.mode is not Mode.TRAIN:
            return None
        size = self.experiment.trainer.batch_size
        return self.spec.sizes["train"] if size == "all" else int(size)

    def hyper(self, path: str, number: float | int) -> Tensor:
        """The runtime value `Hyper/<path>`."""
        tensor = add_hyper(self.graph, path, number)
        self.built.hyper[tensor.name] = number
        return tensor

    def warn(self, message: str) -> None:
        """Notes what can be built, and is hardly meant; once, however many parts find it."""
        if message not in self.built.warnings:
            self.built.warnings.append(message)

    def fail(self, path: Sequence[str], error: GraphError, related: tuple[str, ...] | None = None) -> None:
        """Notes a mistake and goes on, so that all are found at once."""
        self.mistakes.append(Mistake(tuple(path), error.message, error.hint, error.related or related))

    def is_broken(self, name: str) -> bool:
        """Whether what bears this name, or the layer that holds the node of this name, could not be built."""
        node = split(name)[0]
        return any(node == broken or node.startswith(f"{broken}/") for broken in self.broken)

    def resolve(self, name: str) -> Tensor:
        """The tensor that a configuration calls `name`.

        Raises GraphError with the nearest name, and ReadsBrokenError when it could not be built.
        """
        if self.is_broken(name):
            raise ReadsBrokenError
        if name in self.tensors:
            return self.tensors[name]
        if name in self.spec.features and (self.mode is not Mode.PREDICT or name in self.spec.inputs):
            return inputs.feature(self, name)
        node, index = split(name)
        if node in self.graph.nodes and index < len(self.graph.nodes[node].outputs):
            return self.graph.tensor(name)
        known = [*self.experiment.model.layers, *self.experiment.model.outputs, *self.spec.features]
        listed = ", ".join(dict.fromkeys(known))
        raise GraphError(
            f"there is no tensor '{name}'{did_you_mean(name, [*known, *self.graph.nodes])}  known: {listed}"
        )
