"""Vectors that shapes are made of are known while a graph is built, and while it is traced."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from framework import ops
from framework.graph import Graph
from framework.runtime.lower import Lowering
from framework.runtime.session import Session


def test_shapes_of_several_tensors_are_known_one_by_one() -> None:
    with Graph().as_default() as graph:
        known, unknown = ops.placeholder("float32", [2, 5]), ops.placeholder("float32", [None, 3])
        shapes = ops.shape_n([unknown, known])
        assert graph.constant_value(shapes[0].name) is None
        np.testing.assert_array_equal(graph.constant_value(shapes[1].name), [2, 5])
        assert ops.reshape(ops.placeholder("float32", [10]), shapes[1]).shape == (2, 5)


def test_a_gradient_is_summed_over_axes_that_only_a_run_knows() -> None:
    """What TensorFlow writes behind every broadcast operation, in one compiled program."""
    with Graph().as_default():
        x, y = ops.placeholder("float32", [None, None], "x"), ops.placeholder("float32", [None], "y")
        shapes = ops.shape_n([x, y])
        axes = ops.broadcast_gradient_args(shapes[0], shapes[1])
        gradient = ops.zeros_like(x) + ops.zeros_like(y) + 1.0
        by_y = ops.reshape(ops.reduce_sum(gradient, axes.r1), shapes[1])
        whole = ops.broadcast_to(y, ops.broadcast_args(shapes[0], shapes[1]))
        feeds = {x: np.ones((2, 3), np.float32), y: np.ones(1, np.float32)}
        found = Session().run([by_y, whole], feeds)
        lowering = Lowering(x.graph, [by_y.name, whole.name], [], [x.name, y.name], "cpu")
    traced = jax.eval_shape(lambda x, y: lowering({}, {"x:0": x, "y:0": y}, np.int32(0))[0], feeds[x], feeds[y])
    assert [t.shape for t in traced] == [(1,), (2, 3)]
    np.testing.assert_array_equal(found[0], [6])
    np.testing.assert_array_equal(found[1], np.ones((2, 3)))


@pytest.mark.parametrize("axis", [1, -1])
def test_offsets_cut_a_concatenation_into_its_parts(axis: int) -> None:
    with Graph().as_default():
        x, y = ops.placeholder("float32", [2, None]), ops.placeholder("float32", [2, None])
        shapes = ops.shape_n([x, y])
        offsets = ops.concat_offset(axis, list(shapes))
        joined = ops.concat([x, y], 1)
        parts = [ops.slice(joined, begin, size) for begin, size in zip(offsets, shapes, strict=True)]
        left, right = np.zeros((2, 1), np.float32), np.ones((2, 4), np.float32)
        found = Session().run(parts, {x: left, y: right})
    np.testing.assert_array_equal(found[0], left)
    np.testing.assert_array_equal(found[1], right)


def test_a_permutation_is_undone_by_its_inverse() -> None:
    with Graph().as_default():
        x = ops.placeholder("float32", [2, 3, 4])
        order = ops.placeholder("int32", [3])
        inverse = ops.invert_permutation([2, 0, 1])
        assert ops.transpose(ops.transpose(x, [2, 0, 1]), inverse).shape == (2, 3, 4)
        np.testing.assert_array_equal(Session().run(ops.invert_permutation(order), {order: [2, 0, 1]}), [1, 2, 0])
