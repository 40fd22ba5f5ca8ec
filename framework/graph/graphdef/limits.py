"""What a graph that somebody else wrote may ask of this machine before it is refused."""

from __future__ import annotations

from framework.errors import GraphError

MESSAGE = 2**31 - 1  # bytes of a GraphDef: protobuf itself reads no more
UNPACKED = 64 * 2**20  # bytes that any gzip file may unpack to
RATIO = 200  # what a gzip file beyond that may unpack to, in times its own size
TEXT = 128 * 2**20  # bytes of a GraphDef written as text, which is slow to read
CONSTANT = 2**31  # bytes of one constant, however few of them the file holds
REPEATED = 2**28  # bytes, in a graph, of constants whose last value repeats
OUTPUTS = 1_000_000  # outputs of all nodes of a graph that come from a number in an attribute
RANK = 254  # axes of a tensor
NESTING = 16  # of functions that an attribute names, in the attributes of functions that an attribute names
CALLS = 64  # of functions that call functions
INSTANCES = 1_000  # functions made of those that are written for any type
NAME = 4096  # characters


class Allowance:
    """What a graph may still ask for, of what it asks for in many small parts."""

    def __init__(self) -> None:
        self._left = {"repeated": REPEATED, "outputs": OUTPUTS}
        self._words = {
            "repeated": f"constants that repeat their last value hold more than {REPEATED:,} bytes",
            "outputs": f"attributes ask for more than {OUTPUTS:,} outputs",
        }

    def take(self, kind: str, count: int) -> None:
        """Takes `count` bytes (`repeated`) or `outputs`. Raises GraphError where fewer are left."""
        self._left[kind] -= count
        if self._left[kind] < 0:
            raise GraphError(self._words[kind])
