"""The order in which the parts of a message can be built, for graphs of any size and depth."""

from __future__ import annotations

from collections.abc import Sequence


class CycleError(Exception):
    """Things that need each other. positions: of those on the circle, each needs the one behind it."""

    def __init__(self, positions: Sequence[int]):
        super().__init__(f"a circle of {len(positions)}")
        self.positions = tuple(positions)


def in_order(needs: Sequence[Sequence[int]]) -> list[int]:
    """Positions in an order in which each stands behind those it needs; what is in order already stays as it is.

    needs: for each position the positions that it needs. Raises CycleError.
    """
    done: list[int] = []
    fresh, open_, closed = 0, 1, 2
    state = [fresh] * len(needs)
    for start in range(len(needs)):
        path = [start] if state[start] == fresh else []
        waiting = [iter(needs[start])] if path else []
        if path:
            state[start] = open_
        while path:
            following = next((k for k in waiting[-1] if state[k] != closed), None)
            if following is None:
                waiting.pop()
                position = path.pop()
                state[position] = closed
                done.append(position)
            elif state[following] == open_:
                raise CycleError(path[path.index(following) :])
            else:
                state[following] = open_
                path.append(following)
                waiting.append(iter(needs[following]))
    return done
