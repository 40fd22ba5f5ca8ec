"""Threefry-2x32: random bits as a function of a key and a place, written so that XLA fuses it with what reads them.

The numbers are those of `jax.random` bit for bit, on every platform. On a CPU JAX computes the rounds as a loop over
whole arrays, which goes through memory five times and fuses with nothing: a fifth of the speed.

Source: Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.extend.mlir import ir
from jax.extend.mlir.dialects import stablehlo as hlo
from jax.interpreters import batching, mlir

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA
_MOST = 1 << 32  # places that one word counts
_ONE = np.uint32(0x3F800000)  # the bits of 1.0
_MANTISSA = 23


@partial(jax.jit, static_argnames="shape")
def bits(key: jax.Array, shape: tuple[int, ...]) -> jax.Array:
    """Random bits, uint32 of a shape of fewer than 2^32 elements: those of `jax.random.bits`."""
    places = lax.iota(jnp.uint32, math.prod(shape)).reshape(shape)
    first, second = _rounds(jax.random.key_data(key), jnp.zeros_like(places), places)
    return first ^ second


@jax.jit
def fold_in(key: jax.Array, number: jax.Array) -> jax.Array:
    """A new key of a key and a 32-bit number: that of `jax.random.fold_in`."""
    place = jnp.asarray(number).astype(jnp.uint32)
    return jax.random.wrap_key_data(jnp.stack(_rounds(jax.random.key_data(key), jnp.zeros_like(place), place)))


def uniform(key: jax.Array, shape: tuple[int, ...], dtype: np.dtype) -> jax.Array:
    """Numbers from [0, 1): those of `jax.random.uniform`."""
    if dtype != np.float32 or not 0 < math.prod(shape) < _MOST:
        return jax.random.uniform(key, shape, dtype)
    # The bits of a number between 1 and 2 with a random mantissa.
    drawn = (bits(key, shape) >> np.uint32(32 - _MANTISSA)) | _ONE
    return lax.bitcast_convert_type(drawn, jnp.float32) - np.float32(1)


def _rounds(key: jax.Array, first: jax.Array, second: jax.Array) -> Sequence[jax.Array]:
    """The twenty rounds over two words of a place, uint32 each. key: uint32 `[2]`."""
    return _rounds_p.bind(*(lax.broadcast(word, first.shape) for word in (key[0], key[1])), first, second)


def _lower(context: mlir.LoweringRuleContext, *words: Any) -> Sequence[Any]:
    """The rounds as StableHLO: a hundred operations, which take twenty times as long when they are traced."""
    key, other, first, second = words
    shape = tuple(ir.RankedTensorType(first.type).shape)

    @cache
    def number(value: int) -> Any:
        return mlir.ir_constant(np.broadcast_to(np.uint32(value), shape))

    keys = key, other, hlo.xor(hlo.xor(key, other), number(_PARITY))
    first, second = hlo.add(first, keys[0]), hlo.add(second, keys[1])
    for group in range(5):
        for rotation in _ROTATIONS[group % 2]:
            first = hlo.add(first, second)
            left = hlo.shift_left(second, number(rotation))
            right = hlo.shift_right_logical(second, number(32 - rotation))
            second = hlo.xor(hlo.or_(left, right), first)
        first = hlo.add(first, keys[(group + 1) % 3])
        second = hlo.add(hlo.add(second, keys[(group + 2) % 3]), number(group + 1))
    return first, second


def _batched(words: Sequence[Any], axes: Sequence[int | None]) -> tuple[Sequence[Any], list[int]]:
    """The rule of `vmap`: words that are the same for all are repeated, also where they are scalars."""
    size = next(word.shape[axis] for word, axis in zip(words, axes, strict=True) if axis is not None)
    same = [
        lax.broadcast(word, (size,)) if axis is None else jnp.moveaxis(word, axis, 0)
        for word, axis in zip(words, axes, strict=True)
    ]
    return _rounds_p.bind(*same), [0, 0]


_rounds_p = Primitive("threefry_rounds")
_rounds_p.multiple_results = True
_rounds_p.def_abstract_eval(lambda *words: [ShapedArray(words[0].shape, words[0].dtype)] * 2)
_rounds_p.def_impl(jax.jit(_rounds_p.bind))
mlir.register_lowering(_rounds_p, _lower)
batching.primitive_batchers[_rounds_p] = _batched
