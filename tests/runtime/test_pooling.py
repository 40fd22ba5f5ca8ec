"""Bias and rectifier ahead of max pooling are computed behind it, and nobody can tell but by the time it takes."""

from __future__ import annotations

import re

import jax
import numpy as np
import pytest

from framework import ops
from framework.graph import Graph
from framework.runtime.lower import Lowering
from framework.runtime.session import Session

rng = np.random.default_rng(7)
X = np.round(rng.normal(size=(2, 6, 6, 3)) * 2).astype(np.float32)  # with equal elements in a window
BIAS = np.array([0.5, -1.0, 0.0], np.float32)


def network(rectifier: str) -> tuple[Graph, list[str]]:
    """A graph of x and b, and a loss and its gradients by both."""
    graph = Graph()
    with graph.as_default():
        x = ops.placeholder("float32", (None, 6, 6, 3), name="x")
        b = ops.placeholder("float32", (3,), name="b")
        y = ops.bias_add(x, b, name="biased")
        y = {"relu": ops.relu, "relu6": ops.relu6, "tanh": ops.tanh}[rectifier](y, name="rectified")
        y = ops.max_pool(y, [1, 2, 2, 1], [1, 2, 2, 1], "SAME", name="pooled")
        loss = ops.reduce_sum(y * y, [0, 1, 2, 3], name="loss")
        slopes = ops.gradients([loss], [x, b], [ops.constant(np.float32(1))])
    return graph, [loss.name, *(slope.name for slope in slopes)]


def elements(graph: Graph, fetches: list[str], node: str) -> int:
    """The most elements that an operation of the compiled program makes on behalf of a node."""
    lowering = Lowering(graph, fetches, [], ["x:0", "b:0"], "cpu")
    program = jax.jit(lambda x, b: lowering({}, {"x:0": x, "b:0": b}, np.int32(0))[0])
    lines = program.lower(X, BIAS).compile().as_text().splitlines()
    shapes = [re.search(r"f32\[([\d,]*)\]", line) for line in lines if f"/{node}/" in line]
    return max(int(np.prod([int(n) for n in shape[1].split(",") if n])) for shape in shapes if shape)


@pytest.mark.parametrize("rectifier", ["relu", "relu6"])
def test_it_is_computed_of_what_is_left(rectifier: str):
    graph, fetches = network(rectifier)
    assert elements(graph, fetches[:1], "rectified") == elements(graph, fetches[:1], "biased") == X.size // 4


def test_it_stays_where_rounding_might_change_the_order():
    graph, fetches = network("tanh")
    assert elements(graph, fetches[:1], "rectified") == X.size


@pytest.mark.parametrize("rectifier", ["relu", "relu6", "tanh"])
@pytest.mark.parametrize("asked", [["rectified:0"], ["biased:0"]])
def test_values_and_gradients_are_those_of_the_order_that_was_written(rectifier: str, asked: list[str]):
    graph, fetches = network(rectifier)
    feeds = {"x:0": X, "b:0": BIAS}
    found = Session(graph).run(fetches, feeds)
    expected = Session(graph).run([*fetches, *asked], feeds)  # what is asked for is computed as it stands
    for one, other in zip(found, expected, strict=False):
        np.testing.assert_array_equal(one, other)
    biased = X + BIAS
    written = {"relu": np.maximum(biased, 0), "relu6": np.clip(biased, 0, 6), "tanh": np.tanh(biased)}[rectifier]
    value = {"rectified:0": written, "biased:0": biased}[asked[0]]
    np.testing.assert_allclose(expected[-1], value, rtol=1e-6)
    pooled = written.reshape(2, 3, 2, 3, 2, 3).max((2, 4))
    np.testing.assert_allclose(found[0], np.sum(pooled * pooled), rtol=1e-6)


def test_what_is_fed_between_is_what_is_pooled():
    graph, _ = network("relu")
    fed = rng.normal(size=X.shape).astype(np.float32) - 3  # which no rectifier gives
    found = Session(graph).run("pooled:0", {"rectified:0": fed})
    np.testing.assert_array_equal(found, fed.reshape(2, 3, 2, 3, 2, 3).max((2, 4)))


def test_nan_is_not_lost():
    graph, _ = network("relu")
    x = X.copy()
    x[1, 3, 4, 2] = np.nan
    found = Session(graph).run("pooled:0", {"x:0": x, "b:0": BIAS})
    assert np.argwhere(np.isnan(found)).tolist() == [[1, 1, 2, 2]]


def test_integers_whose_sum_wraps_keep_their_order():
    graph = Graph()
    with graph.as_default():
        x = ops.placeholder("int32", (1, 2, 2, 1), name="x")
        y = ops.bias_add(x, np.array([1], np.int32))
        y = ops.max_pool(y, [1, 2, 2, 1], [1, 2, 2, 1], "VALID", name="pooled")
    largest = np.iinfo(np.int32).max
    assert Session(graph).run(y, {x: np.array([3, largest, 5, 0], np.int32).reshape(1, 2, 2, 1)}).item() == 6
