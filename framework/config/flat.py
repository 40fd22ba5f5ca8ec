"""A layer of a network whose blocks are written out, and where in the configuration it was declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from framework.config.sayings import Path
from framework.errors import Mistake


@dataclass(frozen=True)
class Flat:
    """A layer, written out.

    options: as in the configuration, `inputs` and `share` with the names of written-out layers. path: where it is
    declared. options_from: option -> the path of the argument or default that it was filled in from. used_at: the
    path of the layer that uses the block it belongs to, or None.
    """

    options: dict[str, Any]
    path: Path
    options_from: dict[str, Path] = field(default_factory=dict)
    used_at: Path | None = None

    def place(self, below: Path) -> Path:
        """Where a user can change the option at `below`."""
        if below and below[0] in self.options_from:
            return (*self.options_from[below[0]], *below[1:])
        return (*self.path, *below)


def placed(mistake: Mistake, layers: Mapping[str, Flat]) -> Mistake:
    """A mistake at `("model", "layers", <a written-out name>, ...)`, at the place where a user can mend it."""
    layer = _layer_at(mistake.path, layers)
    if layer is None:
        return mistake
    related = _layer_at(mistake.related or (), layers)
    beside = mistake.related if related is None else related.path
    return replace(mistake, path=layer.place(mistake.path[3:]), related=layer.used_at or beside)


def _layer_at(path: Path, layers: Mapping[str, Flat]) -> Flat | None:
    return layers.get(path[2]) if len(path) > 2 and path[:2] == ("model", "layers") else None
