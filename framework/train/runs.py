"""Past runs: found in their folders, filtered and sorted, by `status.json` and `config.yaml` alone."""

from __future__ import annotations

import math
import operator
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from framework.config.yaml_file import DEEPEST, LARGEST
from framework.difference import flatten
from framework.errors import ConfigError, Mistake, RunFolderError
from framework.files import read_whole
from framework.layers import METRICS
from framework.registry import did_you_mean
from framework.train.folder import is_locked
from framework.train.status import Status

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one written in C is seven times as fast
_FACTS = ("state", "started", "seconds", "step")
_FILTER = re.compile(r"([\w./-]+?)(!=|>=|<=|=|>|<)(.*)\Z")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass
class PastRun:
    """One run folder. status: what its `status.json` says; None when that cannot be read, and `damage` says why."""

    folder: Path
    status: Status | None
    damage: str = ""

    @cached_property
    def options(self) -> dict[str, Any]:
        """The resolved configuration, flat: `optimizer.learning_rate` -> 0.01. Empty when it cannot be read."""
        try:
            text = read_whole(self.folder / "config.yaml", LARGEST).decode("utf-8")
            tree = yaml.load(text, Loader=_LOADER) if _is_plain(text) else None
        except (OSError, ValueError, yaml.YAMLError):
            return {}
        return dict(flatten(tree)) if isinstance(tree, Mapping) else {}

    @property
    def state(self) -> str:
        """`running`, `finished`, `stopped`, `failed`; `killed` where it says running and no process has the folder."""
        if self.status is None:
            return "damaged"
        locked = [self.folder, *([self.folder / self.status.sweep] if self.status.sweep else [])]
        is_alive = self.status.state != "running" or any(map(is_locked, locked))  # a sweep's lock is its trials'
        return str(self.status.state) if is_alive else "killed"

    @property
    def started(self) -> datetime | None:
        """When it began; None where that is not known."""
        try:
            return datetime.fromisoformat(self.status.started).astimezone() if self.status else None
        except (ValueError, OverflowError, OSError):  # the latter of years that no clock shows
            return None

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What a filter or a column may name, beside options: state, steps, metrics, the files chosen of each group."""
        if self.status is None:
            return {"state": self.state}
        best = self.status.best
        return {
            **{name: getattr(self.status, name) for name in _FACTS},
            "state": self.state,
            **self.status.metrics,
            **({f"best {best['monitor']}": best["value"]} if best and best["value"] is not None else {}),
            **self.status.choices,
        }

    def value(self, key: str) -> Any:
        """A fact or an option; None where this run has none of that name."""
        return self.facts[key] if key in self.facts else self.options.get(key)


@dataclass(frozen=True)
class Filter:
    """One condition, such as `optimizer.learning_rate>0.01` or `model=cnn*`."""

    text: str
    key: str
    sign: str
    wanted: Any

    @classmethod
    def parse(cls, text: str) -> Filter | None:
        """The condition that a word is; None for a word that is none."""
        match = _FILTER.match(text)
        return None if match is None else cls(text, match[1], match[2], _plain(match[3]))

    def holds(self, run: PastRun) -> bool:
        """Whether a run fulfils it; one without that option does only where the sign is `!=`."""
        found = run.value(self.key)
        if self.sign in _COMPARE:
            return _is_number(found) and _is_number(self.wanted) and _COMPARE[self.sign](found, self.wanted)
        is_equal = found == self.wanted or (
            isinstance(self.wanted, str) and found is not None and fnmatchcase(str(found), self.wanted)
        )
        return is_equal is (self.sign == "=")


@dataclass(frozen=True)
class Question:
    """What was asked of the past runs.

    folders: where they are looked for. sort: a key, best or greatest first. columns: keys that are shown, or those
    that tell the runs apart. limit: how many are shown, or None for all.
    """

    folders: tuple[Path, ...] = ()
    filters: tuple[Filter, ...] = ()
    sort: str | None = None
    columns: tuple[str, ...] = ()
    limit: int | None = 30


def _is_plain(text: str) -> bool:
    """Whether a text in YAML has no aliases, by which a few lines stand for billions of values, and not many levels."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or isinstance(event, yaml.AliasEvent):
            return False
    return True


