"""Variables that are found again by their names, so that parts of a network share them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from framework.graph import DType, Graph, Tensor, as_dtype, get_default_graph, show
from framework.ops.apply import DTypeLike
from framework.tf.initializers import glorot_uniform_initializer, zeros_initializer
from framework.tf.variables import Variable

AUTO_REUSE = "AUTO_REUSE"
_NAMED = "named_variables"  # the collection of those that can be found again
_local = threading.local()


@dataclass(frozen=True)
class VariableScope:
    """What `get_variable` does within a scope.

    name: stands before the names of variables. reuse: False to make new ones, True to find those that are there,
    AUTO_REUSE for whichever it is. initializer: of those that bring none.
    """

    name: str = ""
    reuse: bool | str = False
    initializer: Any = None


def get_variable_scope() -> VariableScope:
    """The scope of the moment, in the default graph."""
    graph = get_default_graph()
    return next((scope for within, scope in reversed(_stack()) if within is graph), VariableScope())


@contextmanager
def variable_scope(
    name_or_scope: str | VariableScope, reuse: bool | str | None = None, initializer: Any = None
) -> Iterator[VariableScope]:
    """Variables got inside are named `name/...`, and so are ops, whose scope is made unique.

    name_or_scope: below the scope of the moment; a VariableScope is entered again as it is. reuse: True holds for all
    scopes inside; None is as outside.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/variable_scope
    """
    outer, graph = get_variable_scope(), get_default_graph()
    if isinstance(name_or_scope, VariableScope):
        name, default = name_or_scope.name, name_or_scope.initializer
        scope_of_ops = name.rpartition("/")[2]
    else:
        name, default = f"{outer.name}/{name_or_scope}".lstrip("/"), outer.initializer
        scope_of_ops = name_or_scope
    inherited = outer.reuse if reuse is None or outer.reuse is True else reuse
    scope = VariableScope(name, inherited, default if initializer is None else initializer)
    with graph.name_scope(scope_of_ops):
        _stack().append((graph, scope))
        try:
            yield scope
        finally:
            _stack().pop()


def get_variable(
    name: str,
    shape: Sequence[int] | None = None,
    dtype: DTypeLike | None = None,
    initializer: Any = None,
    trainable: bool = True,
) -> Variable:
    """The variable of this name in the variable scope of the moment, made or found as its `reuse` says.

    dtype: by default that of a first value, else float32. initializer: a function of shape and type, or the first
    value itself, which then has the shape; by default that of the scope, else Glorot's uniform one, and zeros for what
    is not floating-point.
    Raises ValueError for a variable that is there and should be new, that is not there and should be, and one of
    another shape or type.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/get_variable
    """
    scope, graph = get_variable_scope(), get_default_graph()
    wanted = None if dtype is None else as_dtype(dtype)
    full = f"{scope.name}/{name}".lstrip("/")
    if full in graph.collections.get(_NAMED, ()):
        if not scope.reuse:
            raise ValueError(f"there is a variable '{full}' already; reuse=True in variable_scope shares it")
        return _found(graph, full, shape, wanted)
    if scope.reuse is True:
        raise ValueError(f"there is no variable '{full}' to reuse; it must have been made by get_variable")
    first = _first(scope.initializer if initializer is None else initializer, shape, wanted)
    made = Variable(first, trainable, name=f"{full}/", dtype=wanted)
    graph.collect(_NAMED, full)
    return made


def _found(graph: Graph, name: str, shape: Sequence[int] | None, dtype: DType | None) -> Variable:
    variable = Variable.of(graph.tensor(name))
    if dtype not in (None, variable.dtype):
        raise ValueError(f"the variable '{name}' is {variable.dtype}, but {dtype} was asked for")
    if shape is not None and tuple(shape) != variable.shape:
        raise ValueError(f"the variable '{name}' is {show(variable.shape)}, but {show(tuple(shape))} was asked for")
    return variable


def _first(initializer: Any, shape: Sequence[int] | None, dtype: DType | None) -> Any:
    """What a variable starts from: a function of no arguments, or a value."""
    chosen = dtype or as_dtype("float32")
    if initializer is None:
        initializer = glorot_uniform_initializer() if chosen.is_floating else zeros_initializer()
    elif isinstance(initializer, type):
        initializer = initializer()
    if isinstance(initializer, Tensor) or not callable(initializer):
        return initializer
    if shape is None:
        raise ValueError("get_variable needs the shape of a variable whose first value is no tensor")
    given: Callable[..., Any] = initializer
    return lambda: given(shape, chosen)


def _stack() -> list[tuple[Graph, VariableScope]]:
    if not hasattr(_local, "stack"):
        _local.stack = []
    return _local.stack
