"""Session: runs parts of a graph, and holds the variables between the runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import jax
import numpy as np

from framework.errors import GraphError, InvalidArgumentError
from framework.graph import Graph, Operation, Tensor, get_default_graph
from framework.graph.defaults import default_session
from framework.graph.dtypes import WIDE, DType, resource, string, variant
from framework.graph.hyper import defaults
from framework.graph.passes import prune
from framework.graph.resources import VARIABLES
from framework.runtime.devices import Device, list_devices
from framework.runtime.evaluation import Array
from framework.runtime.feeds import Feed, text
from framework.runtime.fetches import flatten, key_of
from framework.runtime.file_access import files_below
from framework.runtime.lower import Lowering
from framework.runtime.partial_run import PartialRun
from framework.runtime.program import Program, State, current_platform, get_program

Fetch = Tensor | Operation | str
Feeds = Mapping[Any, Any]


class Session:
    """Runs fetches of one graph, in the types that the graph declares.

    graph: by default the default graph; it may grow between runs. state: the variables, name -> array; a run replaces
    those that it writes. files: the folder below which ops of the graph may read and write (SaveV2, RestoreV2); none by
    default, since a graph may come from anybody. Programs run on JAX's default device: what a node's `device` names is
    kept in the graph, and a device that this machine does not have is no error. Threads may share a session.
    """

    def __init__(
        self,
        graph: Graph | None = None,
        state: Mapping[str, jax.Array | np.ndarray] | None = None,
        files: str | Path | None = None,
    ):
        self._files = None if files is None else Path(files)
        self.graph = get_default_graph() if graph is None else graph
        self.state: State = dict(state or {})
        self._step = 0
        self._closed = False
        self._lock = threading.Lock()
        self._calls: dict[Any, _Call] = {}
        self._blocks: list[ExitStack] = []

    # -- the default session --------------------------------------------------------------------------------------

    def __enter__(self) -> Session:
        self._require_open()
        block = ExitStack()
        block.enter_context(self.graph.as_default())
        block.enter_context(default_session(self))
        self._blocks.append(block)
        return self

    def __exit__(self, *exception: object) -> None:
        self._blocks.pop().close()
        self.close()

    def as_default(self) -> AbstractContextManager[Session]:
        """Makes this the default session inside, and leaves it open."""

        @contextmanager
        def block() -> Iterator[Session]:
            with default_session(self):
                yield self

        return block()

    def close(self) -> None:
        """Lets the variables go; the session cannot run any more."""
        self._closed = True
        self.state = {}
        self._calls = {}

    def _require_open(self) -> None:
        if self._closed:
            raise RuntimeError("this session was closed; make a new one to run anything")

    # -- running --------------------------------------------------------------------------------------------------

    def run(self, fetches: Any, feed_dict: Feeds | None = None, options: Any = None, run_metadata: Any = None) -> Any:
        """The values of `fetches`: a tensor, an operation (which gives None), a name, or lists, tuples, dicts of them.

        feed_dict: tensor or its name -> array; any tensor may be fed. Runtime values under `Hyper/` that are not fed
        have the graph's default. Arrays come back as NumPy arrays of the declared type, and scalars as NumPy's.
        options, run_metadata: a RunOptions and a RunMetadata message. With any trace level the nodes run one by one,
        and the latter is filled with the time and memory of each (see `runtime.tracing`).
        Raises InvalidArgumentError for a feed that does not fit, one that is missing, or a check of the graph that
        does not hold; NotFoundError for a name that the graph does not hold; FailedPreconditionError for a variable
        without a value; RuntimeError after `close`.
        """
        self._require_open()
        call = self._call(fetches, tuple(feed_dict) if feed_dict else ())
        feeds: dict[str, Array] = dict(call.defaults)
        for feed, value in zip(call.feeds, (feed_dict or {}).values(), strict=True):
            feeds[feed.name] = feed.array(value)
        is_traced = run_metadata is not None and options is not None and options.trace_level
        # A run takes over the buffers of what it replaces, so that no other may read them meanwhile.
        with self._lock:
            if call.program.is_whole and not is_traced:
                values, self.state = call.program.run(self.state, feeds, self._step)
            else:
                values, self.state = self._run_op_by_op(call.program, feeds, run_metadata if is_traced else None)
            self._step += 1
        return call.answer(values)

    def _call(self, fetches: Any, feeds: tuple[Any, ...]) -> _Call:
        """The call of these fetches with these feeds, as it was resolved when it was first made."""
        try:
            call = self._calls.get(key := (key_of(fetches), feeds))
        except TypeError:  # what cannot be looked up is nothing of a graph's, which resolving it says
            return _Call(self.graph, fetches, feeds)
        if call is None:
            call = self._calls[key] = _Call(self.graph, fetches, feeds)
        return call

    def _run_op_by_op(self, program: Program, feeds: Mapping[str, Array], metadata: Any) -> tuple[list[Any], State]:
        """One run of a program of which some nodes run one by one, or all of them for `metadata`."""
        with files_below(self._files):
            if metadata is None:
                return program.run(self.state, feeds, self._step)
            from framework.runtime import tracing  # its messages are heavy, and few runs are traced

            values, written, times = tracing.trace(program, self.state, feeds, self._step)
            tracing.fill(metadata, times)
            return values, {**self.state, **written}

    def make_callable(self, fetches: Any, feed_list: Sequence[Any] = ()) -> Callable[..., Any]:
        """A function of the values of `feed_list`, in order, that runs `fetches`."""
        keys = list(feed_list)
        return lambda *values: self.run(fetches, dict(zip(keys, values, strict=True)))

    def partial_run_setup(self, fetches: Any, feeds: Sequence[Any] = ()) -> PartialRun:
        """Begins a run in several parts, and returns the handle that `partial_run` takes.

        fetches: all that will be fetched; feeds: all that will be fed.
        """
        self._require_open()
        call = _Call(self.graph, fetches, tuple(feeds), is_partial=True)
        names = [feed.name for feed in call.feeds]
        fed = [*names, *call.defaults]
        lowering = Lowering(self.graph, call.tensors, call.operations, fed, current_platform())
        run = PartialRun(lowering, call.operations, names, call.defaults, self.state, self._step, call.wide)
        self._step += 1
        return run

    def partial_run(self, handle: PartialRun, fetches: Any, feed_dict: Feeds | None = None) -> Any:
        """Goes on with a run: feeds some of what was declared, and fetches what follows. Each node runs once.

        Raises InvalidArgumentError for a fetch or feed that was not declared, a feed given twice, and one that the
        fetches need but that was not given yet.
        """
        self._require_open()
        call = _Call(self.graph, fetches, tuple(feed_dict or ()), is_partial=True)
        feeds = {f.name: f.array(value) for f, value in zip(call.feeds, (feed_dict or {}).values(), strict=True)}
        with self._lock, files_below(self._files):
            values, written = handle.run(call.tensors, call.operations, feeds)
            self.state = {**self.state, **written}
        return call.answer(values)

    def list_devices(self) -> list[Device]:
        """The devices of this machine."""
        self._require_open()
        return list_devices()


class _Call:
    """A way of calling `Session.run`, resolved once: which program runs, what it is fed, and how to answer."""

    program: Program

    def __init__(self, graph: Graph, fetches: Any, feeds: Sequence[Any], *, is_partial: bool = False):
        leaves, self._rebuild = flatten(fetches)
        found = [_resolve(graph, leaf) for leaf in leaves]
        self.feeds = [Feed(_tensor(graph, key)) for key in feeds]
        specs = {item.name: item.dtype for item in found if isinstance(item, Tensor)}
        for name, dtype in specs.items():
            if dtype in (resource, variant):
                raise InvalidArgumentError(f"'{name}' is a {dtype}, which holds no array to fetch")
        self.tensors, self._dtypes = list(specs), list(specs.values())
        self.operations = list(dict.fromkeys(item.name for item in found if isinstance(item, Operation)))
        positions = {name: position for position, name in enumerate(self.tensors)}
        self._positions = [positions[item.name] if isinstance(item, Tensor) else -1 for item in found]
        names = [feed.name for feed in self.feeds]
        if len(set(names)) < len(names):
            raise InvalidArgumentError(f"'{next(n for n in names if names.count(n) > 1)}' is fed twice")
        needed = prune(graph, [*self.tensors, *self.operations], names)
        self.defaults = {name: value for name, value in defaults(graph, needed).items() if name not in names}
        self.wide = needs_wide(graph, needed, [*self.tensors, *names])
        if not is_partial:
            fed = [*self.defaults, *names]
            self.program = get_program(graph, self.tensors, self.operations, fed, wide=self.wide)

    def answer(self, values: Sequence[Any]) -> Any:
        """The values of the fetches in the structure that was asked for, None for operations."""
        arrays = [_fetched(value, dtype) for value, dtype in zip(values, self._dtypes, strict=True)]
        arrays.append(None)
        return self._rebuild([arrays[position] for position in self._positions])


def needs_wide(graph: Graph, nodes: Sequence[Any], tensors: Sequence[str]) -> bool:
    """Whether some nodes compute in 64-bit types, or some tensors are of one; what is known statically is exact."""
    if any(graph.spec(tensor).dtype in WIDE for tensor in tensors):
        return True
    if any(node.op in VARIABLES and node.attrs["dtype"] in WIDE for node in nodes):
        return True
    return any(
        spec.dtype in WIDE and graph.constant_value(f"{node.name}:{index}") is None
        for node in nodes
        for index, spec in enumerate(node.outputs)
    )


def _fetched(value: Any, dtype: DType) -> Any:
    """A value as the caller gets it: NumPy's own, to keep and to change, in the type that the graph declares."""
    array = text(value) if dtype is string else np.asarray(value).copy()
    if array.dtype != dtype.numpy:
        array = array.astype(dtype.numpy)
    return array if array.ndim else array[()]


def _resolve(graph: Graph, fetch: Any) -> Tensor | Operation:
    if isinstance(fetch, str):
        return graph.tensor(fetch) if ":" in fetch else graph.operation(fetch)
    found: Any = fetch
    if not isinstance(fetch, (Tensor, Operation)):
        # What an object of the user's, such as a variable, says that it stands for.
        found = getattr(fetch, "_as_graph_element", lambda: None)()
    if found is None:
        raise TypeError(f"a fetch is a tensor, an operation or a name; found {fetch!r}")
    if found.graph is not graph:
        raise GraphError(f"'{found.name}' belongs to another graph than this session's")
    return found


def _tensor(graph: Graph, key: Any) -> Tensor:
    tensor = graph.tensor(key) if isinstance(key, str) else _resolve(graph, key)
    if not isinstance(tensor, Tensor):
        raise InvalidArgumentError(f"only tensors can be fed; '{tensor.name}' is an operation")
    return tensor
