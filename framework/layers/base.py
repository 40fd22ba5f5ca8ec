"""What a layer, loss, metric and initialiser are, and the scope in which they build their part of the graph.

Each is a pydantic model whose fields are its YAML options (`framework.fields` says the kind of each) with a
`build` that adds nodes through the wrappers of `framework.ops`. A new one is a small file of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, Literal, Protocol

from framework.fields import Component, structural, value
from framework.graph import Graph, Tensor
from framework.layers.gathered import Gathered
from framework.registry import Registry


class Mode(StrEnum):
    """Which of the three graphs of an experiment is being built."""

    TRAIN = "train"
    EVALUATE = "evaluate"
    PREDICT = "predict"


class Scope(Protocol):
    """What a component sees while it builds: the graph, its own place in the configuration, and the variables.

    graph: the graph that is being built. mode: which of the three it is.
    weights: `[batch]` float32, 1 for a real example and 0 for one that only pads the last batch; None when every
    batch is full.
    """

    graph: Graph
    mode: Mode
    weights: Tensor | None

    def tensor(self, name: str) -> Tensor:
        """A layer's output, an input of the model, or any tensor of the graph (`conv1/Relu:0`), by its name.

        Raises GraphError with the nearest name.
        """
        ...

    def value(self, field: str, number: float, *, exact: bool = False) -> Tensor:
        """The scalar `Hyper/<path of the component>/<field>`, whose value is given at run time.

        In the type that the component computes in; exact: in float32, whatever that is.
        """
        ...

    def variable(
        self,
        name: str,
        shape: Sequence[int],
        initializer: Initializer,
        *,
        trainable: bool = True,
        exact: bool = False,
    ) -> Tensor:
        """The float32 variable `<name of the layer>/<name>`; the same one in every mode, and when a layer is shared.

        One that is trained is read in the type that the component computes in, unless it is wanted exact.
        """
        ...

    def update(self, variable: Tensor, new_value: Tensor) -> None:
        """Has a variable take a new value at every training step (moving averages)."""
        ...

    def parameters(self, pattern: str) -> list[Tensor]:
        """The trainable variables whose name matches a pattern such as `*/kernel`. Raises GraphError if none does."""
        ...

    def dimension(self, size: int | str) -> int:
        """A size, or the number that the data set declares under that name (`num_classes`). Raises GraphError."""
        ...

    def categories(self, feature: str) -> Sequence[str] | None:
        """The names of the categories that a feature of the data numbers; None for a name that is no such feature."""
        ...

    def warn(self, message: str) -> None:
        """Notes what can be built, and is hardly meant: it is said in the plan, and when the run starts."""
        ...

    def balance(self, feature: str) -> Tensor:
        """Weights float32 `[categories]` by which each category of a feature counts the same over the training split.

        They are learned of the data before the first step. Raises GraphError for a feature without categories.
        """
        ...


class Initializer(Component):
    """How a variable gets its first value."""

    def build(self, scope: Scope, shape: Sequence[int]) -> Tensor:
        """A float32 tensor of `shape` that holds the first value."""
        raise NotImplementedError


class Layer(Component):
    """A layer reads tensors and returns one.

    arity: how many tensors it reads; None for one or more.
    """

    arity: ClassVar[int | None] = 1

    inputs: list[str] | None = structural(
        None, "names of the layers, model inputs or tensors it reads; by default the layer before it"
    )
    share: str | None = structural(None, "name of a layer whose options and variables it takes over")

    def build(self, scope: Scope, *inputs: Tensor) -> Tensor:
        """Adds the layer's nodes. Raises GraphError when the inputs do not fit."""
        raise NotImplementedError


class Loss(Component):
    """A loss is a tensor `[batch]` (its weighted mean is taken over the real examples) or a scalar."""

    weight: float = value(1.0, "factor of this loss in the sum that is minimised", ge=0)

    def build(self, scope: Scope) -> Tensor:
        """Adds the loss's nodes. Raises GraphError when what it names does not fit."""
        raise NotImplementedError


class Metric(Component):
    """What is reported beside the losses.

    Most are means: `build` gives a tensor `[batch]`, one value an example, of which the mean over all examples is
    reported. Others are computed of all examples of a split at once: `build` gives what is `Gathered` for that, and
    they are reported where a split is evaluated, not while training.

    gives: `mean`; or, of what is gathered, a `number` or a `table`.
    """

    higher_is_better: ClassVar[bool] = False
    gives: ClassVar[Literal["mean", "number", "table"]] = "mean"

    def build(self, scope: Scope) -> Tensor | Gathered:
        """Adds the metric's nodes. Raises GraphError when what it names does not fit."""
        raise NotImplementedError


LAYERS: Registry[type[Layer]] = Registry("layer")
LOSSES: Registry[type[Loss]] = Registry("loss")
METRICS: Registry[type[Metric]] = Registry("metric")
INITIALIZERS: Registry[type[Initializer]] = Registry("initializer")