def parse(words: Sequence[str]) -> Question:
    """The question that words ask. Raises ConfigError for words that are neither folders nor conditions."""
    given: dict[str, str] = {}
    folders, filters, mistakes = [], [], []
    for word in words:
        name, _, value = word.partition("=")
        condition = Filter.parse(word)
        if name in ("sort", "columns", "limit"):
            given[name] = value
        elif Path(word).is_dir():
            folders.append(Path(word))
        elif condition is not None:
            filters.append(condition)
        else:
            message = f"'{word}' is neither a folder nor a condition"
            hint = "conditions: model=cnn, 'optimizer.learning_rate>0.01'; options: sort=, columns=, limit="
            mistakes.append(Mistake((), message, hint, place=f"command line  {word}"))
    limit = given.get("limit", "30")
    if limit != "all" and not limit.isdecimal():
        mistakes.append(Mistake((), f"limit is a number or all, found '{limit}'", place=f"command line  limit={limit}"))
    if mistakes:
        raise ConfigError(mistakes)
    columns = tuple(name for name in given.get("columns", "").split(",") if name)
    return Question(
        folders=tuple(folders) or tuple(path for path in (Path("outputs"), Path("multirun")) if path.is_dir()),
        filters=tuple(filters),
        sort=given.get("sort"),
        columns=columns,
        limit=None if limit == "all" else int(limit),
    )


def answer(question: Question) -> list[PastRun]:
    """The runs that were asked for, newest first unless sorted. Raises ConfigError for keys that no run has."""
    runs = [load(folder) for root in question.folders for folder in _folders(root)]
    keys = [(condition.key, condition.text) for condition in question.filters]
    keys += [(question.sort.removeprefix("-"), f"sort={question.sort}")] if question.sort else []
    keys += [(name, f"columns={','.join(question.columns)}") for name in question.columns]
    mistakes = [mistake for key, text in keys for mistake in _wrong_with_key(key, text, runs)]
    if mistakes:
        raise ConfigError(mistakes)
    kept = [run for run in runs if all(condition.holds(run) for condition in question.filters)]
    kept.sort(key=lambda run: run.started.timestamp() if run.started else -math.inf, reverse=True)
    return kept if question.sort is None else _sorted(kept, question.sort)


def load(folder: Path) -> PastRun:
    """The run in a folder, damaged or not."""
    try:
        return PastRun(folder, Status.read(folder))
    except RunFolderError as error:
        return PastRun(folder, None, str(error))


def differences(runs: Sequence[PastRun]) -> list[str]:
    """The options in which runs differ.

    Of a group of which they chose different files, that is the choice, and the options that all of them have.
    """
    whole = [run for run in runs if run.status is not None and run.options]
    keys = dict.fromkeys(key for run in whole for key in run.options)
    groups = dict.fromkeys(key.partition(".")[0] for key in keys)
    chosen = [group for group in groups if _differ(run.facts[group] for run in whole if group in run.facts)]
    found = []
    for key in keys:
        is_of_choice = key.endswith(".type") or not all(key in run.options for run in whole)
        is_told = is_of_choice and key.partition(".")[0] in chosen
        if not is_told and _differ(run.options.get(key) for run in whole):
            found.append(key)
    return [*chosen, *found]


def _differ(values: Iterable[Any]) -> bool:
    return len({repr(value) for value in values}) > 1


def _folders(root: Path) -> Iterator[Path]:
    """The run folders at and below a folder; nothing is looked for inside of one."""
    try:
        entries = list(os.scandir(root))
    except OSError:
        return
    if any(entry.name in ("status.json", "config.yaml") for entry in entries):
        yield root
        return
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            yield from _folders(Path(entry.path))


def _wrong_with_key(key: str, text: str, runs: Sequence[PastRun]) -> Iterator[Mistake]:
    if not runs or any(key in run.facts for run in runs) or any(key in run.options for run in runs):
        return
    known = dict.fromkeys(name for run in runs for name in (*run.facts, *run.options))
    message = f"no run has '{key}'{did_you_mean(key, known)}"
    yield Mistake((), message, place=f"command line  {text}")


def _sorted(runs: list[PastRun], key: str) -> list[PastRun]:
    """By a key, the best first: the greatest, but the least of a loss; `-key` the other way round. Others come last."""
    name = key.removeprefix("-")
    descending = _is_greater_better(name, runs) is not key.startswith("-")
    have = [run for run in runs if run.value(name) is not None and run.value(name) == run.value(name)]
    rest = [run for run in runs if run not in have]

    def order(run: PastRun) -> tuple[bool, Any]:
        found = run.value(name)
        return (True, found) if _is_number(found) else (False, str(found))

    return [*sorted(have, key=order, reverse=descending), *rest]


def _is_greater_better(name: str, runs: Sequence[PastRun]) -> bool:
    """Whether the greatest of a number is its best, as its metric says; True for what is no metric."""
    metric = name.rpartition("/")[2]
    kinds = {kind for run in runs if isinstance(kind := run.options.get(f"metrics.{metric}.type"), str)}
    if kinds:
        return any(METRICS[kind].higher_is_better for kind in kinds if kind in METRICS)
    return "/" not in name


def _plain(text: str) -> Any:
    """A value as it is typed: a number, true, false or null; text where it is none of them."""
    try:
        return float(text)
    except ValueError:
        return {"true": True, "false": False, "null": None}.get(text, text)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
