"""A registry maps a name to a component, and answers a wrong name with the nearest right ones."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
_MANY, _FEW = 16, 8  # of more names than that, a message lists the few that are most like the wrong one


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None when nothing is like it."""
    known = list(known)
    folded = {k.lower(): k for k in known}
    turned = sorted(name.lower())  # letters that have changed places are the commonest mistake
    same = next((k for folded_name, k in folded.items() if sorted(folded_name) == turned), None)
    if same is not None:
        return same
    match = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return folded[match[0]] if match else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` with the nearest known name, or nothing."""
    near = nearest(name, known)
    return f"; did you mean '{near}'?" if near else ""


def listed(name: str, known: Iterable[str]) -> str:
    """The known names, or of many the few that are most like `name`."""
    known = list(known)
    if len(known) <= _MANY:
        return ", ".join(known)
    close = set(difflib.get_close_matches(name, known, n=_FEW, cutoff=0.0))
    return f"{', '.join(k for k in known if k in close)}, ... ({len(known)} in all)"


class Registry(Generic[T]):
    """Name -> component of one kind (`kind` is the word used in messages: "layer", "loss")."""

    def __init__(self, kind: str):
        self.kind = kind
        self._entries: dict[str, T] = {}

    def __repr__(self) -> str:
        return f"<Registry of {self.kind}s>"

    def register(self, name: str) -> Callable[[T], T]:
        """A decorator that enters its target under `name`. Raises ValueError when the name is taken."""

        def enter(component: T) -> T:
            taken = self.get(name)
            same = taken is not None and getattr(taken, "__qualname__", 0) == getattr(component, "__qualname__", 1)
            if taken is not None and not same:
                raise ValueError(f"{self.kind} '{name}' is registered already, by {taken!r}")
            self._entries[name] = component
            return component

        return enter

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def get(self, name: str) -> T | None:
        """The component called `name`, or None."""
        return self._entries.get(name)

    def __getitem__(self, name: str) -> T:
        found = self.get(name)
        if found is None:
            raise KeyError(self.unknown(name))
        return found

    def name_of(self, component: object) -> str:
        """The name that a component, or the class of one, is registered under."""
        for name, entry in self._entries.items():
            if entry is component or entry is type(component):
                return name
        raise KeyError(f"{component!r} is not a registered {self.kind}")

    def unknown(self, name: object, also: Iterable[str] = ()) -> str:
        """The sentence for a name that is neither here nor among those that are known `also`."""
        known = sorted({*also, *self})
        listed = ", ".join(known)
        if len(known) > _MANY:
            close = difflib.get_close_matches(str(name), known, n=_FEW, cutoff=0.0)
            listed = f"{', '.join(sorted(close))}, ... (all {len(known)}: python -m framework list {self.kind}s)"
        return f"there is no {self.kind} '{name}'{did_you_mean(str(name), known)}  known: {listed}"
