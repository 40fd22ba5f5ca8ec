"""Saving beside the training: a thread writes a checkpoint while the next steps are made."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

import jax
import numpy as np

from framework.errors import CheckpointError
from framework.train.store import CheckpointStore

_log = logging.getLogger("framework")


class Saving:
    """The checkpoints of a run that is under way, one written at a time.

    What went wrong in the thread is raised by the next call of whatever method, and at the latest when the context is
    left, which waits for the last checkpoint. An error that is under way already is not replaced: the log has it.
    """

    def __init__(self, checkpoints: CheckpointStore):
        self.checkpoints = checkpoints
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checkpoint")
        self._pending: Future[object] | None = None

    def __enter__(self) -> Saving:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.wait()
        except CheckpointError as reason:
            if error is None:
                raise
            _log.warning("%s", reason)
        finally:
            self._thread.shutdown()

    def save(
        self,
        step: int,
        state: Mapping[str, jax.Array | np.ndarray],
        progress: Mapping[str, Any],
        *,
        best: bool = False,
        spare: int | None = None,
    ) -> None:
        """Begins to save a step, as `CheckpointStore.save` does, when the one before is saved.

        The arrays are copied first, so that the next step may take over their buffers. Raises CheckpointError when the
        one before could not be saved.
        """
        self.wait()
        arrays = {name: np.array(value, order="C") for name, value in state.items()}
        if self.checkpoints.is_quick:
            self.checkpoints.save(step, arrays, progress, best=best, spare=spare)
            return
        self._pending = self._thread.submit(self.checkpoints.save, step, arrays, progress, best=best, spare=spare)

    def check(self) -> None:
        """Raises CheckpointError when the last save has failed; waits for nothing."""
        if self._pending is not None and self._pending.done():
            self.wait()

    def wait(self) -> None:
        """Waits until the last save is on the disk. Raises CheckpointError when it failed."""
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()
