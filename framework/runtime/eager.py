"""Ops on arrays, at once and without a graph of the user's: the same declarations, checks and kernels.

    eager.matmul(a, b, transpose_b=True)
    eager.call("MatMul", a, b, transpose_b=True)

Every wrapper of `framework.ops` is here under its name. What is given as a JAX array stays one, so that `jax.grad` and
`jax.jit` see through these functions; all else is known while the op is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import framework.ops.wrappers as wrappers
from framework.errors import GraphError
from framework.graph import Graph, Operation, Tensor, TensorSpec, as_dtype
from framework.graph.dtypes import WIDE, resource, string
from framework.graph.opdef import lookup
from framework.ops.apply import operation
from framework.registry import did_you_mean
from framework.runtime.checks import require
from framework.runtime.evaluation import Run
from framework.runtime.lower import Lowering
from framework.runtime.program import current_platform


def call(op: str, *inputs: Any, step: int = 0, **attrs: Any) -> Any:
    """The outputs of `op`: one array, a tuple of them, or None for an op without outputs.

    inputs: one for each declared argument, arrays or what makes one; a sequence for an argument of several.
    attrs: those that the inputs do not imply. step: random ops draw other numbers at each; they draw the same ones for
    the same `seed`, `seed2` and step.
    Raises GraphError as a graph does, for an unknown op and for inputs or attributes that do not fit, and for an op
    that only has a meaning in a graph; InvalidArgumentError for a check that does not hold.
    """
    definition = lookup(op)
    if len(inputs) != len(definition.inputs):
        names = ", ".join(argument.name for argument in definition.inputs) or "none"
        raise GraphError(f"{op} takes {len(definition.inputs)} inputs ({names}), found {len(inputs)}")
    return _Call(step).run(lambda *given: operation(op, given, attrs), inputs, {})


def __getattr__(name: str) -> Callable[..., Any]:
    """The eager form of a wrapper of `framework.ops`."""
    wrapper = getattr(wrappers, name, None) if name in wrappers.__all__ else None
    if wrapper is None or isinstance(wrapper, type):
        raise AttributeError(f"there is no op wrapper '{name}'{did_you_mean(name, wrappers.__all__)}")

    @wraps(wrapper)
    def eager(*inputs: Any, step: int = 0, **options: Any) -> Any:
        return _Call(step).run(wrapper, inputs, options)

    return eager


def __dir__() -> list[str]:
    return [*globals(), *wrappers.__all__]


class _Call:
    """One call: a graph of the op and what it is given, that runs once, kernel by kernel."""

    def __init__(self, step: int):
        self._graph, self._step = Graph(), step
        self._fed: dict[str, Any] = {}

    def run(self, build: Callable[..., Any], inputs: Sequence[Any], options: dict[str, Any]) -> Any:
        """The values of what `build` makes of the inputs."""
        with self._graph.as_default():
            given = [self._enter(value) for value in inputs]
            made = build(*given, **{name: self._enter(value) for name, value in options.items()})
        for node in self._graph:
            if any(argument.is_ref for argument in lookup(node.op).outputs) or resource in _types(node.outputs):
                raise GraphError(f"{node.op} stands for a variable, which only a session holds", node.name)
        if isinstance(made, Operation):
            values = self._evaluate(made.outputs, made)
            return None if not values else values[0] if len(values) == 1 else tuple(values)
        if isinstance(made, Tensor):
            return self._evaluate([made])[0]
        values = self._evaluate(made)
        return type(made)(*values) if hasattr(made, "_fields") else tuple(values)

    def _enter(self, value: Any) -> Any:
        """JAX's arrays as placeholders of the graph, alone or in a sequence; anything else as it is."""
        if isinstance(value, jax.Array):
            attrs = {"dtype": as_dtype(value.dtype), "shape": value.shape}
            tensor = self._graph.add("Placeholder", attrs=attrs).outputs[0]
            self._fed[tensor.name] = value
            return tensor
        return [self._enter(item) for item in value] if isinstance(value, (list, tuple)) else value

    def _evaluate(self, tensors: Sequence[Tensor], effect: Operation | None = None) -> list[Any]:
        operations = [effect.name] if effect else []
        lowering = Lowering(self._graph, [t.name for t in tensors], operations, list(self._fed), current_platform())
        is_wide = any(dtype in WIDE for node in self._graph for dtype in _types(node.outputs))
        with jax.enable_x64(True) if is_wide else nullcontext():
            run = lowering.run(Run(dict(self._fed), {}, np.asarray(self._step, np.int32)))
            require(run.checks)
            values = [run.values[name] for name in lowering.fetches]
            return [
                jnp.asarray(value) if isinstance(value, np.ndarray) and tensor.dtype is not string else value
                for value, tensor in zip(values, tensors, strict=True)
            ]


def _types(specs: Sequence[TensorSpec]) -> list[Any]:
    return [spec.dtype for spec in specs]
