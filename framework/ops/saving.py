"""Ops that write tensors into a folder and read them again.

The format is that of our own checkpoints (`runtime.saved_state`), not TensorFlow's tensor bundle: what TensorFlow saved
these ops do not read. A session lets them reach one folder, and by default none: `Session(graph, files=folder)`.
"""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import merge_dim
from framework.ops.inference import Shapes, no_flops


def _check_names(call: Call) -> None:
    call.rank(0, 0)
    count: int | None = len(call.attrs["dtypes"])
    for index in (1, 2):
        shape = call.rank(index, 1)
        count = merge_dim(count, shape[0] if shape else None)


def _save_shape(call: Call) -> Shapes:
    _check_names(call)
    return []


def _restore_shape(call: Call) -> Shapes:
    _check_names(call)
    return [None] * len(call.attrs["dtypes"])


register_op(
    "SaveV2",
    inputs="prefix: string, tensor_names: string, shape_and_slices: string, tensors: dtypes",
    attrs="dtypes: list(type) >= 1",
    shape=_save_shape,
    stateful=True,
    traceable=False,
    flops=no_flops,
    doc="Saves tensors by name in the folder `prefix`, in place of what was saved there; `shape_and_slices` are empty. "
    "Only a session that was allowed a folder writes, and only below that: `Session(graph, files=folder)`.",
)
register_op(
    "RestoreV2",
    inputs="prefix: string, tensor_names: string, shape_and_slices: string",
    outputs="tensors: dtypes",
    attrs="dtypes: list(type) >= 1",
    shape=_restore_shape,
    stateful=True,
    traceable=False,
    flops=no_flops,
    doc="The tensors that were saved in the folder `prefix`, by name. Only a session that was allowed a folder reads, "
    "and only below that: `Session(graph, files=folder)`.",
)
