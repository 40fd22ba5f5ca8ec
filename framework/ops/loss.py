"""Losses that are one op."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import broadcast, merge_dim, show
from framework.ops.inference import Shapes, input_flops, scalar
from framework.ops.signatures import FLOATS, INDICES


def _softmax_cross_entropy_shape(call: Call) -> Shapes:
    shape = broadcast(call.shapes[0], call.shapes[1])
    if shape is None:
        return [(None,), (None, None)]
    if len(shape) != 2:
        raise call.fail(
            f"'features' and 'labels' must together have rank 2 [batch, classes], "
            f"found {show(call.shapes[0])} and {show(call.shapes[1])}"
        )
    return [shape[:1], shape]


def _sparse_softmax_cross_entropy_shape(call: Call) -> Shapes:
    features, labels = call.rank(0, 2) or (None, None), call.rank(1, 1) or (None,)
    if features[0] is not None and labels[0] is not None and features[0] != labels[0]:
        raise call.fail(f"there are {features[0]} rows of 'features', but {labels[0]} 'labels'")
    batch = merge_dim(features[0], labels[0])
    return [(batch,), (batch, features[1])]


_CROSS_ENTROPY = "loss: T, backprop: T"

register_op(
    "SoftmaxCrossEntropyWithLogits",
    inputs="features: T, labels: T",
    outputs=_CROSS_ENTROPY,
    attrs=f"T: {FLOATS}",
    shape=_softmax_cross_entropy_shape,
    flops=input_flops(11),
    wrapper="softmax_cross_entropy_with_logits",
    doc="-sum(labels * log(softmax(features))) for each row, and softmax(features) - labels. "
    "The gradient is that of the formula, also for rows of labels that do not add up to 1.",
)
register_op(
    "SparseSoftmaxCrossEntropyWithLogits",
    inputs="features: T, labels: Tlabels",
    outputs=_CROSS_ENTROPY,
    attrs=f"T: {FLOATS}, Tlabels: {INDICES} = int64",
    shape=_sparse_softmax_cross_entropy_shape,
    flops=input_flops(10),
    wrapper="sparse_softmax_cross_entropy_with_logits",
    doc="-log(softmax(features)[label]) for each row, and softmax(features) - one_hot(labels). "
    "A label outside of the classes gives NaN.",
)
register_op(
    "L2Loss",
    inputs="t: T",
    outputs="output: T",
    attrs=f"T: {FLOATS}",
    shape=scalar,
    flops=input_flops(2),
    wrapper="l2_loss",
    doc="sum(t * t) / 2.",
)
