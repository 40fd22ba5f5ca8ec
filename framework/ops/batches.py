"""Blocks of a tensor's elements as entries of the batch, and back: how dilated convolutions are written."""

from __future__ import annotations

import math
from collections.abc import Sequence

from framework.graph import Call, Shape, register_op
from framework.graph.shapes import Dim, show
from framework.ops.inference import Shapes, at_least_rank, no_flops

_INDEX = "{int32, int64} = int32"


def _space_to_batch_shape(call: Call) -> Shapes:
    shape, block, margins = _given(call)
    if shape is None or block is None or margins is None:
        return [_unknown(shape, block)]
    padded = [None if d is None else d + sum(m) for d, m in zip(shape[1:], margins, strict=False)]
    for axis, (size, step) in enumerate(zip(padded, block, strict=True), start=1):
        if size is not None and size % step:
            raise call.fail(f"axis {axis} of {show(shape)} has size {size} with its padding, no multiple of {step}")
    sizes = [None if d is None else d // b for d, b in zip(padded, block, strict=True)]
    batch = None if shape[0] is None else shape[0] * math.prod(block)
    return [(batch, *sizes, *shape[1 + len(block) :])]


def _batch_to_space_shape(call: Call) -> Shapes:
    shape, block, crops = _given(call)
    if shape is None or block is None or crops is None:
        return [_unknown(shape, block)]
    if shape[0] is not None and shape[0] % math.prod(block):
        raise call.fail(f"the batch of {show(shape)} is no multiple of the {math.prod(block)} elements of a block")
    sizes = [None if d is None else d * b - sum(crop) for d, b, crop in zip(shape[1:], block, crops, strict=False)]
    if any(size is not None and size < 0 for size in sizes):
        raise call.fail(f"{crops} crops more of {show(shape)} than there is")
    batch = None if shape[0] is None else shape[0] // math.prod(block)
    return [(batch, *sizes, *shape[1 + len(block) :])]


Margins = Sequence[Sequence[int]]


def _given(call: Call) -> tuple[Shape, Sequence[int] | None, Margins | None]:
    """The shape of the input, the sizes of a block, and what is added to or taken from each axis, where known."""
    has_size = "block_size" in call.attrs
    shape = call.rank(0, 4) if has_size else at_least_rank(call, 0, 2)
    margins = call.constants[1 if has_size else 2]
    if has_size:
        block: Sequence[int] | None = (call.attrs["block_size"],) * 2
    else:
        call.rank(1, 1)
        given = call.constants[1]
        block = None if given is None else [int(b) for b in given]
    if block is not None and any(b < 1 for b in block):
        raise call.fail(f"'block_shape' must hold sizes of at least 1, found {list(block)}")
    if block is not None and shape is not None and len(shape) <= len(block):
        raise call.fail(f"the input {show(shape)} must have a batch and the {len(block)} axes of the block")
    if margins is not None and (margins.ndim != 2 or margins.shape[1] != 2 or (margins < 0).any()):
        raise call.fail(
            f"{call.op.inputs[-1].name!r} must be [axes, 2] numbers of at least 0, found {margins.tolist()}"
        )
    if margins is not None and block is not None and len(margins) != len(block):
        raise call.fail(f"{call.op.inputs[-1].name!r} speaks of {len(margins)} axes, the block of {len(block)}")
    return shape, block, None if margins is None else [[int(m) for m in pair] for pair in margins]


def _unknown(shape: Shape, block: Sequence[int] | None) -> Shape:
    if shape is None:
        return None
    kept: Sequence[Dim] = shape[1 + len(block) :] if block is not None else ()
    return (*(None,) * (len(shape) - len(kept)), *kept)


_TO_BATCH = "Each element of a block becomes an entry of the batch: [batch * block, ...]. "
_TO_SPACE = "The entries of the batch become blocks again, the inverse of "

register_op(
    "SpaceToBatchND",
    inputs="input: T, block_shape: Tblock_shape, paddings: Tpaddings",
    outputs="output: T",
    attrs=f"T: type, Tblock_shape: {_INDEX}, Tpaddings: {_INDEX}",
    shape=_space_to_batch_shape,
    flops=no_flops,
    doc=_TO_BATCH + "paddings: [axes of a block, 2], zeros that are added before.",
)
register_op(
    "BatchToSpaceND",
    inputs="input: T, block_shape: Tblock_shape, crops: Tcrops",
    outputs="output: T",
    attrs=f"T: type, Tblock_shape: {_INDEX}, Tcrops: {_INDEX}",
    shape=_batch_to_space_shape,
    flops=no_flops,
    doc=_TO_SPACE + "SpaceToBatchND. crops: [axes of a block, 2], what is taken away afterwards.",
)
register_op(
    "SpaceToBatch",
    inputs="input: T, paddings: Tpaddings",
    outputs="output: T",
    attrs=f"T: type, Tpaddings: {_INDEX}, block_size: int >= 2",
    shape=_space_to_batch_shape,
    flops=no_flops,
    doc=_TO_BATCH + "For images, and blocks of block_size x block_size (the older op).",
)
register_op(
    "BatchToSpace",
    inputs="input: T, crops: Tidx",
    outputs="output: T",
    attrs=f"T: type, block_size: int >= 2, Tidx: {_INDEX}",
    shape=_batch_to_space_shape,
    flops=no_flops,
    doc=_TO_SPACE + "SpaceToBatch (the older op).",
)
