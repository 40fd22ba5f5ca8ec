"""Orders of things that need each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.graph.graphdef.sorting import CycleError, in_order


def test_what_is_in_order_stays_as_it_is():
    assert in_order([[], [], [0], [1, 2], []]) == [0, 1, 2, 3, 4]


def test_only_what_is_needed_moves_forward():
    assert in_order([[3], [], [], [4], []]) == [4, 3, 0, 1, 2]


def test_a_circle_is_said_in_the_order_of_need():
    with pytest.raises(CycleError) as caught:
        in_order([[1], [2], [3], [1]])
    assert caught.value.positions == (1, 2, 3)


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(
    st.permutations(range(n)), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=80)
)))  # fmt: skip
def test_each_stands_behind_what_it_needs(drawn: tuple[list[int], list[tuple[int, int]]]):
    labels, pairs = drawn
    needs: list[list[int]] = [[] for _ in labels]
    for a, b in pairs:
        if a != b:
            needs[labels[max(a, b)]].append(labels[min(a, b)])
    order = in_order(needs)
    assert sorted(order) == sorted(labels)
    place = {position: k for k, position in enumerate(order)}
    assert all(place[need] < place[position] for position, listed in enumerate(needs) for need in listed)
