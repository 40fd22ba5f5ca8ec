"""The `framework.layers.Scope` of one component: its path in the configuration and its place in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from framework import ops
from framework.build import inputs
from framework.build.building import Building, ReadsBrokenError
from framework.build.precision import converted
from framework.errors import GraphError
from framework.graph import Tensor
from framework.layers import Initializer, Mode
from framework.registry import did_you_mean


class PartScope:
    """path: of the component in the configuration. prefix: of its nodes. variables: of its variables, if another's.

    dtype: the type that the component computes in.
    """

    def __init__(
        self,
        building: Building,
        path: tuple[str, ...],
        prefix: str,
        variables: str | None = None,
        dtype: str = "float32",
    ):
        self._building, self._dtype = building, dtype
        self.path, self.prefix, self._variables = path, prefix, variables or prefix
        self.graph, self.mode, self.weights = building.graph, building.mode, building.weights

    def tensor(self, name: str) -> Tensor:
        return converted(self.graph, self._building.resolve(name), self._dtype)

    def value(self, field: str, number: float, *, exact: bool = False) -> Tensor:
        tensor = self._building.hyper("/".join((*self.path, field)), float(number))
        return tensor if exact else converted(self.graph, tensor, self._dtype)

    def variable(
        self,
        name: str,
        shape: Sequence[int],
        initializer: Initializer,
        *,
        trainable: bool = True,
        exact: bool = False,
    ) -> Tensor:
        full = f"{self._variables}{name}"
        known = full in self.graph.nodes
        variable = self._shared(full, shape) if known else self._added(full, shape, initializer, trainable)
        return converted(self.graph, variable, self._dtype) if trainable and not exact else variable

    def _added(self, full: str, shape: Sequence[int], initializer: Initializer, trainable: bool) -> Tensor:
        built, graph = self._building.built, self.graph
        name = full.removeprefix(self._variables)
        with graph.name_scope(self._variables):
            variable = ops.variable(shape=tuple(shape), dtype="float32", name=name)
        (built.parameters if trainable else built.state)[full] = variable.spec
        if self.mode is Mode.TRAIN:
            with graph.name_scope(f"{full}_initializer/"):
                first = initializer.build(PartScope(self._building, (*self.path, f"{name}_initializer"), ""), shape)
                self._building.initial[full] = ops.assign(variable, first)
                built.initial[full] = first.name
        return variable

    def _shared(self, name: str, shape: Sequence[int]) -> Tensor:
        variable = self.graph.tensor(name)
        if variable.shape != tuple(shape):
            raise GraphError(
                f"it shares the variable '{name}' {list(variable.shape or ())}, but would need the shape {list(shape)}",
                hint="layers that share variables read tensors of one width",
            )
        return variable

    def update(self, variable: Tensor, new_value: Tensor) -> None:
        self._building.assignments.append(ops.assign(variable, new_value).op.name)

    def parameters(self, pattern: str) -> list[Tensor]:
        names = [name for name in self._building.built.parameters if fnmatchcase(name, pattern)]
        if not names and self._building.broken:
            raise ReadsBrokenError
        if not names:
            listed = ", ".join(self._building.built.parameters) or "none"
            raise GraphError(f"the pattern '{pattern}' matches no parameter  parameters: {listed}")
        return [self.graph.tensor(name) for name in names]

    def dimension(self, size: int | str) -> int:
        if not isinstance(size, str):
            if size < 1:
                raise GraphError(f"a size must be at least 1, found {size}")
            return size
        dimensions = self._building.spec.dimensions
        if size not in dimensions:
            known = ", ".join(f"{name} = {number}" for name, number in dimensions.items()) or "none"
            raise GraphError(
                f"'{size}' is no number, and the data set declares none of that name"
                f"{did_you_mean(size, dimensions)}  declared: {known}"
            )
        return dimensions[size]

    def categories(self, feature: str) -> Sequence[str] | None:
        spec = self._building.spec
        found = spec.features.get(feature)
        if found is None or not found.dtype.is_integer:
            return None
        count = found.categories or (spec.dimensions.get("num_classes") if feature in spec.targets else None)
        if count is None:
            return None
        names = spec.class_names or ()
        return names if len(names) == count else tuple(map(str, range(count)))

    def warn(self, message: str) -> None:
        self._building.warn(message)

    def balance(self, feature: str) -> Tensor:
        known = self.categories(feature)
        if known is None:
            raise GraphError(
                f"the classes of '{feature}' cannot be balanced, since it is no feature of class numbers",
                hint="give the weights themselves: a number for each class",
            )
        return inputs.balance(self._building, feature, len(known))
