"""The values of a node's attributes: completed from the inputs, defaulted, checked, and held in one plain form.

In memory an attribute is an int, float, bool, str (or bytes), DType, Shape, NumPy array, `Function`, or a tuple.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from framework.errors import GraphError
from framework.graph.dtypes import DType, as_dtype
from framework.graph.opdef import ArgDef, AttrDef, OpDef
from framework.graph.shapes import show
from framework.registry import did_you_mean


@dataclass(frozen=True)
class Function:
    """A function of the graph's library, named as an attribute."""

    name: str
    attrs: Mapping[str, Any] = field(default_factory=dict)


def complete(op: OpDef, node: str, given: Mapping[str, Any], dtypes: Sequence[DType]) -> dict[str, Any]:
    """All attributes of a node: those given, those the inputs imply, and the defaults.

    Attributes that begin with `_` are kept as they are. Raises GraphError for an unknown attribute, a value of the
    wrong type or outside of what is allowed, a missing one, and inputs whose number or types do not fit.
    """
    attrs: dict[str, Any] = {}
    for name, raw in given.items():
        if name.startswith("_"):
            attrs[name] = raw
        elif name in op.attrs:
            attrs[name] = normalize(op.attrs[name], raw, op, node)
        else:
            known = ", ".join(op.attrs) or "none"
            raise GraphError(
                f"{op.name} has no attribute '{name}'{did_you_mean(name, op.attrs)}  attributes: {known}", node=node
            )
    _infer(op, node, attrs, dtypes)
    for name, definition in op.attrs.items():
        if name in attrs:
            _check_allowed(definition, attrs[name], op, node)
        elif definition.default is not None or definition.type == "shape":
            attrs[name] = definition.default
        else:
            raise GraphError(f"{op.name} needs the attribute '{name}' ({definition.type})", node=node)
    return attrs


def _infer(op: OpDef, node: str, attrs: dict[str, Any], dtypes: Sequence[DType]) -> None:
    """Fills type and number attributes from the inputs' types, and checks that the inputs agree with them."""
    position = 0
    flexible = [arg.number_attr or arg.type_list_attr for arg in op.inputs if arg.number_attr or arg.type_list_attr]
    others = len(dtypes) - (len(op.inputs) - len(flexible))
    each = others // len(flexible) if len(set(flexible)) == 1 else None
    for arg in op.inputs:
        count = _count(arg, attrs, each, op, node)
        part = tuple(dtypes[position : position + count])
        if len(part) < count:
            raise GraphError(f"{op.name} takes {_arity(op)}, found {len(dtypes)}", node=node)
        position += count
        if arg.number_attr:
            attrs.setdefault(arg.number_attr, count)
        if arg.type_list_attr:
            _agree(op, node, arg, attrs.setdefault(arg.type_list_attr, part), part)
        elif arg.type_attr and part:
            wanted = attrs.setdefault(arg.type_attr, part[0])
            _agree(op, node, arg, (wanted,) * count, part)
        elif arg.dtype:
            _agree(op, node, arg, (arg.dtype,) * count, part)
    if position != len(dtypes):
        raise GraphError(f"{op.name} takes {_arity(op)}, found {len(dtypes)}", node=node)


def _count(arg: ArgDef, attrs: Mapping[str, Any], remaining: int | None, op: OpDef, node: str) -> int:
    if arg.number_attr and arg.number_attr in attrs:
        return int(attrs[arg.number_attr])
    if arg.type_list_attr and arg.type_list_attr in attrs:
        return len(attrs[arg.type_list_attr])
    if not (arg.number_attr or arg.type_list_attr):
        return 1
    if remaining is None:
        needed = arg.number_attr or arg.type_list_attr
        raise GraphError(f"{op.name}: how many inputs '{arg.name}' takes must be said by '{needed}'", node=node)
    return max(remaining, 0)


def _agree(op: OpDef, node: str, arg: ArgDef, wanted: Sequence[DType], found: Sequence[DType]) -> None:
    for expected, actual in zip(wanted, found, strict=True):
        if expected is not actual:
            raise GraphError(f"{op.name}: input '{arg.name}' must be {expected}, found {actual}", node=node)


def _arity(op: OpDef) -> str:
    names = ", ".join(arg.name + (" (several)" if arg.number_attr or arg.type_list_attr else "") for arg in op.inputs)
    return f"{len(op.inputs)} input{'s' * (len(op.inputs) != 1)}" + (f" ({names})" if names else "")


def normalize(definition: AttrDef, raw: Any, op: OpDef, node: str) -> Any:
    """`raw` in the plain form of its attribute type. Raises GraphError for a value of another type."""
    try:
        if definition.type.startswith("list("):
            if isinstance(raw, (str, bytes)) or not isinstance(raw, Sequence):
                raise TypeError
            return tuple(_normalize(definition.type[5:-1], item) for item in raw)
        return _normalize(definition.type, raw)
    except (TypeError, ValueError) as error:
        if isinstance(error, GraphError):
            raise GraphError(error.message, node=node, hint=error.hint) from None
        raise GraphError(
            f"{op.name}: attribute '{definition.name}' must be {definition.type}, found {raw!r}", node=node
        ) from None


def _normalize(kind: str, raw: Any) -> Any:
    # The exact types come first: they are nearly every call, and graphs have many thousand nodes.
    if kind == "type":
        return raw if type(raw) is DType else as_dtype(raw)
    if kind == "bool":
        if isinstance(raw, (bool, np.bool_)):
            return bool(raw)
    elif kind == "int":
        if isinstance(raw, (int, np.integer)) and not isinstance(raw, bool):
            return int(raw)
    elif kind == "float":
        if isinstance(raw, (int, float, np.floating, np.integer)) and not isinstance(raw, bool):
            return float(np.float32(raw))  # GraphDef keeps no more, so nor do we
    elif kind == "string":
        if isinstance(raw, (str, bytes)):
            return _text(raw)
    elif kind == "shape":
        if raw is None:
            return None
        return tuple(None if d is None or d == -1 else _normalize("int", d) for d in raw)
    elif kind == "tensor":
        return raw if isinstance(raw, np.ndarray) else np.asarray(raw)
    elif kind == "func" and isinstance(raw, (Function, str)):
        return Function(raw) if isinstance(raw, str) else raw
    raise TypeError


def _text(raw: str | bytes) -> str | bytes:
    """Text where it is text; GraphDef keeps every string as bytes."""
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _check_allowed(definition: AttrDef, value: Any, op: OpDef, node: str) -> None:
    if definition.minimum is not None:
        measured = len(value) if definition.type.startswith("list(") else value
        if measured < definition.minimum:
            raise GraphError(
                f"{op.name}: attribute '{definition.name}' must be at least {definition.minimum}, found {measured}",
                node=node,
            )
    if definition.allowed is None:
        return
    for item in value if definition.type.startswith("list(") else (value,):
        if item not in definition.allowed:
            words = ", ".join(str(a) for a in definition.allowed)
            near = did_you_mean(item, definition.allowed) if isinstance(item, str) else ""
            raise GraphError(
                f"{op.name}: attribute '{definition.name}' may be {words}; found {item!r}{near}", node=node
            )


def show_attr(value: Any) -> str:
    """An attribute's value as one short piece of text."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{show(value.shape)}"
    return repr(value)


def is_fill(array: np.ndarray) -> bool:
    """Whether an array is one value, held once and repeated by its strides alone."""
    steps = zip(array.strides, array.shape, strict=True)
    return array.size > 1 and all(stride == 0 or size == 1 for stride, size in steps)
