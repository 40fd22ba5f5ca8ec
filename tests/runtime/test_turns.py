"""The number of turns that a loop is known to make is the number that it makes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from framework import ops
from framework.graph import Graph, Tensor
from framework.ops.functional import while_loop
from framework.runtime.lower import Lowering
from framework.runtime.turns import Turns, count_turns


def turns_of(start: int, condition: Callable[[Tensor], Tensor], change: Callable[[Tensor], Tensor]) -> Turns | None:
    with Graph().as_default() as graph:
        result = while_loop(condition, change, np.int32(start))
    node = result.op.node
    arguments = [graph.constant_value(tensor) for tensor in node.inputs]
    return count_turns(Lowering(graph, [result.name], [], [], "cpu"), node, arguments)


@pytest.mark.parametrize(
    ("start", "holds", "step"),
    [
        (start, holds, step)
        for start in (-3, 0, 4, 5, 6, 20)
        for holds, steps in (("<", (1, 2, 3)), ("<=", (1, 2, 7)), (">", (-1, -2)), (">=", (-1, -3)))
        for step in steps
    ],
)
def test_a_counter_says_how_many_turns_there_are(start: int, holds: str, step: int):
    compare = {"<": ops.less, "<=": ops.less_equal, ">": ops.greater, ">=": ops.greater_equal}[holds]
    mirrored = {"<": ops.greater, "<=": ops.greater_equal, ">": ops.less, ">=": ops.less_equal}[holds]
    ordinary = {"<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__}[holds]
    expected, value = 0, start
    while ordinary(value, 5):
        expected, value = expected + 1, value + step
    for condition in (lambda i: compare(i, 5), lambda i: mirrored(5, i)):
        for change in (lambda i: i + step, lambda i: i - (-step), lambda i: ops.identity(step + ops.identity(i))):
            assert turns_of(start, condition, change) == Turns(expected, True)


def test_the_tightest_of_several_conditions_counts():
    def both(i: Tensor) -> Tensor:
        return ops.logical_and(ops.less(i, 9), ops.logical_and(ops.less_equal(i, 4), ops.less(i, 7)))

    assert turns_of(0, both, lambda i: i + 1) == Turns(5, True)
    other = turns_of(0, lambda i: ops.logical_and(ops.less(i, 9), ops.not_equal(i, 3)), lambda i: i + 1)
    assert other == Turns(9, False)


@pytest.mark.parametrize(
    ("condition", "change"),
    [
        (lambda i: ops.less(i, 9), lambda i: i * 2),  # no counter
        (lambda i: ops.less(i, 9), lambda i: i - 1),  # it goes away from its limit
        (lambda i: ops.less(i, 9), lambda i: 1 - i),
        (lambda i: ops.less(i, 9), lambda i: i + i),
        (lambda i: ops.less(i * 2, 9), lambda i: i + 1),  # not the counter itself is compared
        (lambda i: ops.not_equal(i, 9), lambda i: i + 1),
    ],
)
def test_other_loops_have_no_known_number_of_turns(condition, change):
    assert turns_of(1, condition, change) is None
