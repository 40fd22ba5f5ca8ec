"""TensorFlow's own declarations of the ops that have cases, and of a few that cannot have any."""

from __future__ import annotations

import json

import tensorflow as tf
from recorder import FOLDER
from tensorflow.python.framework import op_def_registry

# They hold state, are fed, or draw random numbers, so that there is nothing to compare values with.
WITHOUT_CASES = [
    "Const", "NoOp", "Placeholder", "PlaceholderWithDefault", "VariableV2", "Assign",
    "RandomUniform", "RandomStandardNormal", "TruncatedNormal",
]  # fmt: skip


def write(ops: list[str]) -> None:
    """Writes declarations.json: for each op its inputs, outputs, attributes and whether it is stateful."""
    found = {op: _declaration(op_def_registry.get(op)) for op in sorted([*ops, *WITHOUT_CASES])}
    (FOLDER / "declarations.json").write_text(json.dumps(found, indent=1) + "\n")


def _declaration(definition) -> dict:
    return {
        "inputs": [_argument(arg) for arg in definition.input_arg],
        "outputs": [_argument(arg) for arg in definition.output_arg],
        "attrs": {attr.name: _attribute(attr) for attr in definition.attr},
        "stateful": definition.is_stateful,
    }


def _argument(arg) -> dict:
    return {
        "name": arg.name,
        "type": tf.as_dtype(arg.type).name if arg.type else None,
        "type_attr": arg.type_attr or None,
        "type_list_attr": arg.type_list_attr or None,
        "number_attr": arg.number_attr or None,
        "is_ref": arg.is_ref,
    }


def _attribute(attr) -> dict:
    allowed = attr.allowed_values.list
    return {
        "type": attr.type,
        "has_default": attr.HasField("default_value"),
        "default": _value(attr.default_value),
        "minimum": attr.minimum if attr.has_minimum else None,
        "allowed": [tf.as_dtype(t).name for t in allowed.type] + [text.decode() for text in allowed.s] or None,
    }


def _value(value):
    kind = value.WhichOneof("value")
    if kind is None or kind == "shape":
        return None
    if kind == "list":
        return [*value.list.i, *value.list.f]
    if kind == "tensor":
        return tf.make_ndarray(value.tensor).tolist()
    if kind == "type":
        return tf.as_dtype(value.type).name
    return value.s.decode() if kind == "s" else getattr(value, kind)
