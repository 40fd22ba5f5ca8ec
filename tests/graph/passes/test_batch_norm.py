"""Batch normalisation folded into weights gives the same numbers in fewer nodes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework import ops
from framework.graph import Graph, Tensor
from framework.graph.passes.simplify import simplify
from framework.runtime.session import Session

generator = np.random.default_rng(3)


def normal(*shape: int) -> np.ndarray:
    return generator.normal(size=shape).astype(np.float32)


def norm(x: Tensor, channels: int, **attrs) -> Tensor:
    statistics = normal(channels), normal(channels), normal(channels), np.abs(normal(channels)) + 0.1
    return ops.fused_batch_norm(x, *statistics, is_training=False, **attrs)[0]


def convolution(x: Tensor) -> Tensor:
    return ops.conv2d(x, normal(3, 3, 3, 4), strides=[1, 2, 2, 1], padding="SAME")


def depthwise(x: Tensor) -> Tensor:
    return ops.depthwise_conv2d(x, normal(3, 3, 3, 2), strides=[1, 1, 1, 1], padding="VALID")


def product(x: Tensor) -> Tensor:
    return ops.matmul(ops.reshape(x, [-1, 3]), normal(5, 3), transpose_b=True)


def folded(make: Callable[[Tensor], Tensor], *outputs: str) -> tuple[Graph, Graph]:
    graph = Graph()
    with graph.as_default():
        ops.negative(make(ops.placeholder("float32", (None, 6, 5, 3), name="x")), name="out")
    return graph, simplify(graph, ["out:0", *outputs], ["fold_batch_norm"])


def same_values(before: Graph, after: Graph) -> None:
    x = normal(2, 6, 5, 3)
    expected, found = (Session(graph).run("out:0", {"x:0": x}) for graph in (before, after))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def kinds(graph: Graph) -> list[str]:
    return sorted(node.op for node in graph if node.op != "Const")


@pytest.mark.parametrize(("weighed", "channels"), [(convolution, 4), (depthwise, 6)], ids=["convolution", "depthwise"])
@pytest.mark.parametrize("has_bias", [False, True], ids=["", "bias"])
def test_a_norm_becomes_a_bias(weighed, channels: int, has_bias: bool) -> None:
    def make(x: Tensor) -> Tensor:
        y = weighed(x)
        return norm(ops.bias_add(y, normal(channels)) if has_bias else y, channels, epsilon=0.01)

    before, after = folded(make)
    op = weighed(before.tensor("x:0")).op.type
    assert kinds(after) == sorted(["BiasAdd", op, "Neg", "Placeholder"])
    same_values(before, after)


@settings(max_examples=10, deadline=None)
@given(st.sampled_from([(convolution, 4), (depthwise, 6), (product, 5)]), st.booleans(), st.booleans(), st.booleans())
def test_a_product_goes_into_the_weights(weighed, has_sum: bool, is_left: bool, is_scalar: bool) -> None:
    make_weighed, channels = weighed

    def make(x: Tensor) -> Tensor:
        y = make_weighed(x)
        y = ops.add(y, normal(channels)) if has_sum else y
        factor = ops.constant(normal() if is_scalar else normal(channels))
        return ops.add(factor * y if is_left else y * factor, normal(channels))

    before, after = folded(make)
    assert "Mul" not in kinds(after)
    same_values(before, after)


def test_channels_first():
    # No kernel of a CPU is asked: XLA computes either layout.
    def make(x: Tensor) -> Tensor:
        y = ops.conv2d(ops.transpose(x, [0, 3, 1, 2]), normal(3, 3, 3, 4), [1, 1, 1, 1], "SAME", data_format="NCHW")
        return norm(y, 4, data_format="NCHW")

    before, after = folded(make)
    assert "FusedBatchNormV3" not in kinds(after)
    same_values(before, after)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda x: norm(ops.relu(convolution(x)), 4), id="something-between"),
        pytest.param(lambda x: (lambda y: norm(y, 4) + y)(convolution(x)), id="read-twice"),
        pytest.param(lambda x: convolution(x) * normal(3, 1), id="not-a-channel"),
        pytest.param(
            lambda x: ops.fused_batch_norm(convolution(x), *(normal(4) for _ in range(4)), is_training=True)[0],
            id="training",
        ),
    ],
)
def test_what_must_stay(make):
    before, after = folded(make)
    assert kinds(after) == kinds(before)
    same_values(before, after)


def test_what_is_asked_for_stays():
    before, after = folded(lambda x: norm(convolution(x), 4), "Conv2D:0")
    assert kinds(after) == kinds(before)
