"""What an op is: its inputs, outputs, attributes with defaults, statefulness, shape function, or its body.

How an op is computed is not said here; that is a kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from framework.errors import GraphError
from framework.graph.dtypes import DType
from framework.graph.shapes import Shape, show
from framework.registry import Registry, did_you_mean

if TYPE_CHECKING:
    from framework.graph.body import Body
    from framework.graph.resources import Handle


@dataclass(frozen=True)
class AttrDef:
    """An attribute: its type (`int`, `float`, `bool`, `string`, `type`, `shape`, `tensor`, `func`, `list(...)`).

    default: None when the attribute must be given or inferred from the inputs.
    allowed: the values it may have, or None for any.
    minimum: the least value of an int, or the least length of a list.
    """

    name: str
    type: str
    default: Any = None
    allowed: tuple[Any, ...] | None = None
    minimum: int | None = None


@dataclass(frozen=True)
class ArgDef:
    """An input or output. Exactly one of `dtype`, `type_attr` and `type_list_attr` is set."""

    name: str
    dtype: DType | None = None
    type_attr: str | None = None
    type_list_attr: str | None = None
    number_attr: str | None = None
    is_ref: bool = False


@dataclass(frozen=True)
class Call:
    """One use of an op, as its shape function sees it before the node exists.

    shapes, dtypes: of the inputs in order. constants: per input, its value where it is known statically, else None.
    library: the functions of the graph, by name. handles: per input, the variable that it stands for, else None.
    """

    op: OpDef
    node: str
    attrs: Mapping[str, Any]
    shapes: Sequence[Shape]
    dtypes: Sequence[DType]
    constants: Sequence[np.ndarray | None]
    library: Mapping[str, Body] = field(default_factory=dict)
    handles: Sequence[Handle | None] = ()

    def fail(self, message: str, hint: str | None = None) -> GraphError:
        """The error to raise when this use of the op cannot be."""
        return GraphError(f"{self.op.name}: {message}", node=self.node, hint=hint)

    def rank(self, index: int, *allowed: int) -> Shape:
        """The shape of input `index`, which must have one of the allowed ranks when its rank is known."""
        shape = self.shapes[index]
        if shape is not None and len(shape) not in allowed:
            name = self.op.input_name(index)
            ranks = " or ".join(str(r) for r in allowed)
            raise self.fail(f"input '{name}' must have rank {ranks}, found shape {show(shape)}")
        return shape


ShapeFunction = Callable[[Call], Sequence[Shape]]
FlopsFunction = Callable[[Call, Sequence[Shape]], int | None]


@dataclass(frozen=True, eq=False)
class OpDef:
    """The interface of an op; see `register_op` for the arguments."""

    name: str
    inputs: tuple[ArgDef, ...]
    outputs: tuple[ArgDef, ...]
    attrs: Mapping[str, AttrDef]
    shape: ShapeFunction
    is_stateful: bool = False
    is_traceable: bool = True
    fold: Callable[..., Any] | None = None
    flops: FlopsFunction | None = None
    body: Callable[..., Any] | None = None
    wrapper: str | None = None
    doc: str = ""

    def input(self, index: int) -> ArgDef:
        """The declaration of flat input `index`; of one too many, that of the last."""
        return self.inputs[min(index, len(self.inputs) - 1)] if self.inputs else ArgDef(str(index))

    def input_name(self, index: int) -> str:
        """The declared name of flat input `index`."""
        return self.input(index).name


OPS: Registry[OpDef] = Registry("op")


def lookup(op: str, node: str | None = None) -> OpDef:
    """The declaration of `op`. Raises GraphError that names the node and the nearest op."""
    found = OPS.get(op)
    if found is None:
        raise GraphError(f"there is no op '{op}'{did_you_mean(op, OPS)}", node=node)
    return found
