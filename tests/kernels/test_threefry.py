"""Threefry as it is written here gives the numbers of jax.random, bit for bit."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from framework.kernels.threefry import bits, fold_in, uniform

KEY = jax.random.fold_in(jax.random.key(7), 3)


@pytest.mark.parametrize("shape", [(), (1,), (5, 0), (3, 129, 7)])
def test_bits_and_uniform_numbers_are_those_of_jax(shape: tuple[int, ...]):
    np.testing.assert_array_equal(bits(KEY, shape), jax.random.bits(KEY, shape))
    for dtype in (jnp.float32, jnp.bfloat16, jnp.float16):
        found = uniform(KEY, shape, np.dtype(dtype))
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, jax.random.uniform(KEY, shape, dtype))


@pytest.mark.parametrize("number", [np.int32(0), np.int32(-1), np.int32(12345), np.uint32(2**32 - 1)])
def test_keys_are_folded_as_jax_does(number: np.generic):
    folded = fold_in(KEY, number)
    np.testing.assert_array_equal(jax.random.key_data(folded), jax.random.key_data(jax.random.fold_in(KEY, number)))


@pytest.mark.parametrize("shape", [(), (4, 3)])
def test_many_keys_at_once_give_what_each_gives(shape: tuple[int, ...]):
    keys = jax.random.split(KEY, 5)
    together = jax.vmap(lambda key: bits(fold_in(key, np.int32(3)), shape))(keys)
    for key, found in zip(keys, together, strict=True):
        np.testing.assert_array_equal(found, bits(fold_in(key, np.int32(3)), shape))
    folded = jax.vmap(fold_in, in_axes=(None, 0))(KEY, np.arange(5, dtype=np.int32))
    for number in range(5):
        expected = jax.random.fold_in(KEY, np.int32(number))
        np.testing.assert_array_equal(jax.random.key_data(folded[number]), jax.random.key_data(expected))
