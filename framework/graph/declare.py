"""Declarations of ops, in the notation of TensorFlow's REGISTER_OP, so that its op pages read side by side.

    register_op("MatMul", inputs="a: T, b: T", outputs="product: T",
                attrs="transpose_a: bool = false, T: {float, double, int32}", shape=matmul_shape)

An argument is `name: type`, `name: T` (a type attribute), `name: N * T` (N tensors of one type) or `name: Ts`
(a list of types).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from framework.graph.composite import flops_of_body, shapes_of_body
from framework.graph.dtypes import as_dtype
from framework.graph.opdef import OPS, ArgDef, AttrDef, FlopsFunction, OpDef, ShapeFunction


def register_op(
    name: str,
    *,
    inputs: str = "",
    outputs: str = "",
    attrs: str = "",
    shape: ShapeFunction | None = None,
    body: Callable[..., Any] | None = None,
    stateful: bool = False,
    traceable: bool = True,
    fold: Callable[..., Any] | None = None,
    flops: FlopsFunction | None = None,
    wrapper: str | None = None,
    doc: str = "",
) -> OpDef:
    """Declares an op and enters it into the vocabulary.

    inputs, outputs, attrs: the signature (see the module's text).
    shape: from a `Call` to the shapes of the outputs; raises `call.fail(...)` when the call cannot be. By default
    those of the body.
    body: `body(attrs, *tensors)` makes the outputs, a tensor or a tuple of them, of other ops that hold no state. It
    says what a composite op means: a graph may be written out with it, and the op runs so where it has no kernel.
    stateful: whether it has an effect or depends on more than its inputs; such nodes are never merged or folded.
    traceable: whether a compiled program can hold it. False where the sizes of its outputs follow from values, or it
    works on strings or files: such a node, and what follows from it, runs op by op.
    fold: the same computation in NumPy, `fold(attrs, *arrays)`, for the small integer ops that shapes are made of.
    flops: from a `Call` and the output shapes to floating-point operations; by default the sum over the body,
    or one an output element.
    wrapper: the Python name of the generated wrapper, when it is not `name` in snake_case.
    doc: one sentence, then the source.
    Raises ValueError when the name is taken, the signature cannot be read, or neither shape nor body is given.
    """
    if shape is None and body is None:
        raise ValueError(f"op '{name}' needs a shape function, or a body")
    attr_defs = {a.name: a for a in (_parse_attr(text) for text in _split(attrs))}
    op = OpDef(
        name=name,
        inputs=tuple(_parse_arg(text, attr_defs) for text in _split(inputs)),
        outputs=tuple(_parse_arg(text, attr_defs) for text in _split(outputs)),
        attrs=attr_defs,
        shape=shape or shapes_of_body,
        is_stateful=stateful,
        is_traceable=traceable,
        fold=fold,
        flops=flops or (flops_of_body if body else None),
        body=body,
        wrapper=wrapper,
        doc=doc,
    )
    OPS.register(name)(op)
    return op


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
    if kind == "tensor":  # a vector of numbers, such as `uint8[255, 0]`
        dtype, _, numbers = text.rstrip("]").partition("[")
        return np.array([float(part) for part in numbers.split(",")]).astype(as_dtype(dtype).numpy)
    if kind in ("int", "float"):
        return {"int": int, "float": float}[kind](text)
    return text.strip("'")
