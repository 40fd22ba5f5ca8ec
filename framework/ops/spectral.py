"""Fourier transforms over the last one, two or three axes."""

from __future__ import annotations

import math
from collections.abc import Callable

from framework.graph import Call, register_op
from framework.graph.shapes import Dim, Shape, merge, show, size
from framework.ops.complex_numbers import check_parts
from framework.ops.inference import Flops, Shapes, at_least_rank, product, static_vector


def _same_shape(call: Call, rank: int) -> Shapes:
    return [at_least_rank(call, 0, rank)]


def _lengths(call: Call, rank: int) -> tuple[Dim, ...]:
    """The lengths of a transform of real numbers along its axes, which are unknown where they are computed."""
    check_parts(call, "Tcomplex", "Treal")
    merge(call.shapes[1], (rank,))
    lengths = static_vector(call, 1)
    if lengths is None:
        return (None,) * rank
    if any(length < 1 for length in lengths):
        raise call.fail(f"'fft_length' must hold numbers of at least 1, found {list(lengths)}")
    return lengths


def _half(length: Dim) -> Dim:
    """How many complex numbers say all of a transform of so many real ones."""
    return None if length is None else length // 2 + 1


def _to_half(call: Call, rank: int) -> Shapes:
    lengths = _lengths(call, rank)
    return [_transformed(call, lengths, (*lengths[:-1], _half(lengths[-1])))]


def _from_half(call: Call, rank: int) -> Shapes:
    lengths = _lengths(call, rank)
    return [_transformed(call, (*lengths[:-1], _half(lengths[-1])), lengths)]


def _transformed(call: Call, read: tuple[Dim, ...], made: tuple[Dim, ...]) -> Shape:
    """The input's shape with `made` for the last axes, of which at least `read` elements are needed."""
    shape = at_least_rank(call, 0, len(read))
    if shape is None:
        return None
    first = len(shape) - len(read)
    for axis, (found, needed) in enumerate(zip(shape[first:], read, strict=True), first):
        if found is not None and needed is not None and found < needed:
            raise call.fail(f"axis {axis} of {show(shape)} has {found} elements, where 'fft_length' needs {needed}")
    return (*shape[:first], *made)


def _flops(rank: int, is_real: bool) -> Flops:
    """5 n log2(n) operations for n numbers, half of it when they are real; Cooley and Tukey, 1965."""

    def flops(call: Call, outputs: Shapes) -> int | None:
        before, after = size(call.shapes[0]), size(outputs[0])
        if before is None or after is None:
            return None
        shape = call.shapes[0] if before >= after else outputs[0]
        length = product((shape or ())[-rank:]) or 1
        return round((2.5 if is_real else 5) * max(before, after) * math.log2(length))

    return flops


_AXES = {1: "the last axis", 2: "the last two axes", 3: "the last three axes"}
_ShapeOfRank = Callable[[Call, int], Shapes]


def _declare(rank: int, name: str, signature: tuple[str, str, str], shape: _ShapeOfRank, doc: str) -> None:
    inputs, output, attrs = signature
    register_op(
        name,
        inputs=inputs,
        outputs=f"output: {output}",
        attrs=attrs,
        shape=lambda call: shape(call, rank),
        flops=_flops(rank, is_real="Treal" in attrs),
        wrapper=name.lower(),
        doc=doc,
    )


_COMPLEX = "Tcomplex: {complex64, complex128} = complex64"
_BOTH = f"Treal: {{float, double}} = float, {_COMPLEX}"
for _rank, _suffix in ((1, ""), (2, "2D"), (3, "3D")):
    _plain = ("input: Tcomplex", "Tcomplex", _COMPLEX)
    _over = _AXES[_rank]
    _declare(_rank, f"FFT{_suffix}", _plain, _same_shape, f"The discrete Fourier transform over {_over}.")
    _declare(
        _rank,
        f"IFFT{_suffix}",
        _plain,
        _same_shape,
        f"The inverse of the discrete Fourier transform over {_over}, divided by the number of elements.",
    )
    _declare(
        _rank,
        f"RFFT{_suffix}",
        ("input: Treal, fft_length: int32", "Tcomplex", _BOTH),
        _to_half,
        f"The discrete Fourier transform of real numbers over {_over}, of which the first `fft_length` elements are "
        "read; the last axis holds the fft_length / 2 + 1 numbers that say the others.",
    )
    _declare(
        _rank,
        f"IRFFT{_suffix}",
        ("input: Tcomplex, fft_length: int32", "Treal", _BOTH),
        _from_half,
        f"The real numbers whose RFFT{_suffix} is the input: `fft_length` of them over {_over}.",
    )
