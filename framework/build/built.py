"""What building gives: a graph of an experiment, and the names by which the rest of the framework runs it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from framework.graph import Graph, TensorSpec
from framework.graph.fingerprint import fingerprint
from framework.layers import Mode
from framework.layers.gathered import Gathered

SKIPPED = "skipped"  # the report of a step that is left out where it is not finite


@dataclass(frozen=True)
class LayerNote:
    """What a plan says of a layer: its type, the tensor it gives, and the variables it was the first to use."""

    name: str
    type: str
    output: str
    variables: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """A number that is reported: `mean of total over the examples + offset`, as tensor names.

    mean: the scalar of one batch. total: the sum over the examples of a batch, or None. offset: what does not depend
    on the examples, or None.
    """

    mean: str
    total: str | None
    offset: str | None


@dataclass
class Built:
    """A graph of an experiment, and the names by which the rest of the framework runs it.

    features: data feature -> the placeholder it is fed to. weights: the placeholder `[batch]` of the examples'
    weights, or None. outputs: output of the model -> tensor. reports: `loss`, each metric that is a mean, and SKIPPED.
    gathered: each metric of whole splits, in the graph that evaluates.
    parameters, state: the trainable and the other variables. frozen: the parameters that training leaves as they are.
    initial: variable -> the tensor of its first value, in the graph that trains.
    hyper: runtime value (`Hyper/...:0`) -> number.
    statistics: variable -> (feature, "mean", "scale" or "balance") learned from the training split.
    histograms: tag -> the three outputs of a HistogramBuckets node. train_op, init_op: nodes that are run.
    structure: the structural options of the experiment, as JSON. warnings: what can be built, and is hardly meant.
    """

    graph: Graph
    mode: Mode
    features: dict[str, str] = field(default_factory=dict)
    weights: str | None = None
    layers: list[LayerNote] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    gathered: dict[str, Gathered] = field(default_factory=dict)
    parameters: dict[str, TensorSpec] = field(default_factory=dict)
    state: dict[str, TensorSpec] = field(default_factory=dict)
    frozen: list[str] = field(default_factory=list)
    initial: dict[str, str] = field(default_factory=dict)
    statistics: dict[str, tuple[str, str]] = field(default_factory=dict)
    hyper: dict[str, float | int] = field(default_factory=dict)
    histograms: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    train_op: str | None = None
    init_op: str | None = None
    structure: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def trained(self) -> list[str]:
        """The parameters that training changes."""
        return [name for name in self.parameters if name not in self.frozen]

    @property
    def fingerprint(self) -> str:
        """Equal for experiments that can share programs and data: the graph's, and that of the structural options."""
        return hashlib.sha256(f"{fingerprint(self.graph)}{self.structure}".encode()).hexdigest()
