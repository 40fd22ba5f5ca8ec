"""Lists of tensors: what is refused, and what lists make of themselves in compiled loops."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError, InvalidArgumentError
from framework.graph import Graph, Tensor
from framework.ops.functional import while_loop
from framework.runtime.program import get_program
from framework.runtime.session import Session


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


@pytest.fixture
def x(graph):
    return ops.placeholder(dtype="float32", shape=(2,), name="x")


def empty(shape=-1) -> Tensor:
    return ops.empty_tensor_list(np.int32(shape), -1, "float32")


def stack(values: Tensor, shape=-1, count: int = -1) -> Tensor:
    return ops.tensor_list_stack(values, np.int32(shape), "float32", num_elements=count)


def item(values: Tensor, index, shape=-1) -> Tensor:
    return ops.tensor_list_get_item(values, index, np.int32(shape), "float32")


def test_static_shapes_of_elements(x):
    values = ops.tensor_list_push_back(empty([-1]), x)
    assert item(values, 0, [-1, 3]).shape == (None, 3)
    assert item(values, 0).shape is None
    assert stack(values, [2], count=4).shape == (4, 2)
    with pytest.raises(GraphError, match="must be a vector of sizes, or -1 for any; found 5"):
        item(values, 0, 5)
    with pytest.raises(GraphError, match=r"shape \[3\] does not fit the declared shape of elements \[2\]"):
        ops.tensor_list_from_tensor(np.ones((4, 3), np.float32), np.int32([2]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: item(ops.tensor_list_push_back(empty(), x), 3), "index 3 is outside of a list of 1 elements"),
        (lambda x: item(ops.tensor_list_push_back(empty(), x), -1), "index -1 is outside of a list of 1 elements"),
        (lambda x: stack(ops.tensor_list_push_back(empty([3]), x)), r"shape \[2\] does not fit a list of .* \[3\]"),
        (lambda x: ops.tensor_list_pop_back(empty(), np.int32(-1), "float32")[1], "no element to take from an empty"),
        (lambda x: stack(ops.tensor_list_reserve(np.int32([-1]), 2, "float32")), r"never set.*known only as \[\?\]"),
        (lambda x: stack(ops.tensor_list_push_back(empty(), x), count=2), "has 1 elements, .* says 2"),
        (lambda x: stack(ops.tensor_list_reserve(np.int32([2]), -1, "float32")), "cannot have -1 elements"),
        (lambda x: stack(ops.tensor_list_push_back(empty(), ops.cast(x, "int32"))), "cannot hold an element of type"),
    ],
)
def test_what_a_list_refuses(graph, x, make, message):
    y = make(x)
    with pytest.raises(GraphError, match=message):
        Session(graph).run(y, {x: [1.0, 2.0]})


def test_elements_of_several_shapes_are_refused_where_they_are_stacked(graph, x):
    values = ops.tensor_list_push_back(ops.tensor_list_push_back(empty(), x), ops.concat([x, x], 0))
    assert Session(graph).run([item(values, 0), item(values, 1)], {x: [1.0, 2.0]})[1].shape == (4,)
    with pytest.raises(GraphError, match=r"\[4\] does not fit a list of elements of shape \[2\]"):
        Session(graph).run(stack(values), {x: [1.0, 2.0]})


def test_a_list_that_a_loop_lengthens_by_a_known_number_of_turns_is_compiled(graph, x):
    _, values = while_loop(
        lambda i, values: ops.less(i, 6),
        lambda i, values: (i + 2, ops.tensor_list_push_back(values, x * ops.cast(i, "float32"))),
        (0, ops.tensor_list_push_back(empty(), x)),
    )
    y = stack(values)
    assert Session(graph).run(y, {x: [1.0, 2.0]}).tolist() == [[1, 2], [0, 0], [2, 4], [4, 8]]
    assert get_program(graph, [y.name], [], ["x:0"]).op_by_op == ()


def test_a_list_in_a_loop_without_a_bound_runs_op_by_op(graph, x):
    n = ops.placeholder(dtype="int32", shape=(), name="n")
    _, values = while_loop(
        lambda i, values: ops.less(i, n), lambda i, values: (i + 1, ops.tensor_list_push_back(values, x)), (0, empty())
    )
    y = stack(values, [2])
    assert [Session(graph).run(y, {x: [1.0, 2.0], n: k}).shape for k in (3, 0, 1)] == [(3, 2), (0, 2), (1, 2)]
    assert get_program(graph, [y.name], [], ["x:0", "n:0"]).op_by_op


def test_a_list_whose_elements_are_known_only_in_the_loop_is_compiled(graph, x):
    """Keras reserves its outputs so: nothing is said of the elements' shape before the first is set."""
    n = ops.placeholder(dtype="int32", shape=(), name="n")
    _, values, _ = while_loop(
        lambda i, values, state: ops.less(i, n),
        lambda i, values, state: (i + 1, ops.tensor_list_set_item(values, i, state), state * 2.0),
        (0, ops.tensor_list_reserve(np.int32(-1), 3, "float32"), x),
    )
    y = stack(values, [2])
    assert Session(graph).run(y, {x: [1.0, 2.0], n: 2}).tolist() == [[1, 2], [2, 4], [0, 0]]
    assert get_program(graph, [y.name], [], ["x:0", "n:0"]).op_by_op == ()


def test_a_tensor_array_of_fixed_size_does_not_grow(graph, x):
    for dynamic in (True, False):
        handle, flow = ops.tensor_array_v3(1, None, dtype="float32", dynamic_size=dynamic)
        for index in (0, 1):
            flow = ops.tensor_array_write_v3(handle, index, x, flow)
        size = ops.tensor_array_size_v3(handle, flow)
        if dynamic:
            assert Session(graph).run(size, {x: [1.0, 2.0]}) == 2
        else:
            with pytest.raises(GraphError, match="index 1 is outside of a list of 1 elements"):
                Session(graph).run(size, {x: [1.0, 2.0]})


def test_the_flow_of_a_tensor_array_is_no_array(graph, x):
    _, flow = ops.tensor_array_v3(1, None, dtype="float32")
    with pytest.raises(InvalidArgumentError, match="is no array; fetch its elements"):
        Session(graph).run(flow)


def test_a_list_of_text(graph):
    words = ops.tensor_list_reserve(np.int32([]), 3, "string")
    words = ops.tensor_list_set_item(words, 1, ops.constant("one"))
    stacked = ops.tensor_list_stack(words, np.int32([]), "string")
    assert [word if isinstance(word, bytes) else word.encode() for word in Session(graph).run(stacked)] == [
        b"",
        b"one",
        b"",
    ]
