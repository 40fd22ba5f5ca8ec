"""A checkpoint is written beside the training: what was to be saved is saved, and no error is lost."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from framework.errors import CheckpointError, DivergenceError
from framework.train.checkpoint import Checkpoints
from framework.train.saving import Saving


class Held(Checkpoints):
    """Checkpoints that are written only when `go` is set; `fails` are the steps that cannot be."""

    def __init__(self, folder: Path, *fails: int):
        super().__init__(folder, 3)
        self.go, self.fails = threading.Event(), fails
        self.threads: set[str] = set()

    def save(self, step: int, *arguments: Any, **options: Any) -> Path:
        self.go.wait(10)
        self.threads.add(threading.current_thread().name)
        if step in self.fails:
            raise CheckpointError(f"cannot save step {step}")
        return super().save(step, *arguments, **options)


def save(checkpoints: Checkpoints, *steps: int, error: Exception | None = None) -> None:
    with Saving(checkpoints) as saving:
        for step in steps:
            saving.save(step, {}, {})
        if error is not None:
            raise error


def check_for_seconds(saving: Saving) -> None:
    for _ in range(1000):
        saving.check()
        time.sleep(0.002)


def test_the_next_step_does_not_wait_and_changes_nothing_of_what_is_saved(tmp_path):
    checkpoints = Held(tmp_path)
    weights = np.arange(3, dtype=np.float32)
    with Saving(checkpoints) as saving:
        saving.save(1, {"w": weights, "on_device": jnp.ones(2)}, {"step": 1})
        assert checkpoints.steps() == []
        saving.check()  # not there yet, and no error either
        weights += 100
        checkpoints.go.set()
        saving.save(2, {"w": weights, "on_device": jnp.ones(2)}, {"step": 2})
        assert checkpoints.steps()[:1] == [1], "one is written before the next is begun"
    assert checkpoints.steps() == [1, 2], "the last one is waited for"
    (tmp_path / "step-00000002").rename(tmp_path / "other")
    first = checkpoints.latest()
    assert first is not None
    np.testing.assert_array_equal(first.state["w"], [0, 1, 2])
    assert checkpoints.threads == {"checkpoint_0"}
    assert "checkpoint_0" not in {thread.name for thread in threading.enumerate()}


def test_an_error_is_raised_at_the_next_boundary(tmp_path):
    checkpoints = Held(tmp_path, 1)
    with Saving(checkpoints) as saving:
        saving.save(1, {}, {})
        saving.check()
        checkpoints.go.set()
        with pytest.raises(CheckpointError, match="cannot save step 1"):
            check_for_seconds(saving)
        saving.check()  # it is raised once


def test_an_error_of_the_last_save_is_raised_at_the_end(tmp_path):
    checkpoints = Held(tmp_path, 5)
    checkpoints.go.set()
    with pytest.raises(CheckpointError, match="cannot save step 5"):
        save(checkpoints, 4, 5)
    assert checkpoints.steps() == [4]


def test_an_error_that_is_under_way_is_not_replaced_and_the_other_is_in_the_log(tmp_path, caplog):
    checkpoints = Held(tmp_path, 1)
    checkpoints.go.set()
    with caplog.at_level(logging.WARNING, logger="framework"), pytest.raises(DivergenceError, match="nan"):
        save(checkpoints, 1, error=DivergenceError("nan"))
    assert "cannot save step 1" in caplog.text
