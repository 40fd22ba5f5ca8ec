"""Batch normalisation by fixed statistics, worked into the weights of the layer before it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from framework.graph.graph import Graph
from framework.graph.node import Node, node_of
from framework.graph.passes.copying import Copy, completed, emptied, names_of
from framework.graph.passes.reach import consumers
from framework.graph.tensor import Tensor, convert_to_tensor

_WEIGHED = ("Conv2D", "DepthwiseConv2dNative", "Conv3D", "MatMul")
_NORMS = ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
_SUMS = ("Add", "AddV2", "BiasAdd")
_CHANNELS_FIRST = ("NCHW", "NCDHW")


class _Line(NamedTuple):
    """`scale * weighed + offset`, float64 `[channels]` each, where `weighed` is a node that has weights."""

    weighed: Node
    scale: np.ndarray
    offset: np.ndarray


def fold_batch_norm(graph: Graph, outputs: Collection[str]) -> Graph:
    """A convolution or product of other weights where one is multiplied by constants, a channel each.

    That is a FusedBatchNorm that is not training, or a product with constants, behind a convolution (or a product of
    matrices) of constant weights, with or without a bias between. Nothing else may read what lies between, and none
    of that may be asked for. Numbers are rounded otherwise than before.
    """
    lines = dict(_lines(graph, consumers(graph), names_of(outputs)))
    scaled = {line.weighed.name: line for line in lines.values()}
    copy = Copy(emptied(graph))
    for node in graph:
        if node.name in scaled:
            _add_scaled(copy, node, scaled[node.name])
        elif node.name in lines:
            _add_offset(copy, node, lines[node.name])
        else:
            copy.add(node)
    return completed(copy.target, graph)


def _lines(graph: Graph, readers: Mapping[str, list[Node]], kept: Collection[str]) -> Iterator[tuple[str, _Line]]:
    """The nodes that scale what a weighed one gives, by name."""

    def reader_of(node: Node) -> Node | None:
        """Who reads a node, where that is one other and nobody asks for it."""
        found = readers.get(f"{node.name}:0", [])
        return found[0] if len(found) == 1 and node.name not in kept else None

    for weighed in graph:
        shape = weighed.outputs[0].shape if weighed.op in _WEIGHED else None
        if shape is None or _constant(graph, weighed.inputs[1]) is None:
            continue
        axis = 1 if weighed.attrs.get("data_format") in _CHANNELS_FIRST else len(shape) - 1
        channels, node, offset = shape[axis], reader_of(weighed), np.zeros(1)
        if channels is None or node is None:
            continue
        if node.op in _SUMS:
            bias, node = _channels(graph, node, axis, len(shape)), reader_of(node)
            if bias is None or node is None:
                continue
            offset = bias
        scale, shift = _scaling(graph, node, axis, len(shape), readers, kept)
        if scale is not None:
            yield node.name, _Line(weighed, np.broadcast_to(scale, channels), shift + offset * scale)


def _scaling(
    graph: Graph, node: Node, axis: int, rank: int, readers: Mapping[str, list[Node]], kept: Collection[str]
) -> tuple[np.ndarray | None, np.ndarray]:
    """The factor and the offset by which a node changes each channel, or None where it does something else."""
    if node.op == "Mul":
        return _channels(graph, node, axis, rank), np.zeros(1)
    if node.op not in _NORMS or node.attrs["is_training"]:
        return None, np.zeros(1)
    numbers = [_constant(graph, name) for name in node.inputs[1:]]
    # Its further outputs are the statistics, which fetches by the node's name would not tell apart.
    is_used = any(f"{node.name}:{k}" in readers for k in range(1, len(node.outputs)))
    if is_used or any(number is None for number in numbers):
        return None, np.zeros(1)
    gamma, beta, mean, variance = (np.asarray(number, np.float64) for number in numbers)
    scale = gamma / np.sqrt(variance + node.attrs["epsilon"])
    return scale, beta - mean * scale


def _constant(graph: Graph, tensor: str) -> np.ndarray | None:
    node = graph.nodes[node_of(tensor)]
    return node.attrs["value"] if node.op == "Const" else None


def _channels(graph: Graph, node: Node, axis: int, rank: int) -> np.ndarray | None:
    """The constants `[channels]` or `[1]` that a node adds or multiplies by, or None where they are no such numbers."""
    found = [value for name in node.inputs if (value := _constant(graph, name)) is not None]
    if len(found) != 1:
        return None
    if node.op == "BiasAdd":
        return np.asarray(found[0], np.float64)
    shape = (1,) * (rank - found[0].ndim) + found[0].shape
    is_channels = len(shape) == rank and all(size == 1 for k, size in enumerate(shape) if k != axis)
    return np.asarray(found[0], np.float64).reshape(-1) if is_channels else None


def _add_scaled(copy: Copy, node: Node, line: _Line) -> None:
    """The weighed node with weights that give `scale` times as much."""
    tensors, weights = copy.inputs(node), copy.tensors[node.inputs[1]].op.node.attrs["value"]
    scale = line.scale
    if node.op == "DepthwiseConv2dNative":
        scale = scale.reshape(weights.shape[2:])
    elif node.op == "MatMul" and node.attrs["transpose_b"]:
        scale = scale[:, None]
    tensors[1] = _constant_here(copy, node, (weights.astype(np.float64) * scale).astype(weights.dtype), "weights")
    operation = copy.target.add(node.op, tensors, node.attrs, node.name, copy.controls(node), node.device or None)
    copy.replace(node, operation.outputs)


def _add_offset(copy: Copy, node: Node, line: _Line) -> None:
    """The sum of the weighed node and the offset, by the name of the node that stood here."""
    weighed = copy.tensors[f"{line.weighed.name}:0"]
    offset = np.broadcast_to(line.offset, line.scale.shape).astype(weighed.dtype.numpy)
    is_first = line.weighed.attrs.get("data_format") in _CHANNELS_FIRST
    attrs = {"data_format": "NCHW" if is_first else "NHWC"}
    tensors = [weighed, _constant_here(copy, node, offset, "offset")]
    outputs = copy.target.add("BiasAdd", tensors, attrs, node.name, copy.controls(node), node.device or None).outputs
    copy.replace(node, outputs)


def _constant_here(copy: Copy, node: Node, value: np.ndarray, name: str) -> Tensor:
    return convert_to_tensor(value, copy.target, name=f"{node.name}/{name}")
