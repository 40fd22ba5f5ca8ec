"""Ops on TensorArrays, the older lists of tensors: a handle says what they are, and the flow carries what they hold."""

from __future__ import annotations

from framework.errors import GraphError
from framework.graph import Call, register_op
from framework.graph.shapes import merge, show
from framework.ops.inference import Shapes, at_least_rank, no_flops


def _array(call: Call) -> Shapes:
    call.rank(0, 0)
    return [(2,), ()]


def _read(call: Call) -> Shapes:
    call.rank(1, 0)
    return [None]


def _write(call: Call) -> Shapes:
    call.rank(1, 0)
    return [()]


def _gather(call: Call) -> Shapes:
    indices, shape = call.rank(1, 1), call.attrs["element_shape"]
    if shape is None:
        return [None]
    return [(None if indices is None else indices[0], *shape)]


def _scatter(call: Call) -> Shapes:
    indices, value = call.rank(1, 1), at_least_rank(call, 2, 1)
    if indices is not None and value is not None:
        try:
            merge(indices, value[:1])
        except GraphError:
            raise call.fail(f"indices of shape {show(indices)} for a value of shape {show(value)}") from None
    return [()]


def _flow(call: Call) -> Shapes:
    return [()]


def _concat(call: Call) -> Shapes:
    shape = call.attrs["element_shape_except0"]
    return [None if shape is None else (None, *shape), (None,)]


def _split(call: Call) -> Shapes:
    at_least_rank(call, 1, 1)
    call.rank(2, 1)
    return [()]


def _close(call: Call) -> Shapes:
    return []


_ATTRS = (
    "dtype: type, element_shape: shape = unknown, dynamic_size: bool = false, clear_after_read: bool = true, "
    "identical_element_shapes: bool = false, tensor_array_name: string = ''"
)
for _name, _inputs, _outputs, _attrs, _shape, _doc in (
    ("TensorArrayV3", "size: int32", "handle: resource, flow: float", _ATTRS, _array,
     "A list of `size` elements that are yet to be written; with `dynamic_size` it grows where it is written behind."),
    ("TensorArrayReadV3", "handle: resource, index: int32, flow_in: float", "value: dtype", "dtype: type", _read,
     "The element at `index`."),
    ("TensorArrayWriteV3", "handle: resource, index: int32, value: T, flow_in: float", "flow_out: float", "T: type",
     _write, "Writes `value` at `index`."),
    ("TensorArrayGatherV3", "handle: resource, indices: int32, flow_in: float", "value: dtype",
     "dtype: type, element_shape: shape = unknown", _gather, "The elements at `indices` along a new first axis."),
    ("TensorArrayScatterV3", "handle: resource, indices: int32, value: T, flow_in: float", "flow_out: float",
     "T: type", _scatter, "Writes the entries of `value` along its first axis at `indices`."),
    ("TensorArraySizeV3", "handle: resource, flow_in: float", "size: int32", "", _flow, "How many elements there are."),
    ("TensorArrayConcatV3", "handle: resource, flow_in: float", "value: dtype, lengths: int64",
     "dtype: type, element_shape_except0: shape = unknown", _concat,
     "All elements behind each other along their first axis, and how long each is."),
    ("TensorArraySplitV3", "handle: resource, value: T, lengths: int64, flow_in: float", "flow_out: float", "T: type",
     _split, "Writes pieces of `value` along its first axis, as long as `lengths` says."),
    ("TensorArrayCloseV3", "handle: resource", "", "", _close, "Nothing; lists need no closing."),
):  # fmt: skip
    register_op(
        _name,
        inputs=_inputs,
        outputs=_outputs,
        attrs=_attrs,
        shape=_shape,
        stateful=True,
        flops=no_flops,
        doc=_doc,
    )
