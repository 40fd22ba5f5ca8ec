"""From an Experiment to a Graph: layers, losses, metrics, gradients and update become named ops. No JAX yet.

This is the only file that knows all parts. The three graphs of an experiment (train, evaluate, predict) hold the same
variables under the same names. The boxes that TensorBoard shows are: `Data`, one a layer, `Loss`, `Metrics`, `Train`,
`Hyper`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from framework import ops
from framework.config.experiment import Experiment, structure
from framework.data import DataSpec, Feature
from framework.errors import ConfigError, GraphError, Mistake
from framework.graph import Graph, Tensor, TensorSpec
from framework.graph.fingerprint import fingerprint
from framework.graph.hyper import add_hyper
from framework.graph.node import split
from framework.graph.ordering import Reference, in_order
from framework.layers import LAYERS, Initializer, Layer, Loss, Mode
from framework.registry import did_you_mean

RESERVED = ("Data", "Hyper", "Loss", "Metrics", "Summaries", "Train")


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
    weights, or None. outputs: output of the model -> tensor. reports: `loss`, each loss and each metric.
    parameters, state: the trainable and the other variables. hyper: runtime value (`Hyper/...:0`) -> number.
    statistics: variable -> (feature, "mean" or "scale") learned from the training split.
    histograms: tag -> the three outputs of a HistogramBuckets node. train_op, init_op: nodes that are run.
    structure: the structural options of the experiment, as JSON.
    """

    graph: Graph
    mode: Mode
    features: dict[str, str] = field(default_factory=dict)
    weights: str | None = None
    layers: list[LayerNote] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    parameters: dict[str, TensorSpec] = field(default_factory=dict)
    state: dict[str, TensorSpec] = field(default_factory=dict)
    statistics: dict[str, tuple[str, str]] = field(default_factory=dict)
    hyper: dict[str, float | int] = field(default_factory=dict)
    histograms: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    train_op: str | None = None
    init_op: str | None = None
    structure: str = ""

    @property
    def fingerprint(self) -> str:
        """Equal for experiments that can share programs and data: the graph's, and that of the structural options."""
        return hashlib.sha256(f"{fingerprint(self.graph)}{self.structure}".encode()).hexdigest()


def build(experiment: Experiment, mode: Mode) -> Built:
    """The graph of an experiment in one mode.

    Raises ConfigError with every mistake that shows only here: references that dangle or go in circles, shapes that
    do not fit, patterns that match nothing.
    """
    return _Builder(experiment, mode, experiment.dataset.spec()).build()


