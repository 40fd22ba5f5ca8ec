"""Segments, partitions and sets whose sizes only a run knows, and positions outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError
from framework.graph import Graph, Tensor
from framework.runtime.program import get_program
from framework.runtime.session import Session


@pytest.fixture(autouse=True)
def graph() -> Iterator[Graph]:
    with Graph().as_default() as graph:
        yield graph


def f(*shape: int | None) -> Tensor:
    return ops.placeholder("float32", shape)


def i(*shape: int | None) -> Tensor:
    return ops.placeholder("int32", shape)


def run(fetches: Any, **feeds: Any) -> Any:
    graph = (fetches if isinstance(fetches, Tensor) else fetches[0]).graph
    return Session(graph).run(fetches, {f"{name}:0": value for name, value in feeds.items()})


# -- sizes that follow from values ----------------------------------------------------------------------------------


def test_segments_are_as_many_as_the_last_number_says() -> None:
    ids = ops.placeholder("int32", [None], name="ids")
    data = ops.placeholder("float32", [None, 2], name="data")
    total = ops.segment_sum(data, ids)
    assert total.shape == (None, 2)
    doubled = total * 2.0
    rows = np.float32([[1, 2], [3, 4], [5, 6]])
    assert run(doubled, ids=[0, 0, 2], data=rows).tolist() == [[8, 12], [0, 0], [10, 12]]
    assert run(doubled, ids=[0, 1, 1], data=rows).tolist() == [[2, 4], [16, 20]]


def test_the_number_of_segments_may_be_computed() -> None:
    count = ops.placeholder("int32", [], name="count")
    total = ops.unsorted_segment_sum(np.float32([1, 2, 4]), [1, 0, 1], count + 1)
    assert total.shape == (None,)
    assert run(total, count=1).tolist() == [2, 5]
    assert run(total, count=2).tolist() == [2, 5, 0]
    bins = ops.bincount([1, 3, 1], count, np.zeros(0, np.int32))
    assert run(bins, count=4).tolist() == [0, 2, 0, 1]


def test_rows_are_dealt_out_and_put_together_again() -> None:
    data = ops.placeholder("float32", [None, 2], name="data")
    is_positive = ops.cast(ops.greater(ops.gather(data, 0, 1), 0.0), "int32")
    first, second = ops.dynamic_partition(data, is_positive, 2)
    assert first.shape == (None, 2)
    places = ops.dynamic_partition(ops.range(0, 3), is_positive, 2)
    whole = ops.dynamic_stitch(places, [first * 10.0, second])
    rows = np.float32([[1, 2], [-3, 4], [5, 6]])
    found = run([first, second, whole], data=rows)
    assert found[0].tolist() == [[-3, 4]]
    assert found[1].tolist() == [[1, 2], [5, 6]]
    assert found[2].tolist() == [[1, 2], [-30, 40], [5, 6]]


def test_different_elements_are_found_in_the_order_of_their_first_occurrence() -> None:
    x = ops.placeholder("int32", [None], name="x")
    values, which, counts = ops.unique_with_counts(x)
    rebuilt = ops.gather(values, which)
    found = run([values, counts, rebuilt], x=[7, 3, 7, 5, 3])
    assert [part.tolist() for part in found] == [[7, 3, 5], [2, 2, 1], [7, 3, 7, 5, 3]]
    left, where = ops.list_diff(x, [3])
    assert [part.tolist() for part in run([left, where], x=[7, 3, 7, 5, 3])] == [[7, 7, 5], [0, 2, 3]]


def test_strings_have_different_elements_too() -> None:
    x = ops.constant([b"tea", b"milk", b"tea"])
    values, which, counts = ops.unique_with_counts(x)
    found = run([values, which, counts])
    assert [part.tolist() for part in found] == [[b"tea", b"milk"], [0, 1, 0], [2, 1]]
    assert run(ops.unique_v2(x, [0]).y).tolist() == [b"tea", b"milk"]
    left, where = ops.list_diff(x, [b"tea"])
    assert [part.tolist() for part in run([left, where])] == [[b"milk"], [1]]


def test_sizes_that_follow_from_constants_are_known() -> None:
    assert ops.list_diff([0, 1, 2, 3], [1]).out.shape == (3,)
    assert ops.unique([3, 1, 3]).y.shape == (2,)
    assert ops.unique_v2(np.zeros((2, 3), np.float32), [1]).y.shape == (2, 1)
    assert ops.segment_sum(f(3, 2), [0, 0, 4]).shape == (5, 2)
    assert [part.shape for part in ops.dynamic_partition(f(3, 2), [1, 0, 1], 3)] == [(1, 2), (2, 2), (0, 2)]
    assert ops.dynamic_stitch([[0, 4], [2]], [f(2, 3), f(1, 3)]).shape == (5, 3)
    # Shapes that such an op made are shapes for others.
    free = ops.list_diff(ops.range(0, 3), [1]).out
    assert ops.reshape(f(2, 5, 3), ops.gather(ops.shape(f(2, 5, 3)), free) * [5, 1]).shape == (10, 3)
    assert ops.fill(ops.dynamic_stitch([[1], [0]], [[7], [2]]), 0.0).shape == (2, 7)
    assert ops.fill(ops.tensor_scatter_update([4, 5, 6], [[1]], [9]), 0.0).shape == (4, 9, 6)
    assert ops.fill(ops.scatter_nd([[0], [1]], [3, 2], [2]), 0.0).shape == (3, 2)


def test_numbers_that_cannot_be_are_refused_when_a_run_computes_them() -> None:
    ids = ops.placeholder("int32", [3], name="ids")
    rows = np.float32([5, 6, 7])
    for made, numbers, words in (
        (ops.segment_sum(rows, ids), [0, 2, 1], r"never fall, found \[0, 2, 1\]"),
        (ops.dynamic_partition(rows, ids, 2)[0], [0, 2, 1], "holds 2, but the partitions are 0 to 1"),
        (ops.dynamic_stitch([ids], [rows]), [0, -2, 1], "at least 0, found -2"),
    ):
        with pytest.raises(GraphError, match=words) as caught:
            run(made, ids=numbers)
        assert caught.value.node == made.op.name


def test_what_follows_from_constants_stays_in_the_compiled_program(graph: Graph) -> None:
    """As in the gradient of a product, which asks for the axes that are left."""
    x = ops.placeholder("float32", [None, 2, 3], name="x")
    kept = ops.list_diff(ops.range(0, ops.rank(x)), [1]).out
    chosen = ops.unique(ops.gather(ops.shape(x), kept)).y  # follows from the batch, which a run knows
    flat = ops.reshape(x, ops.concat([[-1], ops.gather([7, 6, 1], ops.list_diff([0, 1, 2], [0, 2]).out)], 0))
    total = ops.reduce_sum(x, kept)
    program = get_program(graph, [flat.name, total.name], [], ["x:0"])
    assert program.op_by_op == ()
    found = run([flat, total, chosen], x=np.ones((3, 2, 3), np.float32))
    assert [part.tolist() for part in found] == [np.ones((3, 6)).tolist(), [9, 9], [3]]


def test_gradients_reach_through_sizes_that_only_a_run_knows() -> None:
    ids = ops.placeholder("int32", [4], name="ids")
    x = ops.placeholder("float32", [4], name="x")
    for made, expected in (
        (ops.segment_sum(x, ids), [6, 6, 14, 14]),  # of the squares: twice the sum, each
        (ops.segment_max(x, ids), [0, 4, 0, 8]),
        (ops.dynamic_partition(x, ids, 2)[1], [0, 0, 6, 8]),
        (ops.dynamic_stitch([ids], [x]), [0, 4, 0, 8]),  # the last of each place is taken
    ):
        (gradient,) = ops.gradients([ops.reduce_sum(ops.square(made))], [x], [])
        assert run(gradient, x=[1, 2, 3, 4], ids=[0, 0, 1, 1]).tolist() == expected, made


def test_shapes_that_disagree_when_a_run_knows_them_are_refused() -> None:
    x, ids = (ops.placeholder(dtype, None, name=name) for dtype, name in (("float32", "x"), ("int32", "ids")))
    at = ops.expand_dims(ids, 1)
    for made, found, words in (
        (ops.segment_sum(x, ids), (1, 2), r"'segment_ids' must be \[1\], found \[3\]"),
        (ops.unsorted_segment_max(x, ids, 4), (1,), r"'segment_ids' must be \[1\], found \[3\]"),
        (ops.dynamic_partition(x, ids, 4)[0], (2, 3), r"'partitions' must be \[2\], found \[3\]"),
        (ops.dynamic_stitch([ids], [x]), (1,), r"'indices' must be \[1\], found \[3\]"),
        (ops.scatter_nd(at, x, [4, 2]), (3, 1), r"'updates' must be \[3, 2\], found \[3, 1\]"),
        (ops.tensor_scatter_add(np.ones(4, np.float32), at, x), (1,), r"'updates' must be \[3\], found \[1\]"),
        (ops.matrix_set_diag(np.ones((3, 3), np.float32), x), (2,), r"'diagonal' must be \[3\], found \[2\]"),
    ):
        with pytest.raises(GraphError, match=words) as caught:
            run(made, x=np.ones(found, np.float32), **({} if "Diag" in made.op.type else {"ids": [0, 0, 1]}))
        assert caught.value.node == made.op.name


# -- positions outside ----------------------------------------------------------------------------------------------


def test_rows_of_segments_outside_are_left_out() -> None:
    ids = ops.placeholder("int32", [3], name="ids")
    for function, nothing in (
        (ops.unsorted_segment_sum, 0),
        (ops.unsorted_segment_prod, 1),
        (ops.unsorted_segment_max, np.finfo(np.float32).min),
        (ops.unsorted_segment_min, np.finfo(np.float32).max),
    ):
        found = run(function(np.float32([5, 6, 7]), ids, 2), ids=[-1, 1, 2])
        assert found.tolist() == [nothing, 6], function
    counts = ops.bincount(ids, 2, np.zeros(0, np.float32))
    assert run(counts, ids=[-1, 1, 2]).tolist() == [0, 1]


def test_updates_of_positions_outside_are_left_out() -> None:
    at = ops.placeholder("int32", [3, 1], name="at")
    updates = np.float32([5, 6, 7])
    places = [[-1], [1], [2]]
    assert run(ops.scatter_nd(at, updates, [2]), at=places).tolist() == [0, 6]
    for function, expected in (
        (ops.tensor_scatter_update, 6),
        (ops.tensor_scatter_add, 8),
        (ops.tensor_scatter_sub, -4),
        (ops.tensor_scatter_max, 6),
        (ops.tensor_scatter_min, 2),
    ):
        assert run(function(np.float32([1, 2]), at, updates), at=places).tolist() == [1, expected], function


def test_short_positions_reach_beyond_what_their_type_holds() -> None:
    """-1 as an int16 is outside, also of an axis that is longer than an int16 can say."""
    at = ops.placeholder("int16", [2], name="at")
    assert run(ops.gather(np.arange(40000, dtype=np.float32), at), at=[-1, 3]).tolist() == [0, 3]
    assert run(ops.unsorted_segment_sum(np.float32([1, 2]), at, 40000), at=[-1, 3]).sum() == 2


def test_a_scatter_of_whole_tensors() -> None:
    """Positions of no axis at all, which TensorFlow has no kernel for."""
    at = np.zeros((2, 0), np.int32)
    updates = ops.placeholder("float32", [2, 3], name="updates")
    rows = np.float32([[1, 2, 3], [4, 5, 6]])
    assert run(ops.tensor_scatter_add(np.float32([10, 10, 10]), at, updates), updates=rows).tolist() == [15, 17, 19]


def test_a_row_without_a_part_is_zero_and_the_last_of_several_is_taken() -> None:
    part = ops.placeholder("float32", [2], name="part")
    for function in (ops.dynamic_stitch, ops.parallel_dynamic_stitch):
        merged = function([[0, 3], [3]], [part, [9.0]])
        assert run(merged, part=[5.0, 6.0]).tolist() == [5, 0, 0, 9]
