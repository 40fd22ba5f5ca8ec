"""What is different between two experiments: options, layers, ops, size and cost, and whether they share a program."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from framework.build import Built, build
from framework.config.check import check
from framework.config.compose import Composed
from framework.config.experiment import Experiment
from framework.config.options import in_yaml
from framework.config.origins import PlacedError
from framework.errors import ConfigError
from framework.fields import Component, Kind
from framework.layers import Mode
from framework.listing import columns
from framework.plan import magnitude
from framework.plan.flops import forward_flops

Keys = tuple[str, ...]
_NOTHING = "-"
_TOGETHER = "\N{NO-BREAK SPACE}"  # between a count and what is counted, while lines are broken
_MISSING = object()


@dataclass(frozen=True)
class Side:
    """One of the two experiments. title: as it was named. tree: its configuration, as composed. built: to train."""

    title: str
    tree: Mapping[str, Any]
    experiment: Experiment
    built: Built

    @classmethod
    def of(cls, title: str, composed: Composed) -> Side:
        """The experiment that a configuration describes. Raises ConfigError with all that is wrong with it."""
        try:
            experiment = check(composed.tree)
            return cls(title, composed.tree, experiment, build(experiment, Mode.TRAIN))
        except ConfigError as error:
            raise PlacedError((mistake, composed.origins) for mistake in error.mistakes) from None

    @property
    def parameters(self) -> int:
        """Trainable numbers in all."""
        return sum(math.prod(size or 0 for size in spec.shape or ()) for spec in self.built.parameters.values())

    @property
    def flops(self) -> int | None:
        """Operations of the forward pass of a batch; None where a shape is unknown."""
        found = forward_flops(self.built).values()
        return None if None in found else sum(count or 0 for count in found)


@dataclass(frozen=True)
class Change:
    """An option, or a whole part of the configuration, that is not the same; None where a side has none."""

    path: Keys
    left: str | None
    right: str | None
    kind: Kind


@dataclass(frozen=True)
class Difference:
    """layers, ops: type -> how many more the right side has. nodes, parameters, flops: of both sides."""

    titles: tuple[str, str]
    changes: tuple[Change, ...]
    layers: Mapping[str, int]
    ops: Mapping[str, int]
    nodes: tuple[int, int]
    parameters: tuple[int, int]
    flops: tuple[int | None, int | None]
    fingerprints: tuple[str, str]


def difference(left: Side, right: Side) -> Difference:
    """All that differs between two experiments."""
    layers = [[note.type for note in side.built.layers] for side in (left, right)]
    ops = [[node.op for node in side.built.graph] for side in (left, right)]
    return Difference(
        titles=(left.title, right.title),
        changes=tuple(changes((left.tree, right.tree), (left.experiment, right.experiment))),
        layers=_more(*layers),
        ops=_more(*ops),
        nodes=(len(ops[0]), len(ops[1])),
        parameters=(left.parameters, right.parameters),
        flops=(left.flops, right.flops),
        fingerprints=(left.built.fingerprint, right.built.fingerprint),
    )


def flatten(tree: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in a tree by its path with dots; an empty mapping is a value."""
    for key, item in tree.items():
        path = f"{prefix}{key}"
        if isinstance(item, Mapping) and item:
            yield from flatten(item, f"{path}.")
        else:
            yield path, item


def _more(left: Iterable[str], right: Iterable[str]) -> dict[str, int]:
    """Name -> how many more of it there are on the right; those of which there are equally many are left out."""
    change = Counter(right)
    change.subtract(Counter(left))
    return {name: count for name, count in sorted(change.items()) if count}


def changes(trees: tuple[Any, Any], experiments: tuple[Experiment, Experiment], path: Keys = ()) -> Iterator[Change]:
    """What differs between two configurations, as composed, of which `experiments` are what they describe."""
    old, new = trees
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            yield from changes((old.get(key, _MISSING), new.get(key, _MISSING)), experiments, (*path, str(key)))
        return
    left, right = (_text(value, experiment, path) for value, experiment in zip(trees, experiments, strict=True))
    if left != right:
        kinds = {kind_at(experiment, path) for experiment in experiments}
        is_given_or_not = kinds == {Kind.VALUE} and "null" in (left, right)
        yield Change(path, left, right, _greatest(kinds) if not is_given_or_not else Kind.STRUCTURAL)


def _text(value: Any, experiment: Experiment, path: Keys) -> str | None:
    """A value as it stands in YAML: the default of an option that is not written; None where there is no such thing."""
    if value is not _MISSING:
        return in_yaml(value)
    found = _at(experiment, path)[0]
    return None if found is _MISSING else in_yaml(found)


def _greatest(kinds: Iterable[Kind]) -> Kind:
    return min(kinds, key=list(Kind).index)


def kind_at(experiment: Experiment, path: Keys) -> Kind:
    """What a change of the option at a path costs."""
    return _at(experiment, path)[1]


def _at(experiment: Experiment, path: Keys) -> tuple[Any, Kind]:
    """The value at a path, or that there is none, and the kind of the option that it is of."""
    held: Any = experiment
    kind = Kind.STRUCTURAL
    for key in path:
        if isinstance(held, Component) and key in type(held).model_fields:
            kind, held = held.kind_of(key), getattr(held, key)
        else:
            held = held.get(key, _MISSING) if isinstance(held, Mapping) else _MISSING
    return held, kind


def render(found: Difference, width: int) -> list[str]:
    """The difference as text, in so many columns."""
    head = [f"A  {found.titles[0]}", f"B  {found.titles[1]}", ""]
    counts = [
        line.replace(_TOGETHER, " ")
        for text in columns(list(_counts(found)))
        for line in textwrap.wrap(text, width, subsequent_indent=" " * 12, break_on_hyphens=False)
    ]
    return [*head, *_options(found.changes, width), "", *counts]


def _options(changes: Iterable[Change], width: int) -> list[str]:
    rows = [(".".join(change.path), change.left, change.right, change.kind.value) for change in changes]
    if not rows:
        return ["no option is different"]
    room = width - max(len(row[0]) for row in rows) - max(len(row[3]) for row in rows) - 6
    cells = [(name, _cut(a, room // 2), _cut(b, room // 2), kind) for name, a, b, kind in rows]
    return columns([("option", "A", "B", "kind"), *cells])


def _cut(text: str | None, room: int) -> str:
    room = max(room, 8)
    if text is None:
        return _NOTHING
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _counts(found: Difference) -> Iterator[tuple[str, str]]:
    yield "layers", _signed(found.layers)
    yield "nodes", f"{_pair(*(f'{count:,}' for count in found.nodes))}  {_signed(found.ops)}".rstrip()
    yield "parameters", _pair(*(f"{count:,}" for count in found.parameters))
    yield "FLOPs", f"{_pair(*(magnitude(count) for count in found.flops))}  forward, a batch"
    is_same = found.fingerprints[0] == found.fingerprints[1]
    prints = _pair(*(text[:8] for text in found.fingerprints))
    yield "recompiles", f"no: one program, {found.fingerprints[0][:8]}, runs both" if is_same else f"yes: {prints}"


def _signed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:+}{_TOGETHER}{name}" for name, count in counts.items()) or "the same"


def _pair(left: str, right: str) -> str:
    return left if left == right else f"{left} -> {right}"
