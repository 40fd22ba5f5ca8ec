"""Session: runs parts of a graph, and holds the variables between the runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from framework.errors import GraphError, InvalidArgumentError
from framework.graph import Graph, Operation, Tensor, get_default_graph, show
from framework.graph.hyper import defaults
from framework.graph.passes import prune
from framework.graph.shapes import fits
from framework.runtime.program import State, get_program

Fetch = Tensor | Operation | str
Feeds = Mapping[Tensor | str, Any]


class Session:
    """Runs fetches of one graph.

    graph: by default the default graph. state: the variables, name -> array; a run replaces those that it writes.
    """

    def __init__(self, graph: Graph | None = None, state: Mapping[str, jax.Array | np.ndarray] | None = None):
        self.graph = get_default_graph() if graph is None else graph
        self.state: State = dict(state or {})
        self._step = 0
        self._closed = False

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets the variables go; the session cannot run any more."""
        self._closed = True
        self.state = {}

    def run(self, fetches: Any, feed_dict: Feeds | None = None) -> Any:
        """The values of `fetches`: a tensor, an operation (which gives None), a name, or lists, tuples, dicts of them.

        feed_dict: tensor or its name -> array. Runtime values under `Hyper/` that are not fed have the graph's default.
        Raises InvalidArgumentError for a feed that does not fit, NotFoundError for a name that the graph does not hold,
        FailedPreconditionError for a variable without a value, RuntimeError after `close`.
        """
        if self._closed:
            raise RuntimeError("this session was closed; make a new one to run anything")
        leaves: list[Fetch] = []
        _collect(fetches, leaves)
        found = [self._resolve(fetch) for fetch in leaves]
        tensors = list(dict.fromkeys(f.name for f in found if isinstance(f, Tensor)))
        operations = list(dict.fromkeys(f.name for f in found if isinstance(f, Operation)))
        feeds = dict(self._feed(key, value) for key, value in (feed_dict or {}).items())
        needed = prune(self.graph, [*tensors, *operations], feeds)
        feeds = {**defaults(self.graph, needed), **feeds}
        program = get_program(self.graph, tensors, operations, list(feeds))
        values, self.state = program.run(self.state, feeds, self._step)
        self._step += 1
        by_name = dict(zip(tensors, (np.asarray(value) for value in values), strict=True))
        answers = iter([by_name[f.name] if isinstance(f, Tensor) else None for f in found])
        return _rebuild(fetches, answers)

    def _resolve(self, fetch: Fetch) -> Tensor | Operation:
        if isinstance(fetch, str):
            return self.graph.tensor(fetch) if ":" in fetch else self.graph.operation(fetch)
        if not isinstance(fetch, (Tensor, Operation)):
            raise TypeError(f"a fetch is a tensor, an operation or a name; found {fetch!r}")
        if fetch.graph is not self.graph:
            raise GraphError(f"'{fetch.name}' belongs to another graph than this session's")
        return fetch

    def _feed(self, key: Tensor | str, value: Any) -> tuple[str, np.ndarray | jax.Array]:
        tensor = self.graph.tensor(key) if isinstance(key, str) else self._resolve(key)
        if not isinstance(tensor, Tensor):
            raise InvalidArgumentError(f"only tensors can be fed; '{key}' is an operation")
        array = value if isinstance(value, jax.Array) else np.asarray(value)
        if array.dtype != tensor.dtype.numpy:
            if not np.can_cast(array.dtype, tensor.dtype.numpy, "same_kind"):
                raise InvalidArgumentError(f"'{tensor.name}' is {tensor.dtype}, but it was fed {array.dtype}")
            array = array.astype(tensor.dtype.numpy)
        if not fits(tensor.shape, array.shape):
            raise InvalidArgumentError(
                f"'{tensor.name}' has shape {show(tensor.shape)}, but it was fed {show(array.shape)}"
            )
        return tensor.name, array


def _collect(fetches: Any, leaves: list[Fetch]) -> None:
    """Appends the leaves of a nested structure of fetches, from left to right."""
    if isinstance(fetches, Mapping):
        fetches = list(fetches.values())
    if isinstance(fetches, Sequence) and not isinstance(fetches, str):
        for item in fetches:
            _collect(item, leaves)
    else:
        leaves.append(fetches)


def _rebuild(fetches: Any, answers: Any) -> Any:
    """The structure of `fetches` with the next answers in place of its leaves."""
    if isinstance(fetches, Mapping):
        return {key: _rebuild(item, answers) for key, item in fetches.items()}
    if isinstance(fetches, Sequence) and not isinstance(fetches, str):
        rebuilt = [_rebuild(item, answers) for item in fetches]
        if hasattr(fetches, "_fields"):
            return type(fetches)(*rebuilt)
        return tuple(rebuilt) if isinstance(fetches, tuple) else rebuilt
    return next(answers)
