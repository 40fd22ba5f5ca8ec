"""Operation and Tensor: how Python code holds a node and one of its outputs. Neither has a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from framework.errors import GraphError
from framework.graph.defaults import Runner, run_in
from framework.graph.dtypes import DType, as_dtype, string
from framework.graph.node import Node, TensorSpec
from framework.graph.shapes import Shape, show

if TYPE_CHECKING:
    from framework.graph.graph import Graph


class Operation:
    """A node seen together with its graph."""

    __slots__ = ("graph", "node")

    def __init__(self, graph: Graph, node: Node):
        self.graph = graph
        self.node = node

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def type(self) -> str:
        """The name of the op."""
        return self.node.op

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return tuple(self.graph.tensor(name) for name in self.node.inputs)

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        return tuple(Tensor(self, k) for k in range(len(self.node.outputs)))

    @property
    def control_inputs(self) -> tuple[Operation, ...]:
        return tuple(self.graph.operation(name) for name in self.node.control_inputs)

    def get_attr(self, name: str) -> Any:
        """The value of an attribute. Raises GraphError when the op has none of that name."""
        if name not in self.node.attrs:
            raise GraphError(f"{self.type} has no attribute '{name}'", node=self.name)
        return self.node.attrs[name]

    def run(self, feed_dict: Mapping[Any, Any] | None = None, session: Runner | None = None) -> None:
        """Runs the operation in `session`, by default in the default one. Raises as `Session.run` does."""
        run_in(session, self, self.graph, feed_dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Operation) and other.node is self.node

    def __hash__(self) -> int:
        return id(self.node)

    def __repr__(self) -> str:
        return f"<Operation '{self.name}' {self.type}>"


class Tensor:
    """One output of an operation: a name, an element type and a static shape, but no value."""

    __slots__ = ("index", "op")
    __array_priority__ = 100  # so that `array * tensor` asks the tensor

    def __init__(self, op: Operation, index: int):
        self.op = op
        self.index = index

    @property
    def graph(self) -> Graph:
        return self.op.graph

    @property
    def name(self) -> str:
        return f"{self.op.node.name}:{self.index}"

    @property
    def spec(self) -> TensorSpec:
        return self.op.node.outputs[self.index]

    @property
    def dtype(self) -> DType:
        return self.spec.dtype

    @property
    def shape(self) -> Shape:
        """A tuple with None for an unknown dimension; None when the rank is unknown."""
        return self.spec.shape

    def get_shape(self) -> Shape:
        """The static shape, as `shape`."""
        return self.shape

    def consumers(self) -> list[Operation]:
        """The operations that read the tensor."""
        return [Operation(self.graph, node) for node in self.graph if self.name in node.inputs]

    def eval(self, feed_dict: Mapping[Any, Any] | None = None, session: Runner | None = None) -> Any:
        """The value of the tensor in `session`, by default in the default one. Raises as `Session.run` does."""
        return run_in(session, self, self.graph, feed_dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tensor) and other.op == self.op and other.index == self.index

    def __hash__(self) -> int:
        return hash((id(self.op.node), self.index))

    def __repr__(self) -> str:
        return f"<Tensor '{self.name}' {self.dtype}{show(self.shape)}>"

    # A symbolic tensor has no value, and Python must not be let believe otherwise.
    def _no_value(self, what: str) -> NoReturn:
        raise TypeError(f"{self!r} is symbolic and {what}; run it in a Session to get a value")

    def __bool__(self) -> NoReturn:
        self._no_value("is neither true nor false")

    def __len__(self) -> NoReturn:
        self._no_value("has no length")

    def __iter__(self) -> NoReturn:
        self._no_value("cannot be iterated over")

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        self._no_value("holds no array")

    def __float__(self) -> NoReturn:
        self._no_value("is no number")

    __int__ = __index__ = __float__

    # Operators add nodes. The op is named here, and declared like every other.
    def __add__(self, other: Any) -> Tensor:
        return self._binary("AddV2", "add", self, other)

    def __radd__(self, other: Any) -> Tensor:
        return self._binary("AddV2", "add", other, self)

    def __sub__(self, other: Any) -> Tensor:
        return self._binary("Sub", "sub", self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return self._binary("Sub", "sub", other, self)

    def __mul__(self, other: Any) -> Tensor:
        return self._binary("Mul", "mul", self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return self._binary("Mul", "mul", other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return self._quotient(self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return self._quotient(other, self)

    def __floordiv__(self, other: Any) -> Tensor:
        return self._binary("FloorDiv", "floordiv", self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return self._binary("FloorDiv", "floordiv", other, self)

    def __mod__(self, other: Any) -> Tensor:
        return self._binary("FloorMod", "mod", self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return self._binary("FloorMod", "mod", other, self)

    def __pow__(self, other: Any) -> Tensor:
        return self._binary("Pow", "pow", self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return self._binary("Pow", "pow", other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return self._product("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return self._product("matmul", other, self)

    # `==` asks whether two tensors are the same one; `equal` compares their values.
    def __lt__(self, other: Any) -> Tensor:
        return self._binary("Less", "less", self, other)

    def __le__(self, other: Any) -> Tensor:
        return self._binary("LessEqual", "less_equal", self, other)

    def __gt__(self, other: Any) -> Tensor:
        return self._binary("Greater", "greater", self, other)

    def __ge__(self, other: Any) -> Tensor:
        return self._binary("GreaterEqual", "greater_equal", self, other)

    def __and__(self, other: Any) -> Tensor:
        return self._binary("LogicalAnd", "and", self, other)

    def __or__(self, other: Any) -> Tensor:
        return self._binary("LogicalOr", "or", self, other)

    def __xor__(self, other: Any) -> Tensor:
        return self._binary("NotEqual", "xor", self, other)

    def __invert__(self) -> Tensor:
        return self.graph.add("LogicalNot", [self], name="invert").outputs[0]

    def __getitem__(self, key: Any) -> Tensor:
        from framework.graph.indexing import index  # which is made of tensors

        return index(self, key)

    def __neg__(self) -> Tensor:
        return self.graph.add("Neg", [self], name="neg").outputs[0]

    def __abs__(self) -> Tensor:
        return self.graph.add("Abs", [self], name="abs").outputs[0]

    def _quotient(self, left: Any, right: Any) -> Tensor:
        """left / right, whole numbers as fractions: of 64 bits, or of 32 where they have 16 or fewer."""
        a, b = (convert_to_tensor(x, self.graph, dtype=self.dtype) for x in (left, right))
        if self.dtype.is_integer:
            attrs = {"DstT": as_dtype("float32" if self.dtype.size <= 2 else "float64")}
            a, b = (self.graph.add("Cast", [x], attrs).outputs[0] for x in (a, b))
        return self.graph.add("RealDiv", [a, b], name="truediv").outputs[0]

    def _product(self, name: str, left: Any, right: Any) -> Tensor:
        a, b = (convert_to_tensor(x, self.graph, dtype=self.dtype) for x in (left, right))
        is_batch = any(x.shape is not None and len(x.shape) > 2 for x in (a, b))
        return self.graph.add("BatchMatMulV2" if is_batch else "MatMul", [a, b], name=name).outputs[0]

    def _binary(self, op: str, name: str, left: Any, right: Any) -> Tensor:
        a, b = (convert_to_tensor(x, self.graph, dtype=self.dtype) for x in (left, right))
        return self.graph.add(op, [a, b], name=name).outputs[0]


Convert = Callable[..., Tensor]


def convert_to_tensor(value: Any, graph: Graph, dtype: DType | None = None, name: str = "Const") -> Tensor:
    """`value` as a tensor of `graph`: a tensor as it is, anything else as a Const node.

    dtype: of the constant; by default float32 for floating-point numbers and int32 for Python's integers.
    Raises GraphError when the value cannot be held in that type.
    """
    if isinstance(value, Tensor):
        return value
    array = as_array(value, dtype)
    attrs = {"value": array, "dtype": dtype or as_dtype(array.dtype)}
    return graph.add("Const", attrs=attrs, name=name).outputs[0]


def as_array(value: Any, dtype: DType | None = None) -> np.ndarray:
    """`value` as a NumPy array of `dtype`, Python's numbers becoming float32 and int32 when none is given.

    Raises GraphError when that would lose what the value says (a fraction in an integer, a ragged list).
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise GraphError(f"cannot make a constant of {value!r}: {error}") from None
    if dtype is None:
        if not isinstance(value, (np.ndarray, np.generic)):
            dtype = {"f": as_dtype("float32"), "i": as_dtype("int32")}.get(array.dtype.kind)
        if array.dtype.kind in "USO":
            dtype = string
        if dtype is None:
            return array
    if dtype is string:
        return np.asarray(value, dtype=object)
    if array.size and (
        (array.dtype.kind == "f" and dtype.is_integer) or (array.dtype.kind == "c" and not dtype.is_complex)
    ):
        raise GraphError(f"the constant {value!r} does not fit {dtype}")
    if dtype.is_integer and array.size and array.dtype.kind in "iu":
        limits = np.iinfo(dtype.numpy)
        if array.min() < limits.min or array.max() > limits.max:
            raise GraphError(f"the constant {value!r} does not fit {dtype}")
    try:
        return array.astype(dtype.numpy)
    except OverflowError:
        raise GraphError(f"a constant, such as a size, does not fit {dtype}: it takes more than 64 bits") from None
