"""A run whose kernels run one by one, each waited for, with the time and memory of every node.

The record is TensorFlow's RunMetadata, which the graph tab of TensorBoard colours its nodes by.
"""
# protobuf makes its classes while it imports, where no type checker sees them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from tensorboard.compat.proto import config_pb2

from framework.graph import Node
from framework.graph.opdef import lookup
from framework.runtime.checks import require
from framework.runtime.devices import Device, list_devices
from framework.runtime.evaluation import Array, Run
from framework.runtime.lower import Lowering
from framework.runtime.program import Program, State, current_platform

RunOptions: Any = config_pb2.RunOptions
RunMetadata: Any = config_pb2.RunMetadata


@dataclass(frozen=True)
class NodeTime:
    """What one node took.

    began, ended: seconds of `time.perf_counter`. outputs: shape (None for what is no array) and bytes of each output.
    """

    node: Node
    began: float
    ended: float
    outputs: tuple[tuple[tuple[int, ...] | None, int], ...]


def trace(
    program: Program, state: State, feeds: Mapping[str, Array], step: int
) -> tuple[list[Any], dict[str, Any], list[NodeTime]]:
    """Runs the nodes of a program one by one. Returns the fetches, the variables written, and what each node took.

    The time of a Gradients node is that of the reverse pass; of several that share one, the first has it.
    Raises as `Program.run` does.
    """
    lowering = program.lowering
    timed = _Timed(lowering.graph, lowering.fetches, program.operations, program.feeds, lowering.platform)
    known, number = program.known_state(state), np.asarray(step, np.int32)
    with jax.enable_x64(True) if program.wide else nullcontext():
        # JAX compiles each kernel when it first runs; an effect outside of the run must not happen twice for that.
        if not any(_has_effect(node) for node in timed.nodes):
            timed.run(Run(dict(feeds), known, number))
            timed.times.clear()
        run = timed.run(Run(dict(feeds), known, number))
    require(run.checks)
    return [run.values[name] for name in lowering.fetches], run.written, timed.times


class _Timed(Lowering):
    """A lowering that waits for each node, and notes what it took."""

    def __init__(self, *arguments: Any):
        super().__init__(*arguments)
        self.times: list[NodeTime] = []
        self._outermost = self.graph

    def _call(self, node: Node, run: Run) -> None:
        began = time.perf_counter()
        super()._call(node, run)
        if self.graph is not self._outermost:
            return  # a node of a function; the node that calls it has the time
        outputs = [run.values.get(f"{node.name}:{index}") for index in range(len(node.outputs))]
        self._note(node, began, outputs)

    def _differentiate(self, nodes: Sequence[Node], run: Run) -> list[Node]:
        first = len(self.times)
        began = time.perf_counter()
        rest = super()._differentiate(nodes, run)
        if self.graph is not self._outermost:
            return rest
        left = {node.name for node in rest}
        done = [node for node in nodes if node.op == "Gradients" and node.name not in left]
        noted = {entry.node.name for entry in self.times[first:]}
        for node in (node for node in done if node.name not in noted):
            outputs = [run.values[f"{node.name}:{index}"] for index in range(len(node.outputs))]
            # The nodes that the gradient is taken of ran first, and have been noted.
            forward = max((entry.ended for entry in self.times[first:]), default=began)
            self._note(node, forward, outputs)
        return rest

    def _note(self, node: Node, began: float, outputs: Sequence[Any]) -> None:
        arrays = [leaf for leaf in jax.tree.leaves(list(outputs)) if isinstance(leaf, jax.Array)]
        jax.block_until_ready(jax.lax.stop_gradient(arrays))
        sizes = [sum(int(leaf.nbytes) for leaf in jax.tree.leaves(x) if hasattr(leaf, "nbytes")) for x in outputs]
        shapes = [np.shape(x) if hasattr(x, "shape") else None for x in outputs]
        self.times.append(NodeTime(node, began, time.perf_counter(), tuple(zip(shapes, sizes, strict=True))))


def _has_effect(node: Node) -> bool:
    definition = lookup(node.op)
    return definition.is_stateful and not definition.is_traceable


def _device() -> Device:
    """The device that nodes run on, one of them when there are several."""
    kind = {"cpu": "CPU", "cuda": "GPU", "tpu": "TPU"}[current_platform()]
    return next(device for device in list_devices() if device.device_type == kind)


def fill(metadata: Any, times: Sequence[NodeTime]) -> None:
    """Writes what the nodes took into a RunMetadata message."""
    device = metadata.step_stats.dev_stats.add()
    device.device = _device().name
    offset = time.time() - time.perf_counter()
    for entry in times:
        stats = device.node_stats.add()
        stats.node_name, stats.timeline_label = entry.node.name, f"{entry.node.name} = {entry.node.op}"
        stats.all_start_micros = int((offset + entry.began) * 1e6)
        # TensorBoard leaves out what took no time at all.
        took = max(1, round((entry.ended - entry.began) * 1e6))
        stats.op_end_rel_micros = stats.all_end_rel_micros = took
        memory = stats.memory.add()
        memory.allocator_name = "jax"
        memory.total_bytes = memory.peak_bytes = sum(size for _, size in entry.outputs)
        for slot, (spec, (shape, size)) in enumerate(zip(entry.node.outputs, entry.outputs, strict=True)):
            output = stats.output.add()
            output.slot = slot
            output.tensor_description.dtype = spec.dtype.number
            output.tensor_description.shape.SetInParent()  # without it, TensorBoard fails on a scalar
            for length in shape or ():
                output.tensor_description.shape.dim.add().size = length
            allocation = output.tensor_description.allocation_description
            allocation.requested_bytes = allocation.allocated_bytes = size
            allocation.allocator_name = "jax"
