"""The order in which named things that read each other can be built."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from framework.errors import Mistake
from framework.graph.node import node_of
from framework.registry import did_you_mean


class Reference(NamedTuple):
    """A name that something reads, and the path of the configuration where it says so."""

    name: str
    path: tuple[str, ...]


def in_order(references: Mapping[str, Sequence[Reference]], known: Sequence[str]) -> tuple[list[str], list[Mistake]]:
    """The keys of `references` in an order in which each stands behind what it reads, and the mistakes found.

    known: the names that may be read. A name such as `conv1/Relu:0` reads the thing `conv1`. What reads an unknown
    name, or takes part in a circle, is left out of the order.
    """
    names = frozenset(known)
    mistakes: list[Mistake] = []
    graph: dict[str, set[str]] = {}
    for name, reads in references.items():
        unknown = [r for r in reads if owner(r.name, names) not in names]
        for reference in unknown:
            listed = ", ".join(known)
            message = f"there is no '{reference.name}' to read{did_you_mean(reference.name, known)}  known: {listed}"
            mistakes.append(Mistake(reference.path, message))
        if not unknown:
            graph[name] = {owner(r.name, names) for r in reads} & references.keys()
    while True:
        sorter = TopologicalSorter({name: {r for r in reads if r in graph} for name, reads in graph.items()})
        try:
            order = list(sorter.static_order())
        except CycleError as error:
            circle = error.args[1]  # each reads the one before it
            path = references[circle[-1]][0].path
            mistakes.append(Mistake(path, f"layers read each other in a circle: {' -> '.join(circle)}"))
            for name in set(circle):
                del graph[name]
            continue
        position = {name: k for k, name in enumerate(references)}
        return _stable(order, graph, position), mistakes


def owner(name: str, known: Collection[str]) -> str:
    """The one of `known` that a tensor belongs to: of `stage/conv/Conv2D:0`, `stage/conv` before `stage`."""
    node = node_of(name)
    while node not in known and "/" in node:
        node = node.rpartition("/")[0]
    return node


def _stable(order: Sequence[str], graph: Mapping[str, set[str]], position: Mapping[str, int]) -> list[str]:
    """A topological order that keeps the written order wherever it can."""
    done: list[str] = []
    waiting = sorted(order, key=position.__getitem__)
    while waiting:
        name = next(n for n in waiting if all(r in done or r not in graph for r in graph[n]))
        waiting.remove(name)
        done.append(name)
    return done
