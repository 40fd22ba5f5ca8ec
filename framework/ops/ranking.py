"""The greatest of many."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import merge_dim, show
from framework.ops.inference import Shapes, at_least_rank, input_flops, static_scalar
from framework.ops.signatures import INDICES, REALS, SMALL_INDICES


def _top_k_shape(call: Call) -> Shapes:
    shape, k = at_least_rank(call, 0, 1), static_scalar(call, 1)
    if k is not None and k < 0:
        raise call.fail(f"'k' must be at least 0, found {k}")
    if shape is None:
        return [None, None]
    if k is not None and shape[-1] is not None and k > shape[-1]:
        raise call.fail(f"'k' is {k}, but the last axis of {show(shape)} has {shape[-1]} elements")
    return [(*shape[:-1], k)] * 2


register_op(
    "TopKV2",
    inputs="input: T, k: Tk",
    outputs="values: T, indices: index_type",
    attrs=f"sorted: bool = true, T: {REALS}, Tk: {SMALL_INDICES} = int32, index_type: {SMALL_INDICES} = int32",
    shape=_top_k_shape,
    flops=input_flops(),
    wrapper="top_k",
    doc="The `k` greatest elements along the last axis and their positions, the greatest first and of equal ones the "
    "first; they come so whether or not `sorted` is asked for.",
)


def _in_top_k_shape(call: Call) -> Shapes:
    predictions, targets = call.rank(0, 2) or (None, None), call.rank(1, 1) or (None,)
    call.rank(2, 0)
    if predictions[0] is not None and targets[0] is not None and predictions[0] != targets[0]:
        raise call.fail(f"there are {predictions[0]} rows of 'predictions', but {targets[0]} 'targets'")
    return [(merge_dim(predictions[0], targets[0]),)]


register_op(
    "InTopKV2",
    inputs="predictions: float, targets: T, k: T",
    outputs="precision: bool",
    attrs=f"T: {INDICES} = int32",
    shape=_in_top_k_shape,
    flops=input_flops(2),
    wrapper="in_top_k",
    doc="For each row, whether fewer than `k` predictions are greater than that of its target; False where one is "
    "not finite or the target is none of the classes.",
)
