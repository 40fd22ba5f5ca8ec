"""Orders are permutations, another for each seed and stream, and the same for ever."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.data.permutation import permutation


@given(count=st.integers(0, 300), seed=st.integers(0, 2**80), stream=st.integers(0, 2**40))
def test_it_holds_each_number_once(count: int, seed: int, stream: int):
    assert sorted(permutation(count, seed, stream).tolist()) == list(range(count))


def test_it_never_changes():
    # Written down once: a data set that was split by a version of this project must be split the same by the next.
    assert permutation(12, 0).tolist() == [0, 8, 9, 3, 7, 5, 1, 11, 2, 10, 6, 4]
    assert permutation(12, 0, 3).tolist() == [10, 11, 7, 4, 2, 3, 6, 9, 8, 5, 1, 0]


def test_seed_and_stream_each_give_another_order():
    keys = [(0,), (1,), (2**32,), (0, 0), (0, 1), (1, 0), (2**32, 0)]
    orders = {tuple(permutation(50, *key).tolist()) for key in keys}
    assert len(orders) == 7


def test_every_place_is_equally_likely():
    places = np.array([permutation(4, seed) for seed in range(4000)])
    for column in places.T:
        assert np.bincount(column) == pytest.approx(1000, abs=150)  # five deviations
