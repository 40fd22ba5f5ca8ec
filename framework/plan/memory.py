"""How much memory a training step takes, estimated from the lives of the tensors of its graph.

XLA computes elementwise ops inside the op that reads them, so only some tensors are ever stored: what a product, a
convolution or a reduction gives, and what a product or a convolution reads. A stored tensor is freed after its last
use, which for what the gradients need is in the backward pass. The estimate plays both passes through and notes the
most that is held at once. What it cannot know is the order that XLA's scheduler chooses, and its scratch space.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from framework.build import Built
from framework.graph import Node
from framework.graph.node import node_of
from framework.graph.opdef import lookup
from framework.graph.passes import ancestors
from framework.graph.shapes import size
from framework.ops.inference import broadcasted, unchanged

# Given to the program, or part of it; never stored by it.
_GIVEN = {"Const", "Placeholder", "PlaceholderWithDefault", "VariableV2"}
# The same bytes under another shape.
_VIEWS = {"ExpandDims", "Identity", "Reshape", "Squeeze", "StopGradient"}
# Computed inside of what reads them, beside all whose shape function says that they are elementwise.
_FUSED = {
    "AddN",
    "BiasAdd",
    "Cast",
    "Fill",
    "FusedBatchNorm",
    "FusedBatchNormV3",
    "OneHot",
    "OnesLike",
    "Pad",
    "ZerosLike",
}
# Read elementwise tensors without storing them; what they give is stored.
_REDUCTIONS = {
    "All", "Any", "ArgMax", "AvgPool", "L2Loss", "Max", "MaxPool", "Mean", "Min", "Prod", "Rank", "Shape", "Size",
    "SoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits", "Sum",
}  # fmt: skip
# Their gradients need none of the tensors that they read.
_LINEAR = {
    "Add",
    "AddN",
    "AddV2",
    "AvgPool",
    "BiasAdd",
    "Cast",
    "ConcatV2",
    "Identity",
    "Mean",
    "Neg",
    "Pad",
    "Sub",
    "Sum",
}
_CONVOLUTIONS = {"Conv2D", "Conv2DBackpropInput", "DepthwiseConv2dNative"}
_PRODUCTS = {"BatchMatMul", "BatchMatMulV2", "MatMul", *_CONVOLUTIONS}


@dataclass(frozen=True)
class Memory:
    """Bytes that a training step holds.

    parameters, slots, state: the trainable variables, what training keeps beside them, and all others.
    batch: what a step is fed. activations: what the forward pass stores for the backward pass. gradients: of the
    parameters. peak: the most at once, all of these included.
    """

    parameters: int
    slots: int
    state: int
    batch: int
    activations: int
    gradients: int
    peak: int


def memory(built: Built, slots: int) -> Memory | None:
    """The memory of one step of a graph that trains; None where a shape is unknown.

    slots: how many arrays of the size of the parameters that are trained are kept beside them.
    """
    parameters, trained = _bytes(built, built.parameters), _bytes(built, built.trained)
    batch = _bytes(built, [node_of(tensor) for tensor in built.features.values()])
    state = _bytes(built, built.state)
    if parameters is None or trained is None or batch is None or state is None:
        return None
    step = _Step(built)
    try:
        step.forward()
        activations = step.held
        step.backward()
    except _UnknownShapeError:
        return None
    given = parameters + trained * slots + state + batch
    return Memory(parameters, trained * slots, state, batch, activations, step.gradients, given + step.peak)


class _UnknownShapeError(Exception):
    """A tensor whose size cannot be told."""


def _bytes(built: Built, nodes: Iterable[str]) -> int | None:
    specs = [built.graph.nodes[name].outputs[0] for name in nodes]
    sizes = [size(spec.shape) for spec in specs]
    return None if None in sizes else sum((n or 0) * s.dtype.size for n, s in zip(sizes, specs, strict=True))


@dataclass
class _Buffer:
    """A tensor that is stored.

    bytes: its size. made: the position of the node it is made for. sources: the stored tensors it is computed from.
    read: the last position that reads it forward. kept: the position whose gradient needs it, the earliest one.
    """

    bytes: int
    made: int
    sources: frozenset[str]
    read: int = -1
    kept: int | None = None
    readers: set[bool] = field(default_factory=set)  # whether gradients of convolutions, or of others, need it


class _Step:
    """Plays a training step through. held: bytes stored now. peak: the most so far. gradients: of parameters."""

    def __init__(self, built: Built):
        self.graph = built.graph
        self.parameters = set(built.trained)
        needed = ancestors(self.graph, [node_of(built.reports["loss"].mean)])
        self.nodes = [node for node in self.graph if node.name in needed and node.op not in _GIVEN]
        self.buffers: dict[str, _Buffer] = {}
        self.behind: dict[str, frozenset[str]] = {}  # tensor -> the stored tensors that it is computed from
        self.origin: dict[str, str] = {}  # a view -> the tensor that it shows
        self.trained: set[str] = {f"{name}:0" for name in self.parameters}  # tensors that have gradients
        self.held = self.peak = self.gradients = 0
        for position, node in enumerate(self.nodes):
            self._place(position, node)
        self._copy_for_filters()

    # -- what is stored -------------------------------------------------------------------------------------------

    def _place(self, position: int, node: Node) -> None:
        inputs = [self._origin(tensor) for tensor in node.inputs]
        outputs = [f"{node.name}:{k}" for k in range(len(node.outputs))]
        if any(tensor in self.trained for tensor in inputs) and node.op != "StopGradient":
            self.trained.update(t for t, spec in zip(outputs, node.outputs, strict=True) if spec.dtype.is_floating)
        if node.op in _VIEWS:
            self.origin[outputs[0]] = inputs[0]
            return
        fused = _is_fused(node)
        if not fused and node.op not in _REDUCTIONS:
            for tensor in inputs:
                self._store(tensor, position)
        read = frozenset().union(*(self._behind(tensor) for tensor in inputs))
        for name in read:
            self.buffers[name].read = position
        for tensor in outputs:
            self.behind[tensor] = read
            if not fused:
                self._store(tensor, position, force=True)
        if any(tensor in self.trained for tensor in outputs):
            self._keep(position, node, inputs, outputs, read)

    def _keep(self, position: int, node: Node, inputs: list[str], outputs: list[str], read: frozenset[str]) -> None:
        """Notes what the gradient of a node needs."""
        needed = read
        if node.op in _LINEAR:
            return
        if node.op in _PRODUCTS:  # the gradient for one factor reads the other
            left, right = inputs[-2:]
            pairs = ((left, right), (right, left))
            needed = frozenset().union(*(self._behind(one) for one, other in pairs if other in self.trained))
        elif node.op == "MaxPool":
            needed = read | self._behind(outputs[0])
        for name in needed:
            buffer = self.buffers[name]
            buffer.kept = position if buffer.kept is None else min(buffer.kept, position)
            buffer.readers.add(node.op in _CONVOLUTIONS)

    def _copy_for_filters(self) -> None:
        """The gradient of a filter reads a transposed copy, made beforehand; with other readers both are held."""
        for name, buffer in list(self.buffers.items()):
            if buffer.readers == {True, False}:
                self.buffers[f"{name} transposed"] = _Buffer(
                    buffer.bytes, buffer.made, frozenset(), buffer.read, buffer.kept
                )

    def _origin(self, tensor: str) -> str:
        return self.origin.get(tensor, tensor)

    def _behind(self, tensor: str) -> frozenset[str]:
        return self.behind.get(self._origin(tensor), frozenset())

    def _store(self, tensor: str, position: int, *, force: bool = False) -> None:
        """Makes a tensor one that is stored, unless it is already or is given to the program."""
        is_given = self.graph.nodes[node_of(tensor)].op in _GIVEN
        if tensor in self.buffers or (is_given and not force):
            return
        spec = self.graph.spec(tensor)
        count = size(spec.shape)
        if count is None:
            raise _UnknownShapeError
        self.buffers[tensor] = _Buffer(count * spec.dtype.size, position, self.behind.get(tensor, frozenset()))
        self.behind[tensor] = frozenset([tensor])

    # -- the two passes -------------------------------------------------------------------------------------------

    def _by_position(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for name, buffer in self.buffers.items():
            found.setdefault(buffer.made, []).append(name)
        return found

    def _take(self, count: int) -> None:
        self.held += count
        self.peak = max(self.peak, self.held)

    def forward(self) -> None:
        """Stores tensors as they are made; frees those that neither a later node nor a gradient reads."""
        made, waiting = self._by_position(), set()
        for position in range(len(self.nodes)):
            for name in made.get(position, ()):
                self._take(self.buffers[name].bytes)
                waiting.add(name)
            for name in [n for n in waiting if self.buffers[n].read <= position]:
                waiting.discard(name)
                if self.buffers[name].kept is None:
                    self.held -= self.buffers[name].bytes

    def backward(self) -> None:
        """Makes gradients from the last node to the first; those of parameters are held to the end."""
        made = self._by_position()
        freed: dict[int, int] = {}
        for buffer in self.buffers.values():
            if buffer.kept is not None:
                freed[buffer.kept] = freed.get(buffer.kept, 0) + buffer.bytes
        open_gradients: dict[str, int] = {}
        without_gradient = set(self.parameters)
        for position in reversed(range(len(self.nodes))):
            node = self.nodes[position]
            for name in self._gradients_of(node, made.get(position, ())):
                self._open(name, open_gradients)
            for tensor in node.inputs:
                if node_of(tensor) in without_gradient:
                    without_gradient.discard(node_of(tensor))
                    spec = self.graph.spec(tensor)
                    count = math.prod(d or 0 for d in spec.shape or ()) * spec.dtype.size
                    self.gradients += count
                    self._take(count)
            for name in made.get(position, ()):
                self.held -= open_gradients.pop(name, 0)
            self.held -= freed.get(position, 0)

    def _gradients_of(self, node: Node, made: Iterable[str]) -> Iterator[str]:
        """The stored tensors whose gradients follow at a node from those of the tensors made there."""
        for name in made:
            yield from self.buffers[name].sources
        if not _is_fused(node):
            for tensor in node.inputs:
                yield from self._behind(tensor)

    def _open(self, name: str, open_gradients: dict[str, int]) -> None:
        if name in self.trained and name not in open_gradients:
            open_gradients[name] = self.buffers[name].bytes
            self._take(self.buffers[name].bytes)


def _is_fused(node: Node) -> bool:
    return node.op in _FUSED or lookup(node.op).shape in (broadcasted, unchanged)
