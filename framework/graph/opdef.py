"""What an op is: its inputs, outputs, attributes with defaults, statefulness and shape function.

Declarations are written in the notation of TensorFlow's REGISTER_OP, so that its op pages read side by side:

    register_op("MatMul", inputs="a: T, b: T", outputs="product: T",
                attrs="transpose_a: bool = false, T: {float, double, int32}", shape=matmul_shape)

An argument is `name: type`, `name: T` (a type attribute), `name: N * T` (N tensors of one type) or `name: Ts`
(a list of types). How an op is computed is not said here; that is a kernel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from framework.errors import GraphError
from framework.graph.dtypes import DType, as_dtype
from framework.graph.shapes import Shape, show
from framework.registry import Registry, did_you_mean


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
    """

    op: OpDef
    node: str
    attrs: Mapping[str, Any]
    shapes: Sequence[Shape]
    dtypes: Sequence[DType]
    constants: Sequence[np.ndarray | None]

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


@dataclass(frozen=True)
class OpDef:
    """The interface of an op; see `register_op` for the arguments."""

    name: str
    inputs: tuple[ArgDef, ...]
    outputs: tuple[ArgDef, ...]
    attrs: Mapping[str, AttrDef]
    shape: ShapeFunction
    is_stateful: bool = False
    fold: Callable[..., Any] | None = None
    flops: Callable[[Call, Sequence[Shape]], int | None] | None = None
    wrapper: str | None = None
    doc: str = ""

    def input_name(self, index: int) -> str:
        """The declared name of flat input `index`."""
        return self.inputs[min(index, len(self.inputs) - 1)].name if self.inputs else str(index)


OPS: Registry[OpDef] = Registry("op")


def register_op(
    name: str,
    *,
    inputs: str = "",
    outputs: str = "",
    attrs: str = "",
    shape: ShapeFunction,
    stateful: bool = False,
    fold: Callable[..., Any] | None = None,
    flops: Callable[[Call, Sequence[Shape]], int | None] | None = None,
    wrapper: str | None = None,
    doc: str = "",
) -> OpDef:
    """Declares an op and enters it into the vocabulary.

    inputs, outputs, attrs: the signature (see the module's text).
    shape: from a `Call` to the shapes of the outputs; raises `call.fail(...)` when the call cannot be.
    stateful: whether it has an effect or depends on more than its inputs; such nodes are never merged or folded.
    fold: the same computation in NumPy, `fold(attrs, *arrays)`, for the small integer ops that shapes are made of.
    flops: from a `Call` and the output shapes to floating-point operations; by default one an output element.
    wrapper: the Python name of the generated wrapper, when it is not `name` in snake_case.
    doc: one sentence, then the source.
    Raises ValueError when the name is taken or the signature cannot be read.
    """
    attr_defs = {a.name: a for a in (_parse_attr(text) for text in _split(attrs))}
    op = OpDef(
        name=name,
        inputs=tuple(_parse_arg(text, attr_defs) for text in _split(inputs)),
        outputs=tuple(_parse_arg(text, attr_defs) for text in _split(outputs)),
        attrs=attr_defs,
        shape=shape,
        is_stateful=stateful,
        fold=fold,
        flops=flops,
        wrapper=wrapper,
        doc=doc,
    )
    OPS.register(name)(op)
    return op


def lookup(op: str, node: str | None = None) -> OpDef:
    """The declaration of `op`. Raises GraphError that names the node and the nearest op."""
    found = OPS.get(op)
    if found is None:
        raise GraphError(f"there is no op '{op}'{did_you_mean(op, OPS)}", node=node)
    return found


def _split(text: str) -> list[str]:
    """The comma-separated parts of `text`, commas within braces and brackets left alone."""
    return [part.strip() for part in re.split(r",(?![^{\[(]*[}\])])", text) if part.strip()]


def _parse_arg(text: str, attrs: Mapping[str, AttrDef]) -> ArgDef:
    name, _, kind = (part.strip() for part in text.partition(":"))
    is_ref = kind.startswith("Ref(")
    kind = kind.removeprefix("Ref(").removesuffix(")") if is_ref else kind
    number = None
    if "*" in kind:
        number, kind = (part.strip() for part in kind.split("*"))
    if kind not in attrs:
        return ArgDef(name, dtype=as_dtype(kind), number_attr=number, is_ref=is_ref)
    if attrs[kind].type == "list(type)":
        return ArgDef(name, type_list_attr=kind, number_attr=number, is_ref=is_ref)
    return ArgDef(name, type_attr=kind, number_attr=number, is_ref=is_ref)


_ATTR = re.compile(
    r"(?P<name>\w+)\s*:\s*(?P<type>list\([^)]*\)|\{[^}]*\}|\w+)\s*(>=\s*(?P<min>\d+))?\s*(=\s*(?P<default>.+))?$"
)


def _parse_attr(text: str) -> AttrDef:
    match = _ATTR.match(text)
    if match is None:
        raise ValueError(f"cannot read the attribute declaration '{text}'")
    kind, allowed = match["type"], None
    if kind.startswith("{"):
        words = [word.strip() for word in kind[1:-1].split(",")]
        is_string = words[0].startswith("'")
        kind = "string" if is_string else "type"
        allowed = tuple(word.strip("'") if is_string else as_dtype(word) for word in words)
    default = None if match["default"] is None else _parse_default(kind, match["default"])
    return AttrDef(match["name"], kind, default, allowed, None if match["min"] is None else int(match["min"]))


def _parse_default(kind: str, text: str) -> Any:
    text = text.strip()
    if kind.startswith("list("):
        inner = kind[5:-1]
        return tuple(_parse_default(inner, part) for part in _split(text.strip("[]")))
    if kind == "bool":
        return {"true": True, "false": False}[text]
    if kind == "type":
        return as_dtype(text)
    if kind == "shape":
        return None if text == "unknown" else tuple(int(part) for part in _split(text.strip("[]")))
    if kind in ("int", "float"):
        return {"int": int, "float": float}[kind](text)
    return text.strip("'")