class _Builder:
    """The state of one building: what has been built so far, and what went wrong."""

    def __init__(self, experiment: Experiment, mode: Mode, spec: DataSpec):
        self.experiment, self.mode, self.spec = experiment, mode, spec
        self.graph = Graph()
        self.built = Built(self.graph, mode, structure=json.dumps(structure(experiment), sort_keys=True, default=str))
        self.tensors: dict[str, Tensor] = {}  # layers and outputs by name, and features once they are read
        self.broken: set[str] = set()  # layers that could not be built; what reads them is passed over in silence
        self.mistakes: list[Mistake] = []
        self.assignments: list[str] = []  # moving averages
        self.initial: dict[str, Tensor] = {}  # variable -> the output of its first assignment
        self.weights: Tensor | None = None

    def build(self) -> Built:
        self.hyper("seed", self.experiment.seed)
        self.graph.seed_node = "Hyper/seed"
        self._check_batch()
        self._add_weights()
        self._add_layers()
        self._add_outputs()
        if self.mode is not Mode.PREDICT:
            reported = [*self._add_losses(), *self._add_metrics()]
            if not self.mistakes and self.mode is Mode.TRAIN and reported:
                self._add_training()
        if self.mistakes:
            raise ConfigError(self.mistakes)
        return self.built

    def hyper(self, path: str, number: float | int) -> Tensor:
        """The runtime value `Hyper/<path>`."""
        tensor = add_hyper(self.graph, path, number)
        self.built.hyper[tensor.name] = number
        return tensor

    def fail(self, path: Sequence[str], error: GraphError, related: tuple[str, ...] | None = None) -> None:
        """Notes a mistake and goes on, so that all are found at once."""
        self.mistakes.append(Mistake(tuple(path), error.message, error.hint, error.related or related))

    # -- data -----------------------------------------------------------------------------------------------------

    @property
    def batch(self) -> int | None:
        """Examples a step: known while training, any number otherwise."""
        if self.mode is not Mode.TRAIN:
            return None
        size = self.experiment.trainer.batch_size
        return self.spec.sizes["train"] if size == "all" else int(size)

    def _check_batch(self) -> None:
        examples = self.spec.sizes["train"]
        if self.batch is not None and self.batch > examples:
            hint = f"set trainer.batch_size to at most {examples}, or to all"
            message = f"a batch of {self.batch} is larger than the training split of {examples} examples"
            self.fail(("trainer", "batch_size"), GraphError(message, hint=hint))

    def _add_weights(self) -> None:
        """Adds the examples' weights, where some rows of a batch may only pad it."""
        trainer, examples = self.experiment.trainer, self.spec.sizes["train"]
        divides = self.batch is not None and examples % self.batch == 0
        if self.mode is Mode.PREDICT or (self.mode is Mode.TRAIN and (trainer.drop_last or divides)):
            return
        with self.graph.as_default(), self.graph.name_scope("Data/"):
            self.weights = ops.placeholder(dtype="float32", shape=(self.batch,), name="weights")
        self.built.weights = self.weights.name

    def feature(self, name: str) -> Tensor:
        """A feature of the data as the model sees it: float32 and normalised, or the labels as they are."""
        if name not in self.tensors:
            self.tensors[name] = self._add_feature(self.spec.features[name])
        return self.tensors[name]

    def _add_feature(self, feature: Feature) -> Tensor:
        with self.graph.as_default(), self.graph.name_scope("Data/"):
            raw = ops.placeholder(dtype=feature.dtype, shape=(self.batch, *feature.shape), name=feature.name)
            self.built.features[feature.name] = raw.name
            if feature.name in self.spec.targets:
                return raw
            with self.graph.name_scope(f"prepare_{feature.name}"):
                x = raw if feature.dtype.name == "float32" else ops.cast(raw, "float32")
                x = x if feature.scale == 1 else x * feature.scale
                return x if self.experiment.dataset.normalize == "none" else self._normalized(x, feature)

    def _normalized(self, x: Tensor, feature: Feature) -> Tensor:
        """`(x - mean) / scale` by what was learned from the training split; the trainer fills the two variables."""
        width = feature.shape[-1:] or (1,)
        learned = []
        for role in ("mean", "scale"):
            variable = ops.variable(shape=width, dtype="float32", name=role)
            self.built.state[variable.op.name] = variable.spec
            self.built.statistics[variable.op.name] = (feature.name, role)
            learned.append(variable)
        return (x - learned[0]) / learned[1]

    # -- layers ---------------------------------------------------------------------------------------------------

    def _add_layers(self) -> None:
        layers = self.experiment.model.layers
        for name in layers:
            if name.lower() in {r.lower() for r in RESERVED} or name in self.spec.features:
                self.fail(("model", "layers", name), GraphError(f"a layer cannot be called '{name}', which is taken"))
        known = [*layers, *self.spec.inputs]
        order, mistakes = in_order({name: self._references(name, layer) for name, layer in layers.items()}, known)
        self.mistakes.extend(mistakes)
        self.broken.update(name for name in layers if name not in order)
        for name in order:
            self._add_layer(name, layers[name])

    def _references(self, name: str, layer: Layer) -> list[Reference]:
        """What a layer reads: what `inputs` names, else the layer before it, else the only input of the model."""
        path = ("model", "layers", name)
        if layer.inputs is not None:
            return [Reference(source, (*path, "inputs", str(k))) for k, source in enumerate(layer.inputs)]
        names = list(self.experiment.model.layers)
        position = names.index(name)
        return [Reference(names[position - 1] if position else self.spec.inputs[0], path)]

    def _add_layer(self, name: str, layer: Layer) -> None:
        path = ("model", "layers", name)
        sources = [reference.name for reference in self._references(name, layer)]
        if any(source.partition("/")[0] in self.broken for source in sources):
            self.broken.add(name)
            return
        first = next((s for s in sources if s in self.experiment.model.layers), None)
        try:
            inputs = [self.resolve(source) for source in sources]
            if layer.arity is not None and len(inputs) != layer.arity:
                raise GraphError(f"{LAYERS.name_of(layer)} reads {layer.arity} tensor, found {len(inputs)}: {sources}")
            with self.graph.as_default(), self.graph.name_scope(f"{name}/"):
                output = layer.build(_Scope(self, path, f"{name}/"), *inputs)
        except GraphError as error:
            self.broken.add(name)
            message = error.message if first is None else f"{error.message}, from '{first}'"
            related = None if first is None else ("model", "layers", first)
            self.fail(path, GraphError(message, hint=error.hint), related)
            return
        self.tensors[name] = output
        own = tuple(v for v in (*self.built.parameters, *self.built.state) if v.startswith(f"{name}/"))
        self.built.layers.append(LayerNote(name, LAYERS.name_of(layer), output.name, own))

    def resolve(self, name: str) -> Tensor:
        """The tensor that a configuration calls `name`. Raises GraphError with the nearest name."""
        if name in self.tensors:
            return self.tensors[name]
        if name in self.spec.features and (self.mode is not Mode.PREDICT or name in self.spec.inputs):
            return self.feature(name)
        node, index = split(name)
        if node in self.graph.nodes and index < len(self.graph.nodes[node].outputs):
            return self.graph.tensor(name)
        known = [*self.experiment.model.layers, *self.experiment.model.outputs, *self.spec.features]
        listed = ", ".join(dict.fromkeys(known))
        raise GraphError(
            f"there is no tensor '{name}'{did_you_mean(name, [*known, *self.graph.nodes])}  known: {listed}"
        )

    def _add_outputs(self) -> None:
        for name, source in self.experiment.model.outputs.items():
            if source.partition("/")[0] in self.broken:
                self.broken.add(name)
                continue
            try:
                tensor = self.resolve(source)
            except GraphError as error:
                self.fail(("model", "outputs", name), error)
                self.broken.add(name)
                continue
            self.built.outputs[name] = tensor.name
            self.tensors.setdefault(name, tensor)

    # -- losses and metrics ---------------------------------------------------------------------------------------

    def _add_losses(self) -> list[str]:
        per_example: list[Tensor] = []
        constant: list[Tensor] = []
        for name, loss in self.experiment.loss.items():
            tensor = self._add_part("loss", name, loss)
            if tensor is None:
                continue
            scope = _Scope(self, ("loss", name), f"Loss/{name}/")
            with self.graph.as_default(), self.graph.name_scope(scope.prefix):
                weighted = tensor * scope.value("weight", loss.weight)
            (per_example if tensor.shape != () else constant).append(weighted)
        if not per_example and not constant:
            if not self.mistakes and not self.experiment.loss and self.mode is Mode.TRAIN:
                self.fail(("loss",), GraphError("there is nothing to minimise; declare at least one loss"))
            return []
        with self.graph.as_default(), self.graph.name_scope("Loss/"):
            parts = [_sum(part) for part in (per_example, constant) if part]
        self._report("loss", parts[0] if per_example else None, parts[-1] if constant else None, "Loss/")
        return ["loss"]

    def _add_metrics(self) -> list[str]:
        for name, metric in self.experiment.metrics.items():
            tensor = self._add_part("metrics", name, metric)
            if tensor is not None:
                self._report(name, tensor, None, f"Metrics/{name}/")
        return list(self.experiment.metrics)

    def _add_part(self, section: str, name: str, part: Loss | object) -> Tensor | None:
        """The tensor of a loss or metric: `[batch]`, or a scalar."""
        scope = _Scope(self, (section, name), f"{section.capitalize()}/{name}/")
        try:
            with self.graph.as_default(), self.graph.name_scope(scope.prefix):
                return part.build(scope)  # type: ignore[attr-defined]
        except GraphError as error:
            self.fail((section, name), error)
        except _ReadsBrokenError:
            pass
        return None

    def _report(self, name: str, per_example: Tensor | None, offset: Tensor | None, prefix: str) -> None:
        """Adds what is fetched to report a number: its mean over a batch, and the sums that make it exact over many."""
        with self.graph.as_default(), self.graph.name_scope(prefix):
            total = mean = None
            if per_example is not None and self.weights is not None:
                total = ops.reduce_sum(per_example * self.weights, [0], name="total")
                mean = total / ops.maximum(ops.reduce_sum(self.weights, [0]), 1.0)
            elif per_example is not None:
                total = ops.reduce_sum(per_example, [0], name="total")
                mean = ops.reduce_mean(per_example, [0])
            scalar = _sum([part for part in (mean, offset) if part is not None])
            scalar = ops.identity(scalar, name="mean")
        self.built.reports[name] = Report(
            scalar.name, None if total is None else total.name, None if offset is None else offset.name
        )

    # -- training -------------------------------------------------------------------------------------------------

    def _add_training(self) -> None:
        graph, optimizer = self.graph, self.experiment.optimizer
        if not self.built.parameters:
            self.fail(("model", "layers"), GraphError("the model has no parameters, so there is nothing to train"))
            return
        numbers = optimizer.hyper()
        hyper = [self.hyper(f"optimizer/{path}", number) for path, number in numbers.items()]
        variables = [graph.tensor(name) for name in self.built.parameters]
        attrs = {"optimizer": json.dumps(optimizer.structure(), sort_keys=True), "names": list(numbers)}
        loss = graph.tensor(self.built.reports["loss"].mean)
        with graph.as_default(), graph.name_scope("Train/"):
            types = [v.dtype for v in variables]
            gradients = graph.add("Gradients", [loss, *variables], {"Tys": [loss.dtype], "Txs": types, "Tgrads": []})
            inputs = [*variables, *gradients.outputs, *hyper, loss]
            update = graph.add("Update", inputs, {**attrs, "T": types, "N": len(hyper)})
            train_op = graph.add("NoOp", name="train_op", control_inputs=[update, *self.assignments])
            first = [self.initial[name] for name in self.built.parameters]
            slots = graph.add("InitializeUpdate", [*first, *hyper], {**attrs, "T": types, "N": len(hyper)})
            init_op = graph.add("NoOp", name="init_op", control_inputs=[slots, *self.initial.values()])
        self.built.train_op, self.built.init_op = train_op.name, init_op.name
        if self.experiment.trainer.summaries.histograms:
            self._add_histograms(gradients.outputs)

    def _add_histograms(self, gradients: Sequence[Tensor]) -> None:
        """Adds buckets of every parameter, its gradient, and the output of every layer that has parameters."""
        watched: dict[str, Tensor] = {}
        for name, gradient in zip(self.built.parameters, gradients, strict=True):
            watched[f"parameters/{name}"] = self.graph.tensor(name)
            watched[f"gradients/{name}"] = gradient
        for note in self.built.layers:
            if note.variables:
                watched[f"activations/{note.name}"] = self.graph.tensor(note.output)
        with self.graph.as_default(), self.graph.name_scope("Summaries/"):
            for tag, tensor in watched.items():
                buckets = self.graph.add("HistogramBuckets", [tensor], name=f"{tag}/buckets")
                counts, extent, moments = (t.name for t in buckets.outputs)
                self.built.histograms[tag] = (counts, extent, moments)


