"""How bytes, plain data and JSON are changed at random."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

_ODD = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, 0.5, -0.5, 1e308, float("nan"), float("inf"), "", "a",
    "../../x", "/etc/passwd", "a\0b", "é" * 300, [], [[]], [None], [0], [-1], [2**40], {}, {"a": {}}, {"": [1]},
    "float32", "object",
)  # fmt: skip


def of_bytes(draw: random.Random, content: bytes) -> bytes:
    """Bytes changed, cut out, doubled, or cut off; most often near the beginning or in small messages."""
    data = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 5, 20))):
        place = draw.randrange(len(data) or 1)
        kind = draw.randrange(5)
        if kind == 0 and data:
            data[place] = draw.randrange(256)
        elif kind == 1 and data:
            data[place] ^= 1 << draw.randrange(8)
        elif kind == 2:
            del data[place : place + draw.choice((1, 4, 100))]
        elif kind == 3:
            data[place:place] = data[place : place + draw.choice((1, 16, 400))]
        elif draw.random() < 0.2:
            del data[place:]
    return bytes(data)


def of_plain(draw: random.Random, value: Any) -> Any:
    """Plain data in which keys and values were deleted, renamed, retyped or exchanged."""
    value = copy.deepcopy(value)
    for _ in range(draw.choice((1, 1, 2, 4))):
        places = list(spots(value))
        if not places:
            return draw.choice(_ODD)
        path = draw.choice(places)
        holder = at(value, path[:-1])
        kind = draw.randrange(5)
        if kind == 0:
            del holder[path[-1]]
        elif kind == 1 and isinstance(holder, dict):
            holder[str(draw.choice((draw.choice(places)[-1], "x", "")))] = holder.pop(path[-1])
        elif kind == 2:
            holder[path[-1]] = copy.deepcopy(at(value, draw.choice(places)))
        else:
            holder[path[-1]] = copy.deepcopy(draw.choice(_ODD))
    return value


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path in plain data, from the top down."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from spots(item, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """What stands at a path."""
    for key in path:
        value = value[key]
    return value


def of_json(draw: random.Random, content: bytes) -> bytes:
    """JSON changed as a text, or as what it says; seldom nested without end."""
    chance = draw.random()
    if chance < 0.01:
        return draw.choice((b"[" * 100_000, b'{"a":' * 50_000, b"1" * 10_000, b'{"step": 1e999}', b"-" * 9000, b""))
    if chance < 0.4:
        return of_bytes(draw, content)
    return json.dumps(of_plain(draw, json.loads(content))).encode()
