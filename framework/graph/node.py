"""A node is plain frozen data: everything GraphDef says of it, and the types and shapes of its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from framework.graph.dtypes import DType
from framework.graph.shapes import Shape, show


class TensorSpec(NamedTuple):
    """Element type and static shape of one output."""

    dtype: DType
    shape: Shape

    def __repr__(self) -> str:
        return f"{self.dtype}{show(self.shape)}"


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One node of a graph.

    inputs: tensor names, always written whole (`conv1/Relu:0`). control_inputs: names of nodes that run before.
    attrs: in the plain form of `graph.attrs`. device: as the user wrote it, or "".
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    control_inputs: tuple[str, ...]
    attrs: Mapping[str, Any]
    device: str
    outputs: tuple[TensorSpec, ...]

    @property
    def parents(self) -> tuple[str, ...]:
        """Names of the nodes that must have run before this one, data inputs first, with repetitions."""
        return (*(node_of(tensor) for tensor in self.inputs), *self.control_inputs)


def node_of(tensor: str) -> str:
    """The node of a tensor name: `a/b:1` -> `a/b`."""
    return tensor.rpartition(":")[0] or tensor


def split(tensor: str) -> tuple[str, int]:
    """Node and output index of a tensor name: `a/b:1` -> (`a/b`, 1); a bare node name is its output 0.

    What stands behind a colon and is no number belongs to the name, which no node then has.
    """
    name, colon, index = tensor.rpartition(":")
    return (name, int(index)) if colon and index.isdecimal() and len(index) < 10 else (tensor, 0)
