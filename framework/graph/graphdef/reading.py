"""The attributes of a message in the plain form that the graph holds them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from framework.errors import GraphError
from framework.graph.attrs import Function
from framework.graph.dtypes import as_dtype
from framework.graph.graphdef import limits
from framework.graph.graphdef.tensor_proto import from_shape_proto, from_tensor_proto
from framework.graph.opdef import OpDef
from framework.registry import did_you_mean

# The field of AttrValue, and of its lists, that holds each type of attribute.
_FIELDS = {
    "string": "s", "int": "i", "float": "f", "bool": "b", "type": "type", "shape": "shape", "tensor": "tensor",
    "func": "func",
}  # fmt: skip
_KINDS = {field: kind for kind, field in _FIELDS.items()}
_PLAIN = ("s", "i", "f", "b")


def read_attrs(node: Any, op: OpDef, allowance: limits.Allowance) -> dict[str, Any]:
    """The attributes that a NodeDef gives, by the declaration of its op.

    Of those that begin with `_` numbers, texts and lists of them are kept; the others speak to TensorFlow's own
    passes. Raises GraphError, naming the attribute, for one that the op does not have and for one of another type.
    """
    attrs: dict[str, Any] = {}
    for name, message in node.attr.items():
        definition = op.attrs.get(name)
        if definition is not None:
            attrs[name] = _read(message, definition.type, f"{op.name}: attribute '{name}'", allowance)
        elif not name.startswith("_"):
            known = ", ".join(op.attrs) or "none"
            near = did_you_mean(name[: limits.NAME], op.attrs)
            raise GraphError(f"{op.name} has no attribute '{name}'{near}  attributes: {known}")
        elif _is_plain(message):
            attrs[name] = _any(message, f"attribute '{name}'", allowance)
    return attrs


def _is_plain(message: Any) -> bool:
    if message.WhichOneof("value") != "list":
        return message.WhichOneof("value") in _PLAIN
    return all(field.name in _PLAIN for field, _ in message.list.ListFields())


def _read(message: Any, kind: str, where: str, allowance: limits.Allowance, depth: int = 0) -> Any:
    found = message.WhichOneof("value")
    is_list = kind.startswith("list(")
    inner = kind[5:-1] if is_list else kind
    if found != ("list" if is_list else _FIELDS[kind]) and not (is_list and found is None):
        raise GraphError(f"{where} must be {kind}, found {_named(message, found)}")
    if not is_list:
        return _READ[inner](getattr(message, _FIELDS[inner]), where, allowance, depth)
    others = [field.name for field, _ in message.list.ListFields() if field.name != _FIELDS[inner]]
    if others:
        raise GraphError(f"{where} must be {kind}, found list({_KINDS[others[0]]})")
    read = _READ[inner]
    return tuple(read(item, where, allowance, depth) for item in getattr(message.list, _FIELDS[inner]))


def _named(message: Any, found: str | None) -> str:
    if found == "placeholder":
        return f"the name '{message.placeholder}', which only a function for any type may use"
    return "nothing" if found is None else _KINDS.get(found, found)


def _any(message: Any, where: str, allowance: limits.Allowance, depth: int = 0) -> Any:
    """The value of an attribute that no declaration speaks of."""
    found = message.WhichOneof("value")
    if found != "list":
        return _read(message, _KINDS.get(found, "string"), where, allowance, depth)
    fields = message.list.ListFields()
    return _read(message, f"list({_KINDS[fields[0][0].name] if fields else 'int'})", where, allowance, depth)


def _text(raw: bytes, *_: Any) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _function(message: Any, where: str, allowance: limits.Allowance, depth: int) -> Function:
    if depth >= limits.NESTING:
        raise GraphError(f"{where} names functions in functions, more than {limits.NESTING} deep")
    attrs: Mapping[str, Any] = {
        name: _any(value, where, allowance, depth + 1) for name, value in sorted(message.attr.items())
    }
    return Function(message.name, attrs)


def _named_error(read: Callable[..., Any]) -> Callable[..., Any]:
    """`read`, with what it refuses told together with the attribute."""

    def attempt(message: Any, where: str, *rest: Any) -> Any:
        try:
            return read(message, *rest)
        except GraphError as error:
            raise GraphError(f"{where}: {error.message}", hint=error.hint) from None

    return attempt


_READ: dict[str, Callable[..., Any]] = {
    "string": _text,
    "int": lambda raw, *_: raw,
    "float": lambda raw, *_: raw,
    "bool": lambda raw, *_: raw,
    "type": _named_error(lambda number, *_: as_dtype(number)),
    "shape": _named_error(lambda message, *_: from_shape_proto(message)),
    "tensor": _named_error(lambda message, allowance, _: from_tensor_proto(message, allowance)),
    "func": _function,
}
