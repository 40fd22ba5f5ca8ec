"""Fourier transforms: against the sum that defines them, and the gradients that go through complex numbers."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ops
from framework.graph import Graph
from framework.runtime.session import Session

SIGNAL = np.random.default_rng(0).normal(size=(2, 6)).astype(np.float32)
STEP = 1e-2


def spectrum(signal: np.ndarray) -> np.ndarray:
    """The definition of the discrete Fourier transform along the last axis."""
    n = np.arange(signal.shape[-1])
    return signal @ np.exp(-2j * np.pi * np.outer(n, n) / len(n))


def test_transforms_are_the_sum_that_defines_them() -> None:
    expected = spectrum(SIGNAL)
    with Graph().as_default():
        x = ops.placeholder("float32", [None, 6])
        half = ops.rfft(x, [6])
        whole = ops.fft(ops.complex(x, ops.zeros_like(x)))
        back = ops.irfft(half, [6]), ops.real(ops.ifft(whole))
        assert half.shape == (None, 4)
        found = Session().run([half, whole, *back], {x: SIGNAL})
    np.testing.assert_allclose(found[0], expected[:, :4], atol=1e-5)
    np.testing.assert_allclose(found[1], expected, atol=1e-5)
    for signal in found[2:]:
        np.testing.assert_allclose(signal, SIGNAL, atol=1e-6)


@pytest.mark.parametrize("through", ["complex_abs", "angle", "real", "imag", "conj", "irfft", "fft"])
def test_gradients_pass_through_complex_numbers(through: str) -> None:
    weights = np.random.default_rng(1).normal(size=(2, 6)).astype(np.float32)
    with Graph().as_default():
        x = ops.placeholder("float32", [2, 6])
        half = ops.rfft(x, [6])
        made = {
            "complex_abs": ops.complex_abs,
            "angle": ops.angle,
            "real": ops.real,
            "imag": ops.imag,
            "conj": lambda z: ops.imag(ops.conj(z) * z * z),
            "irfft": lambda z: ops.irfft(z * z, [6]),
            "fft": lambda z: ops.real(ops.fft(z * z)),
        }[through](half)
        seed = weights[:, : (made.shape or ())[-1]]
        loss = ops.reduce_sum(made * seed)
        (gradient,) = ops.gradients([loss], [x], [])
        session = Session()
        found = session.run(gradient, {x: SIGNAL})
        way = np.random.default_rng(2).normal(size=SIGNAL.shape).astype(np.float32)
        above, below = (session.run(loss, {x: SIGNAL + by * way}) for by in (STEP, -STEP))
    assert (found * way).sum() == pytest.approx((above - below) / (2 * STEP), rel=2e-2, abs=1e-2)


def test_gradients_of_complex_tensors_are_conjugates_as_tensorflows_are() -> None:
    """Numbers of TensorFlow 2.21: `tape.gradient` of `abs(z)`, and of `z * z` weighted by 1 + 2i and i."""
    with Graph().as_default():
        z = ops.placeholder("complex64", [2])
        (of_size,) = ops.gradients([ops.complex_abs(z)], [z], [])
        (of_square,) = ops.gradients([z * z], [z], [np.complex64([1 + 2j, 1j])])
        found = Session().run([of_size, of_square], {z: np.complex64([3 + 4j, 1j])})
    np.testing.assert_allclose(found[0], [0.6 + 0.8j, 1j], rtol=1e-6)
    np.testing.assert_allclose(found[1], [22 + 4j, 2], rtol=1e-6)
