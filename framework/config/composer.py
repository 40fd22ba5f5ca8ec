"""Composing many configurations of one source: files are merged once for each choice of them, and values set in that.

What is set is what `compose` would give. Where a value may reach further than its own place (an interpolation reads
it, another override touches it, it is a mapping that is merged), the configuration is composed from the beginning.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from hydra.core.override_parser.types import Override

from framework.config.compose import Composed, compose_parsed
from framework.config.loader import Loader, Source
from framework.config.origins import Origins
from framework.config.overrides import in_hydras_form, is_choice, parse
from framework.errors import ConfigError

_NOTHING: Any = object()


class _Known(NamedTuple):
    """An override that was parsed. lines: in the form that Hydra takes."""

    override: Override
    is_choice: bool
    lines: tuple[str, ...]


class Composer:
    """Composes configurations of `source`.

    varied: the keys whose values are another in each configuration.
    """

    def __init__(self, source: Source, varied: Iterable[str] = ()):
        self.source, self.loader, self.varied = source, Loader(source), frozenset(varied)
        self._known: dict[str, _Known] = {}
        self._bases: dict[tuple[str, ...], Composed | None] = {}

    def compose(self, overrides: Sequence[str]) -> Composed:
        """The configuration that `overrides` describe; without origins where it was not composed from the beginning.

        Raises ConfigError as `framework.config.compose.compose` does.
        """
        known = self._parse(overrides)
        values = [one.override for one in known if not one.is_choice]
        patches = [override for override in values if self._may_be_set(override, values)]
        if patches:
            base = self._base([one.override for one in known if one.override not in patches])
            tree = None if base is None else _patched(base.tree, patches)
            if base is not None and tree is not None:
                lines = [line for one in known for line in one.lines]
                return replace(base, tree=tree, origins=Origins(), overrides=lines)
        return self.compose_whole(overrides)

    def compose_whole(self, overrides: Sequence[str]) -> Composed:
        """The same, composed from the beginning, with origins."""
        return compose_parsed([one.override for one in self._parse(overrides)], self.loader)

    def _parse(self, texts: Sequence[str]) -> list[_Known]:
        new = [text for text in texts if text not in self._known]
        for text, override in zip(new, parse(new, loader=self.loader) if new else (), strict=True):
            lines = tuple(in_hydras_form([override], self.loader))
            self._known[text] = _Known(override, is_choice(override, self.loader), lines)
        return [self._known[text] for text in texts]

    def _may_be_set(self, override: Override, values: Sequence[Override]) -> bool:
        """Whether the value of an override reaches no further than its own place."""
        key = override.key_or_group
        if key not in self.varied or "[" in key or override.is_delete() or override.package is not None:
            return False
        if not _is_plain(override.value()):
            return False
        return not any(other is not override and _touches(key, other.key_or_group) for other in values)

    def _base(self, parsed: Sequence[Override]) -> Composed | None:
        """What is the same in many configurations; None where it cannot stand alone, or holds interpolations."""
        key = tuple(override.input_line or "" for override in parsed)
        if key not in self._bases:
            try:
                composed = compose_parsed(parsed, self.loader)
            except ConfigError:  # what is wrong is said of the whole configurations
                self._bases[key] = None
            else:
                self._bases[key] = None if composed.has_interpolations else composed
        return self._bases[key]


def _patched(tree: dict[str, Any], patches: Iterable[Override]) -> dict[str, Any] | None:
    """A copy of a tree with values set; None where the place of one would have to be made."""
    patched = copy.deepcopy(tree)
    for override in patches:
        *above, last = override.key_or_group.split(".")
        holder: Any = patched
        for key in above:
            holder = holder.get(key, _NOTHING) if isinstance(holder, dict) else _NOTHING
        if not isinstance(holder, dict) or isinstance(holder.get(last), dict):
            return None
        holder[last] = copy.deepcopy(override.value())
    return patched


def _touches(key: str, other: str) -> bool:
    return f"{key}.".startswith(f"{other}.") or f"{other}.".startswith(f"{key}.")


def _is_plain(value: Any) -> bool:
    """Whether a value stands for itself: no mapping, and no text that is resolved."""
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float)) or (isinstance(value, str) and "$" not in value)
