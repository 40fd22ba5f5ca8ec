"""What shape functions find out although something is unknown, and what an op costs; worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from framework import ops
from framework.graph import Graph, Shape, Tensor
from framework.graph.cost import cost


def f(*shape: int | None) -> Tensor:
    return ops.placeholder("float32", shape)


def unknown() -> Tensor:
    return ops.placeholder("float32")


def computed(*shape: int | None) -> Tensor:
    """Integers that are not known before the graph runs."""
    return ops.placeholder("int32", shape)


ONE = np.ones(3, np.float32)

SHAPES: list[tuple[str, Callable[[], Tensor], Shape]] = [
    ("broadcast with unknown", lambda: ops.add(f(None, 1), f(4)), (None, 4)),
    ("known beats unknown in a broadcast", lambda: ops.add(f(None, 3), f(5, 3)), (5, 3)),
    ("broadcast with an unknown rank", lambda: ops.add(unknown(), f(3)), None),
    ("product of an unknown batch", lambda: ops.matmul(f(None, 4), f(4, 2)), (None, 2)),
    ("product of an unknown rank", lambda: ops.matmul(unknown(), f(4, 2)), (None, 2)),
    ("batched product", lambda: ops.batch_matmul(f(None, 2, 3, 4), f(4, 5)), (None, 2, 3, 5)),
    ("mean over images", lambda: ops.reduce_mean(f(None, 8, 8, 3), [1, 2]), (None, 3)),
    ("axes that are computed", lambda: ops.reduce_sum(f(2, 3), computed(1)), None),
    ("axes that are computed, kept", lambda: ops.reduce_sum(f(2, 3), computed(1), keepdims=True), (None, None)),
    ("argmax", lambda: ops.argmax(f(None, 10), 1), (None,)),
    ("reshape finds -1", lambda: ops.reshape(f(2, 3, 4), [-1, 6]), (4, 6)),
    ("reshape of an unknown batch", lambda: ops.reshape(f(None, 8, 8, 1), [-1, 64]), (None, 64)),
    ("reshape of an unknown rank", lambda: ops.reshape(unknown(), [2, -1]), (2, None)),
    ("reshape to a computed shape", lambda: ops.reshape(f(4), computed(3)), (None, None, None)),
    ("reshape to an unknown rank", lambda: ops.reshape(f(4), computed(None)), None),
    (
        "reshape to the shape of another",
        lambda: ops.reshape(
            f(6), ops.stack([ops.size(f(2)), ops.strided_slice(ops.shape(f(3, 5)), [0], [1], [1], shrink_axis_mask=1)])
        ),
        (2, 3),
    ),
    ("squeeze with an unknown batch", lambda: ops.squeeze(f(None, 1, 3), axis=[1]), (None, 3)),
    ("squeeze of what may be 1", lambda: ops.squeeze(f(None, 1, 3)), None),
    ("transpose by a computed order", lambda: ops.transpose(f(2, 3), computed(2)), (None, None)),
    ("concat of unknown parts", lambda: ops.concat([f(None, 3), f(2, None)], 1), (2, None)),
    ("concat along an unknown axis", lambda: ops.concat([f(None, 3), f(2, 3)], 0), (None, 3)),
    ("pack learns from all", lambda: ops.stack([f(None, 3), f(2, None)], axis=1), (2, 2, 3)),
    (
        "slice of an unknown batch",
        lambda: ops.strided_slice(f(None, 6), [0, 1], [0, 5], [1, 2], begin_mask=1, end_mask=1),
        (None, 2),
    ),
    (
        "slice by computed limits",
        lambda: ops.strided_slice(f(4, 6), computed(1), computed(1), computed(1)),
        (None, None),
    ),
    (
        "one row by a computed index",
        lambda: ops.strided_slice(f(4, 6), computed(1), computed(1), [1], shrink_axis_mask=1),
        (None,),
    ),
    ("slice of the rest", lambda: ops.slice(f(None, 6), [1, 1], [-1, 2]), (None, 2)),
    ("slice of a computed size", lambda: ops.slice(f(5, 6), [1, 1], computed(2)), (None, None)),
    ("gather", lambda: ops.gather(f(None, 7), ops.placeholder("int32", [5, None]), 1), (None, 5, None)),
    (
        "gather in a batch",
        lambda: ops.gather(f(None, 7, 2), ops.placeholder("int32", [3, 4]), 1, batch_dims=1),
        (3, 4, 2),
    ),
    ("gather in several axes", lambda: ops.gather_nd(f(5, None, 7), computed(None, 2)), (None, 7)),
    ("gather in an unknown number of axes", lambda: ops.gather_nd(f(5, 6), computed(3, None)), None),
    ("split of an unknown batch", lambda: ops.split(1, f(None, 6), 3)[2], (None, 2)),
    ("split along an unknown axis", lambda: ops.split(0, f(None, 6), 3)[0], (None, 6)),
    ("split along a computed axis", lambda: ops.split(computed(), f(4, 6), 2)[0], (None, None)),
    ("what a split leaves", lambda: ops.split_v(f(None, 6), [1, -1], 1, 2)[1], (None, 5)),
    ("what a split of an unknown axis leaves", lambda: ops.split_v(f(None, 6), [1, -1], 0, 2)[1], (None, 6)),
    ("mirror of an unknown batch", lambda: ops.mirror_pad(f(None, 3), [[0, 0], [1, 2]], "REFLECT"), (None, 6)),
    ("broadcast to a computed shape", lambda: ops.broadcast_to(f(3), computed(2)), (None, None)),
    ("blocks of an unknown batch", lambda: ops.space_to_depth(f(None, 4, 6, 3), 2), (None, 2, 3, 12)),
    ("pixels of blocks", lambda: ops.depth_to_space(f(None, 12, None, 3), 2, data_format="NCHW"), (None, 3, None, 6)),
    ("top k of an unknown batch", lambda: ops.top_k(f(None, 10), 3).indices, (None, 3)),
    ("top k of a computed k", lambda: ops.top_k(f(2, 10), computed()).values, (2, None)),
    ("targets tell the batch", lambda: ops.in_top_k(f(None, 3), computed(7), 1), (7,)),
    ("a condition tells the rows", lambda: ops.select(ops.placeholder("bool", [4]), f(None, 3), f(None, 3)), (4, 3)),
    ("einsum of an unknown batch", lambda: ops.einsum([f(None, 3, 4), f(4, 5)], "bij,jk->bik"), (None, 3, 5)),
    ("einsum learns from both", lambda: ops.einsum([f(None, 4), f(2, None)], "ij,ij->ji"), (4, 2)),
    ("einsum of unknown ranks", lambda: ops.einsum([unknown(), f(4, 5)], "...j,jk->...k"), None),
    ("einsum of an unknown rank", lambda: ops.einsum([unknown(), f(4, 5)], "ij,jk->ik"), (None, 5)),
    ("einsum spells the rest out", lambda: ops.einsum([f(None, 7, 4), f(4, 5)], "...j,jk->...k"), (None, 7, 5)),
    ("numbers of a computed count", lambda: ops.linspace(0.0, 1.0, computed()), (None,)),
    ("pad of an unknown batch", lambda: ops.pad(f(None, 2), [[0, 0], [1, 2]]), (None, 5)),
    ("pad by computed amounts", lambda: ops.pad(f(1, 2), computed(2, 2)), (None, None)),
    ("tile", lambda: ops.tile(f(None, 2), [3, 2]), (None, 4)),
    ("fill of a computed shape", lambda: ops.fill(computed(2), 0.0), (None, None)),
    ("range to a computed limit", lambda: ops.range(0, computed(), 1), (None,)),
    ("range of known numbers", lambda: ops.range(1, 10, 4), (3,)),
    ("one-hot of a computed depth", lambda: ops.one_hot(computed(None), computed()), (None, None)),
    ("random numbers of a computed shape", lambda: ops.random_uniform(ops.shape(f(None, 3))), (None, None)),
    ("random numbers of a known shape", lambda: ops.random_normal(ops.shape(f(2, 3))), (2, 3)),
    (
        "convolution of an unknown batch",
        lambda: ops.conv2d(f(None, 7, 6, 2), f(3, 2, 2, 5), [1, 2, 3, 1], "SAME"),
        (None, 4, 2, 5),
    ),
    (
        "convolution of an unknown height",
        lambda: ops.conv2d(f(1, None, 6, 2), f(3, 2, 2, 5), [1, 1, 1, 1], "VALID"),
        (1, None, 5, 5),
    ),
    (
        "convolution, channels first",
        lambda: ops.conv2d(f(None, 2, 7, 6), f(3, 2, 2, 5), [1, 1, 1, 1], "VALID", data_format="NCHW"),
        (None, 5, 5, 5),
    ),
    (
        "dilated convolution",
        lambda: ops.conv2d(f(1, 9, 9, 1), f(3, 3, 1, 1), [1, 1, 1, 1], "VALID", dilations=[1, 2, 3, 1]),
        (1, 5, 3, 1),
    ),
    ("pooling", lambda: ops.max_pool(f(None, 7, 7, 2), [1, 3, 3, 1], [1, 2, 2, 1], "VALID"), (None, 3, 3, 2)),
    ("pooling of an unknown rank", lambda: ops.max_pool(unknown(), [1, 3, 3, 1], [1, 2, 2, 1], "VALID"), (None,) * 4),
    ("bias tells the channels", lambda: ops.bias_add(f(None, None), ONE), (None, 3)),
    (
        "batch norm tells the channels",
        lambda: ops.fused_batch_norm(f(None, 2, 2, None), ONE, ONE, ONE, ONE).y,
        (None, 2, 2, 3),
    ),
    ("labels tell the batch", lambda: ops.sparse_softmax_cross_entropy_with_logits(f(None, 3), computed(7)).loss, (7,)),
    (
        "logits and labels together",
        lambda: ops.softmax_cross_entropy_with_logits(f(None, 3), f(4, None)).backprop,
        (4, 3),
    ),
    ("a comparison that may not broadcast", lambda: ops.equal(f(None), f(2), incompatible_shape_error=False), None),
    ("assign tells the variable's shape", lambda: ops.assign(ops.variable("float32", [None, 3]), f(2, 3)), (2, 3)),
]


@pytest.mark.parametrize(("build", "expected"), [case[1:] for case in SHAPES], ids=[case[0] for case in SHAPES])
def test_shape(build: Callable[[], Tensor], expected: Shape) -> None:
    with Graph().as_default():
        assert build().shape == expected


FLOPS: list[tuple[str, Callable[[], Tensor], int | None]] = [
    ("product: 2 * 3 * 4 * 5", lambda: ops.matmul(f(3, 4), f(4, 5)), 120),
    ("transposed product", lambda: ops.matmul(f(4, 3), f(4, 5), transpose_a=True), 120),
    ("product of an unknown batch", lambda: ops.matmul(f(None, 4), f(4, 5)), None),
    ("batched product: 2 * 7 * 3 * 4 * 5", lambda: ops.batch_matmul(f(7, 3, 4), f(4, 5)), 840),
    (
        "convolution: 2 * (22 * 22 elements inside) * 4 * 16",
        lambda: ops.conv2d(f(1, 8, 8, 4), f(3, 3, 4, 16), [1] * 4, "SAME"),
        61_952,
    ),
    ("grouped convolution reads half", lambda: ops.conv2d(f(1, 8, 8, 4), f(3, 3, 2, 16), [1] * 4, "SAME"), 30_976),
    ("elementwise: one an element of the result", lambda: ops.add(f(3, 1), f(4)), 12),
    ("sum of three: two additions an element", lambda: ops.add_n([f(5)] * 3), 10),
    ("reduction: the size of the input", lambda: ops.reduce_sum(f(3, 4)), 12),
    ("argmax: eight an element, as positions are compared too", lambda: ops.argmax(f(3, 4), 1), 96),
    ("pooling: 2 * 3 * 3 windows of 4", lambda: ops.max_pool(f(1, 6, 6, 2), [1, 2, 2, 1], [1, 2, 2, 1], "VALID"), 72),
    ("unknown batch", lambda: ops.relu(f(None, 3)), None),
    ("einsum: 2 * 7 * 3 * 4 * 5", lambda: ops.einsum([f(7, 3, 4), f(4, 5)], "bij,jk->bik"), 840),
    ("einsum of the rest: 2 * 7 * 3 * 4 * 5", lambda: ops.einsum([f(7, 3, 4), f(4, 5)], "...j,jk->...k"), 840),
    ("einsum that adds up", lambda: ops.einsum([f(3, 4)], "ij->i"), 12),
    ("einsum that only moves", lambda: ops.einsum([f(3, 4)], "ij->ji"), 0),
    ("einsum of an unknown batch", lambda: ops.einsum([f(None, 4), f(4, 5)], "ij,jk->ik"), None),
    ("local response: 5 an element, and 2 * 3 channels", lambda: ops.lrn(f(1, 2, 2, 3)), 12 * 11),
    ("numbers evenly spaced: 2 each", lambda: ops.linspace(0.0, 1.0, 5), 10),
    ("softmax: 5 an element", lambda: ops.softmax(f(2, 3)), 30),
    ("batch norm that trains: 6 an element", lambda: ops.fused_batch_norm(f(1, 2, 2, 3), ONE, ONE, ONE, ONE).y, 72),
    (
        "batch norm that does not: 2",
        lambda: ops.fused_batch_norm(f(1, 2, 2, 3), ONE, ONE, ONE, ONE, is_training=False).y,
        24,
    ),
    *[
        (f"{name}: data is only moved", build, 0)
        for name, build in {
            "reshape": lambda: ops.reshape(f(None, 2), [-1]),
            "identity": lambda: ops.identity(f(None)),
            "constant": lambda: ops.constant(ONE),
            "shape": lambda: ops.shape(f(None)),
            "transpose": lambda: ops.transpose(f(2, 3)),
            "concat": lambda: ops.concat([f(2), f(2)], 0),
            "slice": lambda: ops.slice(f(4), [1], [2]),
            "gather": lambda: ops.gather(f(4), [1]),
            "split": lambda: ops.split(0, f(4), 2)[0],
            "mirror": lambda: ops.mirror_pad(f(4), [[1, 1]], "REFLECT"),
            "reverse": lambda: ops.reverse(f(4), [0]),
            "roll": lambda: ops.roll(f(4), 1, 0),
            "blocks": lambda: ops.space_to_depth(f(1, 4, 4, 1), 2),
            "fill": lambda: ops.fill([1000, 1000], 0.0),
            "placeholder": lambda: f(3),
            "stop gradient": lambda: ops.stop_gradient(f(3)),
        }.items()
    ],
]


@pytest.mark.parametrize(("build", "expected"), [case[1:] for case in FLOPS], ids=[case[0] for case in FLOPS])
def test_flops(build: Callable[[], Tensor], expected: int | None) -> None:
    with Graph().as_default() as graph:
        assert cost(graph, build().op.node).flops == expected


def test_nothing_large_is_folded() -> None:
    with Graph().as_default() as graph:
        large = ops.range(0, 1_000_000_000, 1)
        assert graph.constant_value(large.name) is None
        assert graph.constant_value(ops.tile(ops.fill([10], 1.0), [100_000]).name) is None
        np.testing.assert_array_equal(graph.constant_value(ops.tile([1, 2], [2]).name), [1, 2, 1, 2])
