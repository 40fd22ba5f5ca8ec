"""A request to stop: SIGINT and SIGTERM set a flag, and the loop ends at the next step with a checkpoint."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class StopRequest:
    """A context in which the two signals ask for a stop; a second one ends the process at once, with 128 + its number.

    requested: the number of the signal, or None. Outside of the main thread, where Python delivers no signal, it stays
    None.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.requested: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._handle) for number in self.SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.requested is not None:
            if os.isatty(1):
                os.write(1, b"\x1b[?25h\n")  # the progress bar hides the cursor, and will not get to showing it again
            os._exit(128 + number)
        self.requested = number
