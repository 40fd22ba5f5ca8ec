"""Variables: tensors that keep their value from one run to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from framework import ops
from framework.errors import GraphError
from framework.graph import Operation, Tensor, as_dtype, convert_to_tensor, get_default_graph
from framework.graph.shapes import is_known
from framework.graph.tensor import as_array
from framework.ops.apply import DTypeLike, TensorLike
from framework.tf.collections import GraphKeys, get_collection

VARIABLE = "VariableV2"
_INITIALIZER = "Assign"


class Variable(Tensor):
    """A tensor that a session keeps, and that ops can change. It reads as its value wherever a tensor does.

    initial_value: a tensor, an array or number, or a function of no arguments that gives one; its shape must be known.
    trainable: whether optimizers change it unless they are told otherwise. name: made unique; by default `Variable`.
    dtype: by default that of `initial_value`. collections: keys besides which it is found; by default the variables.
    Raises GraphError for an initial value of unknown shape, or one that does not fit `dtype`.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/Variable
    """

    __slots__ = ()

    def __init__(
        self,
        initial_value: TensorLike | Callable[[], TensorLike],
        trainable: bool = True,
        collections: Sequence[str] | None = None,
        name: str = "Variable",
        dtype: DTypeLike | None = None,
    ):
        graph, wanted = get_default_graph(), None if dtype is None else as_dtype(dtype)
        with graph.control_dependencies(None), graph.name_scope(name) as scope:
            value: Any = initial_value() if callable(initial_value) else initial_value
            if not isinstance(value, Tensor):
                value = convert_to_tensor(as_array(value, wanted), graph, dtype=wanted, name="initial_value")
            if wanted is not None and value.dtype is not wanted:
                raise GraphError(f"the initial value is {value.dtype}, not {wanted}", node=scope.rstrip("/"))
            if not is_known(value.shape):
                raise GraphError(f"the shape of the initial value {value!r} must be known", node=scope.rstrip("/"))
            attrs = {"dtype": value.dtype, "shape": value.shape}
            super().__init__(graph.add(VARIABLE, attrs=attrs, name=scope), 0)
            graph.add("Assign", [self, value], name=_INITIALIZER)
        for key in collections if collections is not None else [GraphKeys.GLOBAL_VARIABLES]:
            graph.collect(key, self.name)
        if trainable:
            graph.collect(GraphKeys.TRAINABLE_VARIABLES, self.name)

    @classmethod
    def of(cls, tensor: Tensor) -> Variable:
        """The variable that a tensor of it stands for, such as one of a graph that was read from a file."""
        variable = cls.__new__(cls)
        Tensor.__init__(variable, tensor.op, tensor.index)
        return variable

    @property
    def initializer(self) -> Operation:
        """The operation that gives the variable its initial value. Raises NotFoundError where the graph has none."""
        return self.graph.operation(f"{self.op.name}/{_INITIALIZER}")

    @property
    def initial_value(self) -> Tensor:
        """The tensor of the initial value."""
        return self.initializer.inputs[1]

    @property
    def trainable(self) -> bool:
        """Whether optimizers change the variable unless they are told otherwise."""
        return self.name in self.graph.collections.get(GraphKeys.TRAINABLE_VARIABLES, ())

    def value(self) -> Tensor:
        """The value as a tensor of its own, read behind the control dependencies of the moment."""
        return ops.identity(self, name=f"{self.op.name.rpartition('/')[2]}/read")

    def read_value(self) -> Tensor:
        """As `value`."""
        return self.value()

    def initialized_value(self) -> Tensor:
        """The initial value, for the initial value of another variable to follow from."""
        return self.initial_value

    def assign(self, value: TensorLike, name: str | None = None) -> Tensor:
        """Gives the variable a value when run, and gives it."""
        return ops.assign(self, value, name=name)

    def assign_add(self, delta: TensorLike, name: str | None = None) -> Tensor:
        """Adds to the variable when run, and gives the sum."""
        return ops.assign_add(self, delta, name=name)

    def assign_sub(self, delta: TensorLike, name: str | None = None) -> Tensor:
        """Subtracts from the variable when run, and gives the difference."""
        return ops.assign_sub(self, delta, name=name)

    def eval(self, session: Any = None) -> Any:
        """The value in a session, by default the default one. Raises as `Session.run` does."""
        return super().eval(session=session)

    def load(self, value: Any, session: Any = None) -> None:
        """Gives the variable a value in a session, by default the default one."""
        self.initializer.run({self.initial_value: value}, session)

    def __repr__(self) -> str:
        return f"<Variable '{self.name}' {self.spec}>"


def global_variables(scope: str | None = None) -> list[Variable]:
    """All variables of the default graph."""
    return get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list[Variable]:
    """The variables of the default graph that optimizers change."""
    return get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def variables_initializer(var_list: Iterable[Variable], name: str = "init") -> Operation:
    """An operation that gives variables their initial values."""
    return group(*(variable.initializer for variable in var_list), name=name)


def global_variables_initializer() -> Operation:
    """An operation that gives all variables there are by now in the default graph their initial values.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/global_variables_initializer
    """
    return variables_initializer(global_variables())


def report_uninitialized_variables(
    var_list: Iterable[Variable] | None = None, name: str = "report_uninitialized_variables"
) -> Tensor:
    """The names of those variables that have no value yet, string `[how many]`; by default of all.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/report_uninitialized_variables
    """
    variables = list(global_variables() if var_list is None else var_list)
    with get_default_graph().name_scope(name), get_default_graph().control_dependencies(None):
        names = ops.constant(np.array([variable.op.name.encode() for variable in variables], object), "string")
        if not variables:
            return names
        missing = ops.stack([ops.logical_not(ops.is_variable_initialized(variable)) for variable in variables])
        return ops.gather_nd(names, ops.positions_where(missing))


def group(*inputs: Tensor | Operation, name: str = "group_deps") -> Operation:
    """An operation that has run when all `inputs` have.

    Source: https://www.tensorflow.org/api_docs/python/tf/group
    """
    graph = inputs[0].graph if inputs else get_default_graph()
    return graph.add("NoOp", name=name, control_inputs=inputs)
