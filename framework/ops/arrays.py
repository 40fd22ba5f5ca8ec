"""The shape of a tensor, and ops that arrange its elements anew: reshape, transpose, repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from framework.graph import Call, Shape, register_op
from framework.graph.shapes import broadcast, fits, is_known, merge, merge_dim, normalize_axes, show, size
from framework.ops.inference import (
    Shapes,
    at_least_rank,
    described_shape,
    no_flops,
    product,
    static_vector,
    unknown_of_length,
)
from framework.ops.signatures import INDICES

# -- what is known of a tensor without its elements ---------------------------------------------------------------


def _vector_of_rank(call: Call) -> Shapes:
    shape = call.shapes[0]
    return [(None if shape is None else len(shape),)]


for _name, _shape, _measure, _doc in (
    ("Shape", _vector_of_rank, lambda x: x.shape, "The size of each axis."),
    ("Size", lambda call: [()], lambda x: x.size, "The number of elements."),
):

    def _fold(attrs: Mapping[str, Any], x: Any, measure: Callable[[Any], Any] = _measure) -> np.ndarray:
        return np.array(measure(x), attrs["out_type"].numpy)

    register_op(
        _name,
        inputs="input: T",
        outputs="output: out_type",
        attrs=f"T: type, out_type: {INDICES} = int32",
        shape=_shape,
        fold=_fold,
        flops=no_flops,
        doc=_doc,
    )

register_op(
    "Rank",
    inputs="input: T",
    outputs="output: int32",
    attrs="T: type",
    shape=lambda call: [()],
    fold=lambda attrs, x: np.int32(x.ndim),
    flops=no_flops,
    doc="The number of axes.",
)


# -- one tensor ---------------------------------------------------------------------------------------------------


def _reshape_shape(call: Call) -> Shapes:
    source, wanted = call.shapes[0], static_vector(call, 1)
    if wanted is None:
        return [unknown_of_length(call.shapes[1])]
    if any(d < -1 for d in wanted) or wanted.count(-1) > 1:
        raise call.fail(f"a shape holds sizes of at least 0, and -1 at most once; found {list(wanted)}")
    result: Shape = tuple(None if d == -1 else d for d in wanted)
    if source is None:
        return [result]
    known = product([d for d in wanted if d != -1]) or 0
    elements = size(source)
    if elements is None:
        least = product([d for d in source if d is not None]) or 0
        fits = -1 in wanted or (known % least == 0 if least else known == 0)
    elif -1 in wanted:
        fits = known != 0 and elements % known == 0
        if fits:
            result = tuple(elements // known if d == -1 else d for d in wanted)
    else:
        fits = elements == known
    if not fits:
        count = "" if elements is None else f" of {elements} elements"
        raise call.fail(f"a tensor {show(source)}{count} cannot take the shape {list(wanted)}")
    return [result]


register_op(
    "Reshape",
    inputs="tensor: T, shape: Tshape",
    outputs="output: T",
    attrs=f"T: type, Tshape: {INDICES} = int32",
    shape=_reshape_shape,
    fold=lambda attrs, x, shape: x.reshape([int(d) for d in shape]),
    flops=no_flops,
    doc="The same elements in another shape, in which one -1 stands for what is left.",
)


def _squeeze_shape(call: Call) -> Shapes:
    shape, axes = call.shapes[0], call.attrs["squeeze_dims"]
    if shape is None:
        return [None]
    if not axes:
        return [tuple(d for d in shape if d != 1) if is_known(shape) else None]
    found = normalize_axes(axes, len(shape))
    for axis in found:
        if shape[axis] not in (1, None):
            raise call.fail(f"axis {axis} of {show(shape)} has size {shape[axis]}; only size 1 can be left out")
    return [tuple(d for axis, d in enumerate(shape) if axis not in found)]


register_op(
    "Squeeze",
    inputs="input: T",
    outputs="output: T",
    attrs="T: type, squeeze_dims: list(int) >= 0 = []",
    shape=_squeeze_shape,
    fold=lambda attrs, x: np.squeeze(x, axis=attrs["squeeze_dims"] or None),
    flops=no_flops,
    doc="Leaves the axes out, which must have size 1; all of size 1 when none are given.",
)


def _expand_dims_shape(call: Call) -> Shapes:
    shape, axis = call.shapes[0], call.constants[1]
    if axis is not None and axis.size != 1:
        raise call.fail(f"'dim' must be one axis, found {axis.tolist()}")
    if shape is None:
        return [None]
    if axis is None:
        return [(None,) * (len(shape) + 1)]
    (place,) = normalize_axes([int(axis.reshape(()))], len(shape) + 1)
    return [(*shape[:place], 1, *shape[place:])]


register_op(
    "ExpandDims",
    inputs="input: T, dim: Tdim",
    outputs="output: T",
    attrs=f"T: type, Tdim: {INDICES} = int32",
    shape=_expand_dims_shape,
    fold=lambda attrs, x, axis: np.expand_dims(x, int(axis.reshape(()))),
    flops=no_flops,
    doc="Puts an axis of size 1 at position `axis`; a negative one counts from behind the last axis.",
)


def _transpose_shape(call: Call) -> Shapes:
    shape, order = call.shapes[0], static_vector(call, 1)
    if order is None:
        rank = unknown_of_length(call.shapes[1])
        return [rank if shape is None else (None,) * len(shape)]
    if shape is None:
        return [(None,) * len(order)]
    if sorted(normalize_axes(order, len(shape))) != list(range(len(shape))):
        raise call.fail(f"'perm' must hold each axis of {show(shape)} once, found {list(order)}")
    return [tuple(shape[axis] for axis in order)]


register_op(
    "Transpose",
    inputs="x: T, perm: Tperm",
    outputs="y: T",
    attrs=f"T: type, Tperm: {INDICES} = int32",
    shape=_transpose_shape,
    fold=lambda attrs, x, order: np.transpose(x, [int(axis) for axis in order]),
    flops=no_flops,
    doc="The axes in another order: axis k of the result is axis perm[k] of x.",
)


def _tile_shape(call: Call) -> Shapes:
    shape, multiples = call.shapes[0], static_vector(call, 1)
    if multiples is None:
        rank = unknown_of_length(call.shapes[1])
        return [rank if shape is None else (None,) * len(shape)]
    if shape is None:
        return [(None,) * len(multiples)]
    if len(multiples) != len(shape) or any(m < 0 for m in multiples):
        raise call.fail(f"'multiples' must be {len(shape)} numbers of at least 0, found {list(multiples)}")
    return [tuple(0 if m == 0 else None if d is None else d * m for d, m in zip(shape, multiples, strict=True))]


register_op(
    "Tile",
    inputs="input: T, multiples: Tmultiples",
    outputs="output: T",
    attrs=f"T: type, Tmultiples: {INDICES} = int32",
    shape=_tile_shape,
    fold=lambda attrs, x, multiples: np.tile(x, [int(m) for m in multiples]),
    flops=no_flops,
    doc="Repeats the tensor multiples[k] times along axis k.",
)


def _broadcast_to_shape(call: Call) -> Shapes:
    shape, wanted = call.shapes[0], described_shape(call, 1)
    if shape is not None and wanted is not None and not fits(wanted, broadcast(shape, wanted)):
        raise call.fail(f"a tensor {show(shape)} does not broadcast to {show(wanted)}")
    return [wanted]


register_op(
    "BroadcastTo",
    inputs="input: T, shape: Tidx",
    outputs="output: T",
    attrs=f"T: type, Tidx: {INDICES} = int32",
    shape=_broadcast_to_shape,
    fold=lambda attrs, x, shape: np.broadcast_to(x, [int(d) for d in shape]),
    flops=no_flops,
    doc="Repeats the tensor along axes of size 1, and along new ones in front, up to a shape.",
)


def _reverse_shape(call: Call) -> Shapes:
    shape, axes = call.shapes[0], static_vector(call, 1)
    if shape is not None and axes is not None and len(set(normalize_axes(axes, len(shape)))) < len(axes):
        raise call.fail(f"each axis may be reversed once, found axes {list(axes)}")
    return [shape]


register_op(
    "ReverseV2",
    inputs="tensor: T, axis: Tidx",
    outputs="output: T",
    attrs=f"Tidx: {INDICES} = int32, T: {{uint8, int8, uint16, int16, int32, uint32, int64, uint64, bool, bfloat16, "
    "half, float, double, complex64, complex128}",
    shape=_reverse_shape,
    fold=lambda attrs, x, axes: np.flip(x, tuple(int(axis) for axis in axes)),
    flops=no_flops,
    wrapper="reverse",
    doc="The elements from the last to the first along some axes.",
)


def _roll_shape(call: Call) -> Shapes:
    shape, shift, axes = at_least_rank(call, 0, 1), call.rank(1, 0, 1), call.rank(2, 0, 1)
    merge(shift, axes)
    if shape is not None and call.constants[2] is not None:
        normalize_axes([int(axis) for axis in np.atleast_1d(call.constants[2])], len(shape))
    return [shape]


register_op(
    "Roll",
    inputs="input: T, shift: Tshift, axis: Taxis",
    outputs="output: T",
    attrs=f"T: type, Tshift: {INDICES}, Taxis: {INDICES}",
    shape=_roll_shape,
    flops=no_flops,
    doc="The elements moved by `shift` places along an axis, those from the end to the front; several shifts and axes "
    "are added up.",
)


def _reverse_sequence_shape(call: Call) -> Shapes:
    shape, lengths = call.shapes[0], call.rank(1, 1)
    if shape is None:
        return [None]
    along, batch = normalize_axes([call.attrs["seq_dim"], call.attrs["batch_dim"]], len(shape))
    if along == batch:
        raise call.fail(f"attributes 'seq_dim' and 'batch_dim' are both axis {along}")
    found = call.constants[1]
    if found is not None and found.size and shape[along] is not None:
        outside = found[(found < 0) | (found > shape[along])]
        if outside.size:
            raise call.fail(f"'seq_lengths' holds {outside[0]}, but axis {along} of {show(shape)} is not that long")
    if lengths is None:
        return [shape]
    return [(*shape[:batch], merge_dim(shape[batch], lengths[0], shape, lengths), *shape[batch + 1 :])]


register_op(
    "ReverseSequence",
    inputs="input: T, seq_lengths: Tlen",
    outputs="output: T",
    attrs=f"seq_dim: int, batch_dim: int = 0, T: type, Tlen: {INDICES} = int64",
    shape=_reverse_sequence_shape,
    flops=no_flops,
    doc="The first seq_lengths[k] elements along axis `seq_dim` from the last to the first, for each position k of "
    "axis `batch_dim`; the others stay.",
)
