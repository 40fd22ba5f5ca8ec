"""A session for a prompt or a notebook."""

from __future__ import annotations

from typing import Any

from framework.runtime.session import Session


class InteractiveSession(Session):
    """A session that is the default one, and its graph the default graph, from when it is made until it is closed.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/InteractiveSession
    """

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.__enter__()

    def close(self) -> None:
        """Lets the variables go; the session is not the default one any more."""
        while self._blocks:
            self._blocks.pop().close()
        super().close()

    def __exit__(self, *exception: object) -> None:
        self.close()
