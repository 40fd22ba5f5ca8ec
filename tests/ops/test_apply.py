"""Wrappers turn what they are given into tensors of the right graph and type."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError
from framework.graph import Graph, Operation, as_dtype, get_default_graph


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


def _constant_of(tensor, index: int) -> np.ndarray:
    return tensor.op.inputs[index].op.get_attr("value")


def test_numbers_take_the_type_of_the_tensor_beside_them(graph: Graph) -> None:
    x = ops.placeholder("float16", [3])
    for result in (ops.add(x, 1), ops.multiply(2.5, x), ops.maximum(x, [1, 2, 3])):
        assert result.dtype is as_dtype("float16")
    assert _constant_of(ops.add(x, 1), 1).dtype == np.float16


def test_numbers_alone_become_float32_and_int32_and_arrays_keep_their_type(graph: Graph) -> None:
    assert ops.exp(1.5).dtype is as_dtype("float32")
    assert ops.negative(3).dtype is as_dtype("int32")
    assert ops.exp(np.ones(2)).dtype is as_dtype("float64")
    assert ops.add(np.ones(2), 1.0).dtype is as_dtype("float64")
    assert ops.add(1, np.ones(2)).dtype is as_dtype("float64")


def test_axes_and_shapes_become_int32(graph: Graph) -> None:
    x = ops.placeholder("float64", [2, 6])
    assert ops.reshape(x, [3, -1]).op.inputs[1].dtype is as_dtype("int32")
    assert ops.reduce_sum(x, 1).op.inputs[1].dtype is as_dtype("int32")
    assert ops.fill([], 1.0).op.inputs[0].dtype is as_dtype("int32")


def test_a_number_that_does_not_fit_is_a_mistake(graph: Graph) -> None:
    with pytest.raises(GraphError, match=r"0\.5 does not fit int32"):
        ops.add(ops.placeholder("int32", []), 0.5)


def test_the_graph_is_that_of_the_first_tensor(graph: Graph) -> None:
    other = Graph()
    x = ops.constant(1.0, graph=other)
    assert ops.add(2.0, x).graph is other
    assert ops.concat([[1.0], ops.constant([2.0], graph=other)], 0).graph is other
    assert ops.exp(1.0).graph is graph is get_default_graph()
    with pytest.raises(GraphError, match="another graph"):
        ops.add(x, ops.constant(1.0))


def test_an_axis_left_out_means_all(graph: Graph) -> None:
    x = ops.placeholder("float32", [2, 3, 4])
    assert ops.reduce_mean(x).shape == ()
    assert ops.reduce_max(x, keepdims=True).shape == (1, 1, 1)
    assert ops.transpose(x).shape == (4, 3, 2)
    unknown = ops.placeholder("float32")
    assert ops.reduce_mean(unknown).op.inputs[1].op.type == "Range"
    assert ops.transpose(unknown).shape is None


def test_outputs_are_a_tensor_a_named_tuple_a_tuple_or_the_operation(graph: Graph) -> None:
    loss, backprop = ops.softmax_cross_entropy_with_logits(np.zeros((2, 3)), np.zeros((2, 3)))
    assert (loss.shape, backprop.shape) == ((2,), (2, 3))
    vector = np.zeros(3, np.float32)
    result = ops.fused_batch_norm(ops.placeholder("float32", [None, 2, 2, 3]), vector, vector, vector, vector)
    assert result.y.shape == (None, 2, 2, 3)
    assert result.batch_variance.shape == (3,)
    assert [part.shape for part in ops.unstack(np.zeros((2, 5)), 2)] == [(5,), (5,)]
    assert isinstance(ops.no_op(), Operation)


def test_several_tensors_are_counted_and_must_be_a_sequence(graph: Graph) -> None:
    x = ops.placeholder("float32", [2])
    assert ops.stack([x, [1, 2], x]).op.get_attr("N") == 3
    with pytest.raises(GraphError, match="'values' takes a sequence of tensors"):
        ops.stack(x)


def test_names_go_into_the_scope(graph: Graph) -> None:
    with graph.name_scope("dense"):
        assert ops.relu(ops.placeholder("float32", []), name="out").name == "dense/out:0"


@pytest.mark.parametrize(
    ("value", "dtype", "shape", "expected"),
    [
        ([1, 2], None, None, np.int32([1, 2])),
        ([1, 2.5], None, None, np.float32([1, 2.5])),
        (True, None, None, np.bool_(True)),
        (3, "float16", None, np.float16(3)),
        (0.5, None, [2, 2], np.full((2, 2), 0.5, np.float32)),
        (np.int64(4), None, None, np.int64(4)),
        ([[1], [2]], "int8", [2, 3], np.int8([[1, 1, 1], [2, 2, 2]])),
    ],
)
def test_constant(graph: Graph, value, dtype, shape, expected) -> None:
    tensor = ops.constant(value, dtype, shape)
    found = tensor.op.get_attr("value")
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype == tensor.dtype.numpy
    assert tensor.shape == expected.shape


def test_constant_that_does_not_fill_its_shape(graph: Graph) -> None:
    with pytest.raises(GraphError, match=r"\(3,\) does not fill the shape \(2,\)"):
        ops.constant([1, 2, 3], shape=[2])


def test_what_a_node_takes_to_build_and_check_does_not_grow_with_the_graph() -> None:
    assert 0 < calls_to_build(4_000) <= 2.01 * calls_to_build(2_000)


def calls_to_build(nodes: int) -> int:
    """How many functions of Python are called to build and check a chain of so many nodes."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    with Graph().as_default() as graph:
        x = ops.placeholder("float32", [None, 8, 8, 4])
        kernel = ops.constant(np.zeros((3, 3, 4, 4), np.float32))
        bias = ops.constant(np.zeros(4, np.float32))
        before = sys.getprofile()
        sys.setprofile(count)
        try:
            while len(graph) < nodes:
                x = ops.relu(ops.bias_add(ops.conv2d(x, kernel, [1, 1, 1, 1], "SAME"), bias)) * 0.5
        finally:
            sys.setprofile(before)
    assert x.shape == (None, 8, 8, 4)
    return calls
