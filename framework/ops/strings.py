"""Ops on strings. They work on the host, outside of compiled programs."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.dtypes import bool_, string
from framework.graph.shapes import Shape, merge
from framework.ops.inference import Shapes, no_flops, scalar, unchanged


def _joined_shape(call: Call) -> Shapes:
    """The inputs have one shape; scalars stand at every position of it."""
    found: Shape = ()
    for shape in call.shapes:
        if shape != ():
            found = shape if found == () else merge(found, shape)
    return [found]


def _as_string_shape(call: Call) -> Shapes:
    dtype, attrs = call.attrs["T"], call.attrs
    is_whole = dtype.is_integer or dtype in (bool_, string)
    if is_whole and (attrs["precision"] >= 0 or attrs["scientific"] or attrs["shortest"]):
        raise call.fail(f"'precision', 'scientific' and 'shortest' are for numbers with a point, found {dtype}")
    if attrs["scientific"] and attrs["shortest"]:
        raise call.fail("'scientific' and 'shortest' exclude each other")
    if attrs["fill"] and attrs["width"] < 0:
        raise call.fail(f"'fill' is {attrs['fill']!r}, but there is no 'width' to fill")
    if len(attrs["fill"]) > 1 or attrs["fill"] not in " +-0":
        raise call.fail(f"'fill' must be ' ', '+', '-' or '0', found {attrs['fill']!r}")
    return unchanged(call)


register_op(
    "AsString",
    inputs="input: T",
    outputs="output: string",
    attrs="T: {float, double, int32, uint8, int16, int8, int64, bfloat16, uint16, half, uint32, uint64, complex64, "
    "complex128, bool, string}, precision: int = -1, scientific: bool = false, shortest: bool = false, "
    "width: int = -1, fill: string = ''",
    shape=_as_string_shape,
    traceable=False,
    flops=no_flops,
    doc="Each element as text, with `precision` digits behind the point, and of at least `width` characters. `fill` is "
    "a flag of C's printf: '0' fills up with zeros, '-' on the right, '+' and ' ' show the sign.",
)
register_op(
    "StringJoin",
    inputs="inputs: N * string",
    outputs="output: string",
    attrs="N: int >= 0, separator: string = ''",
    shape=_joined_shape,
    traceable=False,
    flops=no_flops,
    doc="The strings at each position one after another, `separator` between them; scalars stand at every position.",
)
register_op(
    "ShardedFilename",
    inputs="basename: string, shard: int32, num_shards: int32",
    outputs="filename: string",
    shape=scalar,
    traceable=False,
    flops=no_flops,
    doc="The name of one of several files: `basename-00001-of-00004`.",
)
