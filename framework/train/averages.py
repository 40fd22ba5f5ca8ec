"""The averages of the parameters, which evaluation reads where a run keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")
_PREFIX = "Train/ema/"


def averaged(state: Mapping[str, T]) -> dict[str, T]:
    """The state with the average of each parameter in its place; what has no average (statistics) is as it was."""
    return {**state, **{name.removeprefix(_PREFIX): array for name, array in state.items() if name.startswith(_PREFIX)}}
