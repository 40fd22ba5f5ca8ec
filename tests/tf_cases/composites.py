"""Cases of composite ops: what Keras' functions and layers make of the same numbers."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from recorder import FLOATS, Recorder, smooth

OPS = {"Attention", "GRU", "Gelu", "LSTM", "LayerNorm", "RmsNorm"}


def composites() -> Recorder:
    cases = Recorder("composites")
    _activations(cases)
    _normalizations(cases)
    _attentions(cases)
    _recurrent(cases)
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


def _attentions(cases: Recorder) -> None:
    def attention(query, key, value, bias, factor, scale, causal, N, M):
        if not M:
            bias = bias[0] if N else None
            return keras.ops.dot_product_attention(query, key, value, bias=bias, scale=scale, is_causal=causal)
        scores = tf.einsum("bqhd,bkhd->bhqk", query, key) * scale
        return tf.einsum("bhqk,bkhd->bqhd", tf.nn.softmax(scores) * factor[0], value)

    def add(dtype, shape, time, bias=None, factor=None, causal=False, scale=0.5):
        other = (shape[0], time, *shape[2:])
        query, key, value = (smooth(dtype, s, k) for k, s in enumerate((shape, other, other)))
        more = [[] if s is None else [smooth(dtype, s, k)] for k, s in ((3, bias), (4, factor))]
        counts = {"N": len(more[0]), "M": len(more[1])}
        attrs = {"scale": scale, "causal": causal, **counts}
        cases.add("Attention", query, key, value, *more, function=attention, gradient=0 not in shape, **attrs)

    for dtype in FLOATS:
        add(dtype, (2, 3, 2, 4), 5)
        add(dtype, (2, 4, 2, 3), 4, causal=True, scale=1.0)
    add("float32", (2, 3, 2, 4), 5, causal=True)
    add("float32", (1, 5, 2, 2), 3, causal=True)
    add("float32", (2, 3, 2, 4), 5, bias=(2, 2, 3, 5), scale=0.25)
    add("float32", (2, 3, 2, 4), 5, bias=(2, 1, 1, 5), causal=True)
    add("float32", (2, 3, 2, 4), 5, factor=(2, 2, 3, 5))
    add("float32", (1, 1, 1, 1), 1)
    add("float32", (0, 3, 2, 4), 5)


def _recurrent(cases: Recorder) -> None:
    def lstm(x, kernel, recurrent_kernel, bias, reverse):
        return _keras(keras.layers.LSTM, x, (kernel, recurrent_kernel, bias), reverse)

    def gru(x, kernel, recurrent_kernel, bias, reverse):
        return _keras(keras.layers.GRU, x, (kernel, recurrent_kernel, bias), reverse)

    for dtype, (batch, time, features, units), reverse in (
        ("float32", (2, 3, 3, 2), False),
        ("float32", (2, 3, 3, 2), True),
        ("float32", (3, 1, 1, 4), False),
        ("float64", (2, 3, 2, 3), True),
        ("bfloat16", (2, 2, 3, 2), False),
    ):
        for op, function, gates, bias in (("LSTM", lstm, 4, ()), ("GRU", gru, 3, (2,))):
            shapes = (
                (batch, time, features),
                (features, gates * units),
                (units, gates * units),
                (*bias, gates * units),
            )
            inputs = (smooth(dtype, shape, k) for k, shape in enumerate(shapes))
            # The gradient in bfloat16 is rounded at every step, by Keras otherwise than by XLA.
            cases.add(op, *inputs, function=function, gradient=dtype != "bfloat16", reverse=reverse)


def _keras(layer, x, variables, reverse):
    """What a recurrent layer of Keras gives for every element, at the place of that element."""
    units, dtype = variables[1].shape[0], x.dtype.name
    # Its own first values are replaced; they only must not need a type that TensorFlow cannot draw them in.
    made = layer(units, return_sequences=True, go_backwards=reverse, dtype=dtype, recurrent_initializer="zeros")
    made.build(x.shape)
    y, _ = made.stateless_call(list(variables), [v.value for v in made.non_trainable_variables], x)
    return tf.reverse(y, [1]) if reverse else y
