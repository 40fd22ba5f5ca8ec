"""A registry whose components are made from optax's functions, each when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from framework.registry import Registry

T = TypeVar("T")


class GeneratedRegistry(Registry[T]):
    """Name -> component, made from a function of optax; more may be registered as in any other registry.

    functions: gives our name -> optax's, which is accepted too. make: the component for our name and optax's.
    """

    def __init__(self, kind: str, functions: Callable[[], Mapping[str, str]], make: Callable[[str, str], T]):
        super().__init__(kind)
        self._functions, self._make = functions, make

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._functions(), *self._entries)))

    def get(self, name: str) -> T | None:
        """The component called `name`, or None."""
        functions = self._functions()
        name = next((short for short, function in functions.items() if function == name), name)
        if name not in self._entries and name in functions:
            self._entries[name] = self._make(name, functions[name])
        return self._entries.get(name)