class _ReadsBrokenError(Exception):
    """What a loss or metric names could not be built; that mistake is noted already."""


class _Scope:
    """The `framework.layers.Scope` of one component: its path in the configuration and its prefix in the graph."""

    def __init__(self, builder: _Builder, path: tuple[str, ...], prefix: str):
        self._builder = builder
        self.path, self.prefix = path, prefix
        self.graph, self.mode, self.weights = builder.graph, builder.mode, builder.weights

    def tensor(self, name: str) -> Tensor:
        if name.partition("/")[0] in self._builder.broken:
            raise _ReadsBrokenError
        return self._builder.resolve(name)

    def value(self, field: str, number: float) -> Tensor:
        return self._builder.hyper("/".join((*self.path, field)), float(number))

    def variable(self, name: str, shape: Sequence[int], initializer: Initializer, *, trainable: bool = True) -> Tensor:
        built, graph = self._builder.built, self.graph
        full = f"{self.prefix}{name}"
        if full in graph.nodes:
            return graph.tensor(full)
        variable = ops.variable(shape=tuple(shape), dtype="float32", name=name)
        (built.parameters if trainable else built.state)[full] = variable.spec
        if self.mode is Mode.TRAIN:
            with graph.name_scope(f"{full}_initializer/"):
                first = initializer.build(_Scope(self._builder, (*self.path, f"{name}_initializer"), ""), shape)
                self._builder.initial[full] = ops.assign(variable, first)
        return variable

    def update(self, variable: Tensor, new_value: Tensor) -> None:
        self._builder.assignments.append(ops.assign(variable, new_value).op.name)

    def parameters(self, pattern: str) -> list[Tensor]:
        names = [name for name in self._builder.built.parameters if fnmatchcase(name, pattern)]
        if not names and self._builder.broken:
            raise _ReadsBrokenError
        if not names:
            listed = ", ".join(self._builder.built.parameters) or "none"
            raise GraphError(f"the pattern '{pattern}' matches no parameter  parameters: {listed}")
        return [self.graph.tensor(name) for name in names]

    def dimension(self, size: int | str) -> int:
        if not isinstance(size, str):
            return size
        dimensions = self._builder.spec.dimensions
        if size not in dimensions:
            known = ", ".join(f"{name} = {number}" for name, number in dimensions.items()) or "none"
            raise GraphError(
                f"'{size}' is no number, and the data set declares none of that name"
                f"{did_you_mean(size, dimensions)}  declared: {known}"
            )
        return dimensions[size]


def _sum(tensors: Sequence[Tensor]) -> Tensor:
    return tensors[0] if len(tensors) == 1 else ops.add_n(list(tensors))
