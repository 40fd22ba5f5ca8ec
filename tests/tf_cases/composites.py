"""Cases of composite ops: what Keras' functions and layers make of the same numbers."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from recorder import FLOATS, Recorder, smooth

OPS = {"Gelu", "LayerNorm", "RmsNorm"}


def composites() -> Recorder:
    cases = Recorder("composites")
    _activations(cases)
    _normalizations(cases)
    return cases


def _activations(cases: Recorder) -> None:
    for approximate in (False, True):
        # Not float64: TensorFlow's formula rounds its constants to float32.
        for dtype in ("bfloat16", "float16", "float32"):
            cases.add("Gelu", smooth(dtype, (3, 5)), function=tf.nn.gelu, approximate=approximate, gradient=True)
        for x in (np.float32(0.5), np.zeros((0, 2), np.float32), np.float32([-20, -5, 0, 5, 20])):
            cases.add("Gelu", x, function=tf.nn.gelu, approximate=approximate, gradient=x.size > 0)


def _normalizations(cases: Recorder) -> None:
    def layer_norm(x, scale, offset, epsilon):
        return keras.ops.layer_normalization(x, scale, offset, axis=-1, epsilon=epsilon)

    def rms_norm(x, scale, epsilon):
        return keras.ops.rms_normalization(x, scale, axis=-1, epsilon=epsilon)

    for dtype in FLOATS:
        # A mean far from 0 shows whether digits are lost.
        x, scale, offset = (smooth(dtype, shape, k) for k, shape in enumerate(((4, 3, 6), (6,), (6,))))
        x = x + x.dtype.type(3)
        cases.add("LayerNorm", x, scale, offset, function=layer_norm, gradient=True, epsilon=2**-10)
        cases.add("RmsNorm", x, scale, function=rms_norm, gradient=True, epsilon=2**-20)
    for shape in ((5,), (2, 1), (2, 3, 4, 2), (0, 3)):
        x, scale, offset = (smooth("float32", s, k) for k, s in enumerate((shape, shape[-1:], shape[-1:])))
        cases.add("LayerNorm", x, scale, offset, function=layer_norm, gradient=True, epsilon=0.125)
        cases.add("RmsNorm", x, scale, function=rms_norm, gradient=True, epsilon=0.125)
