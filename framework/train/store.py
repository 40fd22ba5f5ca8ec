"""What training needs of the place where a run is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from framework.runtime.saved_state import SavedState


class CheckpointStore(Protocol):
    """The checkpoints of a run that is under way, in its folder or among those of other runs."""

    @property
    def is_quick(self) -> bool:
        """Whether the next save takes no longer than a thread would take to begin with it."""
        ...

    def save(
        self,
        step: int,
        state: Mapping[str, np.ndarray],
        progress: Mapping[str, Any],
        *,
        best: bool = False,
        spare: int | None = None,
    ) -> object:
        """Saves a step; `best` marks it as the best so far, and `spare` is another that stays. Raises CheckpointError.

        state: variable -> array, which is not changed later. progress: what else the run needs to go on.
        """
        ...

    def at(self, step: int) -> SavedState | None:
        """The checkpoint of a step; None when there is none. Raises CheckpointError when it cannot be read."""
        ...

    def latest(self) -> SavedState | None:
        """The newest checkpoint; None when there is none. Raises CheckpointError when it cannot be read."""
        ...

    def tidy(self, *, spare: int | None = None) -> None:
        """Does what a process that was killed behind its last save did not come to; see `save`."""
        ...
