"""What one evaluation of a lowered function carries along: values, state, and the checks to be looked at behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import jax
import numpy as np

from framework.graph import Node

Array = jax.Array | np.ndarray
State = Mapping[str, Array]


class Check(NamedTuple):
    """A condition that a run must keep, looked at when the run is over.

    node: which asks for it. holds: scalar bool. explain: from `data`, as NumPy arrays, to what went wrong.
    """

    node: str
    explain: Callable[..., str]
    holds: Array
    data: tuple[Array, ...] = ()


@dataclass
class Run:
    """What one evaluation of the function carries along.

    values: tensor name -> value; NumPy arrays are known statically, and what is fed stays as it is.
    state: the variables as they were before the run. written: the variables that have a new value.
    step: scalar int32, the number of the run. checks: what must hold in it.
    within: for the body of a function, numbers of the nodes and of the turns of loops that it is run by. varied: names
    of the nodes that are differentiated; None for all.
    """

    values: dict[str, Array]
    state: State
    step: Array
    written: dict[str, Array] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    within: tuple[Array, ...] = ()
    varied: frozenset[str] | None = frozenset()

    def is_varied(self, node: Node) -> bool:
        """Whether a reverse pass goes through a node."""
        return self.varied is None or node.name in self.varied
