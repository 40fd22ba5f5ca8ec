"""Every example once an epoch, in an order that depends on nothing but the seed and the epoch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.data import Sampler, evaluation_batches
from framework.errors import DataError

sizes = st.integers(1, 200).flatmap(lambda examples: st.tuples(st.just(examples), st.integers(1, examples)))


@given(size=sizes, seed=st.integers(0, 2**40), epoch=st.integers(0, 10**6), shuffle=st.booleans())
def test_an_epoch_holds_each_example_exactly_once(size: tuple[int, int], seed: int, epoch: int, shuffle: bool):
    examples, batch = size
    sampler = Sampler(examples, batch, seed, shuffle=shuffle)
    rows, weights = sampler.epoch(epoch)
    assert rows.shape == (sampler.steps_per_epoch, batch) == (int(np.ceil(examples / batch)), batch)
    assert rows.dtype == np.int32
    assert sampler.padded == (weights is not None) == (examples % batch != 0)
    real = rows.ravel() if weights is None else rows[weights == 1]
    assert sorted(real.tolist()) == list(range(examples))
    if weights is not None:
        assert weights.dtype == np.float32
        assert set(np.unique(weights)) == {0, 1}
        assert (rows[weights == 0] == 0).all()
        assert (weights[:-1] == 1).all()
    if not shuffle:
        assert real.tolist() == list(range(examples))


@given(size=sizes, seed=st.integers(0, 9), epoch=st.integers(0, 9))
def test_a_dropped_last_batch_leaves_whole_ones_without_repeats(size: tuple[int, int], seed: int, epoch: int):
    examples, batch = size
    sampler = Sampler(examples, batch, seed, drop_last=True)
    rows, weights = sampler.epoch(epoch)
    assert rows.shape == (examples // batch, batch)
    assert weights is None
    assert not sampler.padded
    assert len(set(rows.ravel().tolist())) == rows.size


def test_dropping_the_last_batch_leaves_out_others_each_epoch():
    sampler = Sampler(10, 4, 0, drop_last=True)
    seen = {row for epoch in range(20) for row in sampler.epoch(epoch).rows.ravel().tolist()}
    assert seen == set(range(10))


def test_any_epoch_is_had_without_those_before_it():
    walked = Sampler(97, 10, seed=5)
    orders = [walked.epoch(epoch).rows for epoch in range(6)]
    np.testing.assert_array_equal(Sampler(97, 10, seed=5).epoch(4).rows, orders[4])
    np.testing.assert_array_equal(walked.epoch(2).rows, orders[2])
    assert len({order.tobytes() for order in orders}) == 6
    assert Sampler(97, 10, seed=6).epoch(4).rows.tobytes() != orders[4].tobytes()


def test_the_order_of_the_examples_does_not_depend_on_the_batch():
    np.testing.assert_array_equal(Sampler(60, 4, 1).epoch(2).rows.ravel(), Sampler(60, 15, 1).epoch(2).rows.ravel())


def test_all_examples_at_once_are_one_full_step_in_their_own_order():
    sampler = Sampler(7, "all", seed=3)
    rows, weights = sampler.epoch(9)
    assert (sampler.batch, sampler.steps_per_epoch, sampler.padded, weights) == (7, 1, False, None)
    assert rows.tolist() == [list(range(7))]


def test_a_batch_larger_than_the_data_is_refused():
    with pytest.raises(DataError, match="a batch of 8 is larger than the training split of 7 examples") as caught:
        Sampler(7, 8, 0)
    assert caught.value.hint == "set trainer.batch_size to at most 7, or to all"


@given(examples=st.integers(0, 200), batch=st.integers(1, 64))
def test_evaluation_goes_over_each_example_once_in_order(examples: int, batch: int):
    pairs = list(evaluation_batches(examples, batch))
    assert all(rows.shape == weights.shape == (batch,) for rows, weights in pairs)
    assert all(rows.dtype == np.int32 and weights.dtype == np.float32 for rows, weights in pairs)
    assert [row for rows, weights in pairs for row in rows[weights == 1].tolist()] == list(range(examples))
    assert all((rows[weights == 0] == 0).all() for rows, weights in pairs)


def test_a_mnist_epoch_counts_550_steps_of_100():
    assert Sampler(55_000, 100, 0).steps_per_epoch == 550
