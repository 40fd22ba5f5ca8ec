"""Kernels of Fourier transforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.kernels.registry import register_kernel, static

Transform = Callable[..., jax.Array]


def _complex(op: str, rank: int, transform: Transform) -> None:
    def kernel(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
        return transform(jnp.asarray(x), axes=range(-rank, 0))

    kernel.__qualname__ = f"_complex.{op}"
    register_kernel(op)(kernel)


def _real(op: str, rank: int, transform: Transform) -> None:
    def kernel(attrs: Mapping[str, Any], x: jax.Array, fft_length: np.ndarray) -> jax.Array:
        lengths = static(fft_length, "fft_length").tolist()
        return transform(jnp.asarray(x), s=lengths, axes=range(-rank, 0))

    kernel.__qualname__ = f"_real.{op}"
    register_kernel(op)(kernel)


for _rank, _suffix in ((1, ""), (2, "2D"), (3, "3D")):
    _complex(f"FFT{_suffix}", _rank, jnp.fft.fftn)
    _complex(f"IFFT{_suffix}", _rank, jnp.fft.ifftn)
    _real(f"RFFT{_suffix}", _rank, jnp.fft.rfftn)
    _real(f"IRFFT{_suffix}", _rank, jnp.fft.irfftn)
