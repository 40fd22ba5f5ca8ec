"""Every op of the vocabulary under its own name, those of plugins too: `raw_ops.MatMul(a=x, b=y, transpose_b=True)`.

Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from framework.errors import GraphError
from framework.graph.opdef import OPS, OpDef, lookup
from framework.ops.apply import operation
from framework.registry import did_you_mean


def __getattr__(op: str) -> Callable[..., Any]:
    """The function that adds a node of `op`: its inputs and attributes by name, and the `name` of the node."""
    if op not in OPS:
        raise AttributeError(f"there is no op '{op}'{did_you_mean(op, OPS)}")

    def add(*, name: str | None = None, **given: Any) -> Any:
        definition = lookup(op)
        inputs = [_take(definition, argument.name, given) for argument in definition.inputs]
        added = operation(op, inputs, given, name)
        if not definition.outputs:
            return added
        is_one = len(definition.outputs) == 1 and not (
            definition.outputs[0].number_attr or definition.outputs[0].type_list_attr
        )
        return added.outputs[0] if is_one else added.outputs

    add.__name__ = add.__qualname__ = op
    add.__doc__ = definition.doc if (definition := OPS.get(op)) else None
    return add


def _take(definition: OpDef, name: str, given: dict[str, Any]) -> Any:
    """An input out of what was given. Raises GraphError where it is not there."""
    if name not in given:
        names = ", ".join(argument.name for argument in definition.inputs)
        raise GraphError(f"{definition.name} needs the input '{name}'", hint=f"its inputs, by name: {names}")
    return given.pop(name)
