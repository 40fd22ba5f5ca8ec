"""Kernels of the gradients of convolution, pooling and normalisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.convolution import conv2d, depthwise_conv2d
from framework.kernels.pooling import average_pool
from framework.kernels.registry import register_kernel, static
from framework.ops.windows import channel_axis, pads


@register_kernel("BiasAddGrad")
def bias_add_grad(attrs: Mapping[str, Any], gradient: jax.Array) -> jax.Array:
    axis = 1 if attrs["data_format"] == "NCHW" else gradient.ndim - 1
    others = tuple(k for k in range(gradient.ndim) if k != axis)
    return jnp.sum(jnp.asarray(gradient), others, dtype=gradient.dtype)


def _pulled_back(function: Callable[[jax.Array], jax.Array], sizes: np.ndarray, gradient: jax.Array) -> jax.Array:
    """The gradient of a linear function for what it is given, of shape `sizes`."""
    gradient = jnp.asarray(gradient)
    _, pull_back = jax.vjp(function, jnp.zeros([int(d) for d in sizes], gradient.dtype))
    return pull_back(gradient)[0]


@register_kernel("Conv2DBackpropFilter", slow_in_loop=("cpu",))
def conv2d_backprop_filter(attrs: Mapping[str, Any], x: Any, sizes: np.ndarray, gradient: jax.Array) -> jax.Array:
    return _pulled_back(lambda kernel: conv2d(attrs, x, kernel), static(sizes, "filter_sizes"), gradient)


@register_kernel("DepthwiseConv2dNativeBackpropFilter", slow_in_loop=("cpu",))
def depthwise_backprop_filter(attrs: Mapping[str, Any], x: Any, sizes: np.ndarray, gradient: jax.Array) -> jax.Array:
    return _pulled_back(lambda kernel: depthwise_conv2d(attrs, x, kernel), static(sizes, "filter_sizes"), gradient)


@register_kernel("DepthwiseConv2dNativeBackpropInput", slow_in_loop=("cpu",))
def depthwise_backprop_input(attrs: Mapping[str, Any], sizes: np.ndarray, kernel: Any, gradient: Any) -> jax.Array:
    return _pulled_back(lambda x: depthwise_conv2d(attrs, x, kernel), static(sizes, "input_sizes"), gradient)


@register_kernel("AvgPoolGrad")
def average_pool_grad(attrs: Mapping[str, Any], sizes: np.ndarray, gradient: jax.Array) -> jax.Array:
    return _pulled_back(lambda x: average_pool(attrs, x), static(sizes, "orig_input_shape"), gradient)


@register_kernel("MaxPoolGrad")
def max_pool_grad(attrs: Mapping[str, Any], x: jax.Array, y: jax.Array, gradient: jax.Array) -> jax.Array:
    x, y, gradient = (jnp.asarray(a) for a in (x, y, gradient))
    padding, strides, zero = pads(attrs, x.shape, attrs["ksize"]), attrs["strides"], jnp.zeros((), x.dtype)
    wide = [before + size + behind for size, (before, behind) in zip(x.shape, padding, strict=True)]
    amounts = [(before, behind, 0) for before, behind in padding]
    padded, inside = lax.pad(x, zero, amounts), lax.pad(jnp.ones(x.shape, bool), jnp.array(False), amounts)
    total, taken = jnp.zeros(wide, x.dtype), jnp.zeros(y.shape, bool)
    for place in np.ndindex(*attrs["ksize"]):
        stop = [first + (count - 1) * step + 1 for first, count, step in zip(place, y.shape, strides, strict=True)]
        seen, real = (lax.slice(a, place, stop, strides) for a in (padded, inside))
        wins = real & (seen == y) & ~taken
        taken |= wins
        around = [(p, w - s, step - 1) for p, w, s, step in zip(place, wide, stop, strides, strict=True)]
        total += lax.pad(jnp.where(wins, gradient, jnp.zeros_like(gradient)), zero, around)
    return lax.slice(total, [p for p, _ in padding], [p + d for (p, _), d in zip(padding, x.shape, strict=True)])


@register_kernel("FusedBatchNormGrad")
@register_kernel("FusedBatchNormGradV2")
@register_kernel("FusedBatchNormGradV3")
def fused_batch_norm_grad(
    attrs: Mapping[str, Any],
    gradient: jax.Array,
    x: jax.Array,
    scale: jax.Array,
    mean: jax.Array,
    variance: jax.Array,
    *unused: jax.Array,
) -> tuple[jax.Array, ...]:
    axis = channel_axis(attrs["data_format"])
    others = tuple(k for k in range(x.ndim) if k != axis)

    def along_channels(vector: jax.Array) -> jax.Array:
        return lax.broadcast_in_dim(vector, x.shape, (axis,))

    wide = jnp.asarray(gradient, jnp.float32)
    root = lax.rsqrt(jnp.asarray(variance) + attrs["epsilon"])
    centred = (jnp.asarray(x, jnp.float32) - along_channels(jnp.asarray(mean))) * along_channels(root)
    of_offset, of_scale = jnp.sum(wide, others), jnp.sum(wide * centred, others)
    if attrs["is_training"]:
        count = max(x.size // max(x.shape[axis], 1), 1)
        wide = wide - along_channels(of_offset / count) - centred * along_channels(of_scale / count)
    of_x = wide * along_channels(root * jnp.asarray(scale))
    empty = jnp.zeros((0,), jnp.float32)
    return of_x.astype(x.dtype), of_scale, of_offset, empty, empty
