"""Work that a thread does ahead of the time when it is needed: compiling, while data are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait


class Ahead:
    """Jobs by name, done one after the other by a thread.

    A job that fails is left undone: whoever needs its result does the same again, and tells what is wrong.
    """

    def __init__(self) -> None:
        self._jobs: dict[str, Future[None]] = {}

    def begin(self, jobs: Mapping[str, Callable[[], None]]) -> None:
        """Begins with them. A process that ends waits for them: XLA cannot be left while it compiles."""
        pool = ThreadPoolExecutor(1, "compile")
        self._jobs = {name: pool.submit(job) for name, job in jobs.items()}
        pool.shutdown(wait=False)

    def wait_for(self, name: str) -> None:
        """Waits until a job is over, if it was begun."""
        job = self._jobs.pop(name, None)
        if job is not None:
            wait([job])

    def skip(self) -> None:
        """Leaves out the jobs that were not begun yet."""
        for job in self._jobs.values():
            job.cancel()
