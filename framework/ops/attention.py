"""Attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from framework.graph import Tensor, register_op
from framework.ops import wrappers as ops
from framework.ops.precision import narrowed, widened
from framework.ops.signatures import FLOATS

_NEVER = -1e38  # a score that no other comes near, and whose exponential is 0


def _attention(attrs: Mapping[str, Any], query: Tensor, key: Tensor, value: Tensor, *more: Tensor) -> Tensor:
    biases, factors = more[: attrs["N"]], more[attrs["N"] :]
    by_head = [ops.transpose(x, [0, 2, 1, 3]) for x in (query, key, value)]
    scores = widened(ops.batch_matmul(by_head[0], by_head[1], adj_y=True)) * attrs["scale"]
    for bias in biases:
        scores = scores + widened(bias)
    if attrs["causal"]:
        is_past = ops.greater_equal(ops.expand_dims(_places(query), 1), ops.expand_dims(_places(key), 0))
        scores = ops.where(is_past, scores, _NEVER)
    weights = narrowed(ops.softmax(scores), value)
    for factor in factors:
        weights = weights * factor
    return ops.transpose(ops.batch_matmul(weights, by_head[2]), [0, 2, 1, 3])


def _places(x: Tensor) -> Tensor:
    """0, 1, 2, ... along the axis of time."""
    time = None if x.shape is None else x.shape[1]
    if time is None:
        time = ops.strided_slice(ops.shape(x), [1], [2], [1], shrink_axis_mask=1)
    return ops.range(0, time)


register_op(
    "Attention",
    inputs="query: T, key: T, value: T, bias: N * T, factor: M * T",
    outputs="output: T",
    attrs=f"scale: float, causal: bool = false, N: int >= 0, M: int >= 0, T: {FLOATS}",
    body=_attention,
    doc="factor * softmax(scale * query key' + bias) value, in each head by itself: query [batch, time, heads, depth], "
    "key and value [batch, other time, heads, depth]; each bias and factor is broadcast to [batch, heads, time, other "
    "time]. When `causal`, an element reads only those up to its own place. Vaswani et al., NeurIPS 2017.",
)
