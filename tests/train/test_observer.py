"""Where a run stands, counted by hand."""

from __future__ import annotations

import pytest

from framework.train.observer import Moment


@pytest.mark.parametrize(("step", "epoch"), [(0, 1), (1, 1), (10, 1), (11, 2), (20, 2), (21, 3), (25, 3)])
def test_an_epoch_is_counted_from_one_and_ends_with_its_last_step(step: int, epoch: int):
    moment = Moment(step, total_steps=25, steps_per_epoch=10)
    assert (moment.epoch, moment.epochs) == (epoch, 3)
