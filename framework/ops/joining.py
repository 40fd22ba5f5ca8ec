"""Tensors joined along an axis, and parted again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from framework.graph import Call, Shape, register_op
from framework.graph.shapes import Dim, merge, normalize_axes, show
from framework.ops.inference import Shapes, at_least_rank, no_flops, static_scalar, static_vector
from framework.ops.signatures import INDICES


def _concat_v2_shape(call: Call) -> Shapes:
    last = len(call.shapes) - 1
    return [_joined(call, call.shapes[:last], static_scalar(call, last))]


def _concat_shape(call: Call) -> Shapes:
    return [_joined(call, call.shapes[1:], static_scalar(call, 0))]


def _joined(call: Call, shapes: Sequence[Shape], axis: int | None) -> Shape:
    known = [shape for shape in shapes if shape is not None]
    if not known:
        return None
    rank = len(known[0])
    if rank == 0:
        raise call.fail("scalars cannot be joined along an axis", hint="pack stacks them along a new one")
    if axis is None:
        return reduce(merge, [(None,) * len(shape) for shape in known])
    (place,) = normalize_axes([axis], rank)
    others = reduce(merge, [(*shape[:place], None, *shape[place + 1 :]) for shape in known]) or ()
    along = [None if shape is None else shape[place] for shape in shapes]
    total = None if None in along else sum(d or 0 for d in along)
    return (*others[:place], total, *others[place + 1 :])


register_op(
    "ConcatV2",
    inputs="values: N * T, axis: Tidx",
    outputs="output: T",
    attrs=f"N: int >= 2, T: type, Tidx: {INDICES} = int32",
    shape=_concat_v2_shape,
    fold=lambda attrs, *inputs: np.concatenate(inputs[:-1], axis=int(inputs[-1])),
    flops=no_flops,
    wrapper="concat",
    doc="Joins tensors along an axis; their other dimensions must be equal.",
)
register_op(
    "Concat",
    inputs="concat_dim: int32, values: N * T",
    outputs="output: T",
    attrs="N: int >= 2, T: type",
    shape=_concat_shape,
    fold=lambda attrs, *inputs: np.concatenate(inputs[1:], axis=int(inputs[0])),
    flops=no_flops,
    wrapper="concat_v1",
    doc="Joins tensors along an axis; their other dimensions must be equal (the older op).",
)


def _pack_shape(call: Call) -> Shapes:
    shape = reduce(merge, call.shapes)
    if shape is None:
        return [None]
    (place,) = normalize_axes([call.attrs["axis"]], len(shape) + 1)
    return [(*shape[:place], len(call.shapes), *shape[place:])]


register_op(
    "Pack",
    inputs="values: N * T",
    outputs="output: T",
    attrs="N: int >= 1, T: type, axis: int = 0",
    shape=_pack_shape,
    fold=lambda attrs, *inputs: np.stack(inputs, axis=attrs["axis"]),
    flops=no_flops,
    wrapper="stack",
    doc="Stacks tensors of one shape along a new axis.",
)


def _unpack_shape(call: Call) -> Shapes:
    shape, count = at_least_rank(call, 0, 1), call.attrs["num"]
    if shape is None:
        return [None] * count
    (place,) = normalize_axes([call.attrs["axis"]], len(shape))
    if shape[place] not in (count, None):
        raise call.fail(f"axis {place} of {show(shape)} has size {shape[place]}, but 'num' is {count}")
    return [(*shape[:place], *shape[place + 1 :])] * count


def _unpack_fold(attrs: Mapping[str, Any], x: np.ndarray) -> list[np.ndarray]:
    return list(np.moveaxis(x, attrs["axis"], 0))


register_op(
    "Unpack",
    inputs="value: T",
    outputs="output: num * T",
    attrs="num: int >= 0, T: type, axis: int = 0",
    shape=_unpack_shape,
    fold=_unpack_fold,
    flops=no_flops,
    wrapper="unstack",
    doc="The `num` parts of a tensor along an axis, without that axis.",
)


def _split_shape(call: Call) -> Shapes:
    axis, shape, count = static_scalar(call, 0), at_least_rank(call, 1, 1), call.attrs["num_split"]
    if shape is None or axis is None:
        return [shape and (None,) * len(shape)] * count
    (place,) = normalize_axes([axis], len(shape))
    total = shape[place]
    if total is not None and total % count:
        raise call.fail(f"axis {place} of {show(shape)} has size {total}, which is no multiple of 'num_split' {count}")
    return [_with_size(shape, place, None if total is None else total // count)] * count


def _with_size(shape: Sequence[Dim], axis: int, size: Dim) -> Shape:
    return (*shape[:axis], size, *shape[axis + 1 :])


def _split_fold(attrs: Mapping[str, Any], axis: np.ndarray, value: np.ndarray) -> list[np.ndarray]:
    return np.split(value, attrs["num_split"], axis=int(axis))


register_op(
    "Split",
    inputs="split_dim: int32, value: T",
    outputs="output: num_split * T",
    attrs="num_split: int >= 1, T: type",
    shape=_split_shape,
    fold=_split_fold,
    flops=no_flops,
    doc="`num_split` parts of one size along an axis.",
)


def split_sizes(sizes: Sequence[int], total: int) -> list[int]:
    """`sizes` in which a -1 is what the others leave of `total`."""
    rest = total - sum(size for size in sizes if size != -1)
    return [rest if size == -1 else size for size in sizes]


def _split_v_shape(call: Call) -> Shapes:
    shape, sizes, axis = at_least_rank(call, 0, 1), static_vector(call, 1), static_scalar(call, 2)
    count = call.attrs["num_split"]
    if sizes is not None and (len(sizes) != count or any(s < -1 for s in sizes) or sizes.count(-1) > 1):
        raise call.fail(
            f"'size_splits' must be {count} sizes of at least 0, of which one may be -1; found {list(sizes)}"
        )
    if shape is None or axis is None:
        return [shape and (None,) * len(shape)] * count
    (place,) = normalize_axes([axis], len(shape))
    total = shape[place]
    if sizes is None:
        return [_with_size(shape, place, total if count == 1 else None)] * count
    if total is not None:
        found = split_sizes(sizes, total)
        if min(found) < 0 or sum(found) != total:
            raise call.fail(
                f"'size_splits' {list(sizes)} do not add up to the {total} of axis {place} of {show(shape)}"
            )
        return [_with_size(shape, place, size) for size in found]
    return [_with_size(shape, place, None if size == -1 else size) for size in sizes]


def _split_v_fold(attrs: Mapping[str, Any], value: np.ndarray, sizes: np.ndarray, axis: np.ndarray) -> list[np.ndarray]:
    found = split_sizes(sizes.tolist(), value.shape[int(axis)])
    return np.split(value, np.cumsum(found)[:-1], axis=int(axis))


register_op(
    "SplitV",
    inputs="value: T, size_splits: Tlen, split_dim: int32",
    outputs="output: num_split * T",
    attrs="num_split: int >= 1, T: type, Tlen: {int8, int32, int64} = int64",
    shape=_split_v_shape,
    fold=_split_v_fold,
    flops=no_flops,
    wrapper="split_v",
    doc="`num_split` parts along an axis, of the sizes given; a -1 stands for what the others leave.",
)
