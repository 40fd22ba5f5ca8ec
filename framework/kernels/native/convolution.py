"""Native kernels of convolution: of one product of images and filters, of which each is linear in either factor.

`y = forward(x, k)`, `x = backward_input(y, k)` and `k = backward_filter(x, y)` are the gradients of one another, so all
derivatives of every order are native too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching

from framework.graph.opdef import Call
from framework.kernels.native.batching import define, of_each, of_images
from framework.kernels.native.library import library
from framework.kernels.registry import register_kernel, static
from framework.ops.windows import channel_axis, pads, span, spatial_axes

TYPES = ("float32", "bfloat16")
FORWARD, BACKWARD_INPUT, BACKWARD_FILTER = range(3)


class Geometry(NamedTuple):
    """A convolution but for its type and batch; sizes are along height and width, or depth, height and width."""

    channels_first: bool
    groups: int
    channels: int
    filters: int
    image: tuple[int, ...]
    window: tuple[int, ...]
    result: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    behind: tuple[int, ...]

    def images(self, batch: int) -> tuple[int, ...]:
        """The shape of what is read."""
        return self._shape(batch, self.channels, self.image)

    def results(self, batch: int) -> tuple[int, ...]:
        """The shape of what comes out."""
        return self._shape(batch, self.filters, self.result)

    def _shape(self, batch: int, channels: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (batch, channels, *sizes) if self.channels_first else (batch, *sizes, channels)

    @property
    def kernel(self) -> tuple[int, ...]:
        """The shape of the filters: `[height, width, channels of a group, filters]`."""
        return (*self.window, self.channels // self.groups, self.filters)

    def spec(self, kind: int, dtype: Any, batch: int) -> np.ndarray:
        """All of it as the C++ reads it."""
        type_ = TYPES.index(np.dtype(dtype).name)
        head = (kind, type_, len(self.image), self.channels_first, self.groups, batch, self.channels, self.filters)
        along = (self.image, self.window, self.result, self.strides, [d - 1 for d in self.dilations])
        return np.array([*head, *(n for sizes in (*along, self.before, self.behind) for n in sizes)], np.int64)


def geometry(attrs: Mapping[str, Any], image: Sequence[int], kernel: Sequence[int]) -> Geometry:
    """What an op with these attributes does to images and filters of these shapes."""
    spatial, channel = spatial_axes(attrs["data_format"]), channel_axis(attrs["data_format"])
    window = tuple(kernel[: len(spatial)])
    dilations = tuple(attrs["dilations"][axis] for axis in spatial)
    spans = [1] * len(image)
    for axis, reach, dilation in zip(spatial, window, dilations, strict=True):
        spans[axis] = span(reach, dilation)
    padding = pads(attrs, image, spans)
    strides = tuple(attrs["strides"][axis] for axis in spatial)
    result = tuple(
        (image[axis] + sum(padding[axis]) - spans[axis]) // stride + 1
        for axis, stride in zip(spatial, strides, strict=True)
    )
    return Geometry(
        channels_first=channel == 1,
        groups=image[channel] // kernel[-2],
        channels=image[channel],
        filters=kernel[-1],
        image=tuple(image[axis] for axis in spatial),
        window=window,
        result=result,
        strides=strides,
        dilations=dilations,
        before=tuple(padding[axis][0] for axis in spatial),
        behind=tuple(padding[axis][1] for axis in spatial),
    )


# -- the three products -----------------------------------------------------------------------------------------------


def _shape(kind: int, a: Any, b: Any, g: Geometry) -> tuple[int, ...]:
    if kind == BACKWARD_FILTER:
        return g.kernel
    return g.results(a.shape[0]) if kind == FORWARD else g.images(a.shape[0])


def _primitive(name: str, kind: int) -> Primitive:
    def lower(context: Any, a: Any, b: Any, *, geometry: Geometry) -> Any:
        found, first = library(), context.avals_in[0]
        if found is None:
            raise RuntimeError("the native library is gone")  # it was there when the kernel was chosen
        spec = geometry.spec(kind, first.dtype, first.shape[0])
        return jax.ffi.ffi_lowering(found.target("convolution"))(context, a, b, spec=spec)

    return define(name, lambda a, b, geometry: (_shape(kind, a, b, geometry), a.dtype), lower)


forward_p = _primitive("native_convolution", FORWARD)
backward_input_p = _primitive("native_convolution_backward_input", BACKWARD_INPUT)
backward_filter_p = _primitive("native_convolution_backward_filter", BACKWARD_FILTER)

ad.defbilinear(
    forward_p,
    lambda y, x, k, **g: backward_input_p.bind(y, k, **g),
    lambda y, x, k, **g: backward_filter_p.bind(x, y, **g),
)
ad.defbilinear(
    backward_input_p,
    lambda x, y, k, **g: forward_p.bind(x, k, **g),
    lambda x, y, k, **g: backward_filter_p.bind(x, y, **g),
)
ad.defbilinear(
    backward_filter_p,
    lambda k, x, y, **g: backward_input_p.bind(y, k, **g),
    lambda k, x, y, **g: forward_p.bind(x, k, **g),
)
batching.primitive_batchers[forward_p] = of_images(forward_p)
batching.primitive_batchers[backward_input_p] = of_images(backward_input_p)
batching.primitive_batchers[backward_filter_p] = of_each(backward_filter_p)


# -- the kernels ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _computed_in(g: Geometry, dtype: str, batch: int) -> str | None:
    """The type in which oneDNN has the product and both gradients: `dtype`, or float32 on a processor without it."""
    found = library()
    if found is None or 0 in (batch, g.groups, g.channels, g.filters, *g.image, *g.window, *g.result):
        return None
    return found.computed_in(
        "convolution", dtype, lambda computed: (g.spec(kind, computed, batch) for kind in range(3))
    )


def _bind(primitive: Primitive, a: jax.Array, b: jax.Array, g: Geometry) -> jax.Array:
    computed = _computed_in(g, a.dtype.name, a.shape[0]) or a.dtype
    return primitive.bind(a.astype(computed), b.astype(computed), geometry=g).astype(a.dtype)


def _accepts(attrs: Mapping[str, Any], image: Sequence[int | None], kernel: Sequence[int | None], dtype: str) -> bool:
    if dtype not in TYPES or None in (*image, *kernel) or library() is None:
        return False
    sizes, window = [size or 0 for size in image], [size or 0 for size in kernel]
    if window[-2] == 0:
        return False
    return _computed_in(geometry(attrs, sizes, window), dtype, sizes[0]) is not None


def _takes_convolution(call: Call) -> bool:
    image, kernel = call.shapes
    return image is not None and kernel is not None and _accepts(call.attrs, image, kernel, call.dtypes[0].name)


def _takes_depthwise(call: Call) -> bool:
    image, kernel = call.shapes
    if image is None or kernel is None or None in kernel:
        return False
    return _accepts(call.attrs, image, _as_grouped(kernel), call.dtypes[0].name)  # type: ignore[arg-type]


def _as_grouped(kernel: Sequence[int]) -> tuple[int, ...]:
    """The shape of filters by channel, as those of a convolution in as many groups."""
    return (*kernel[:2], 1, math.prod(kernel[2:]))


def _takes_transposed(call: Call) -> bool:
    _, kernel, result = call.shapes
    if call.constants[0] is None or kernel is None or result is None or None in (*kernel, *result):
        return False
    image = transposed_image(call.attrs, call.constants[0], kernel, result)  # type: ignore[arg-type]
    return _accepts(call.attrs, image, kernel, call.dtypes[1].name)


def transposed_image(
    attrs: Mapping[str, Any], sizes: np.ndarray, kernel: Sequence[int], result: Sequence[int]
) -> tuple[int, ...]:
    """The shape of the image that `input_sizes` of a transposed convolution asks for: whole, or height and width."""
    image = [int(size) for size in sizes]
    if len(image) == 2:
        height, width = image
        first = attrs["data_format"] == "NCHW"
        image = [result[0], kernel[2], height, width] if first else [result[0], height, width, kernel[2]]
    return tuple(image)


@register_kernel("Conv3D", "cpu", name="onednn", accepts=_takes_convolution, preference=1)
@register_kernel("Conv2D", "cpu", name="onednn", accepts=_takes_convolution, preference=1)
def convolution(attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array) -> jax.Array:
    x, kernel = jnp.asarray(x), jnp.asarray(kernel)
    return _bind(forward_p, x, kernel, geometry(attrs, x.shape, kernel.shape))


@register_kernel("DepthwiseConv2dNative", "cpu", name="onednn", accepts=_takes_depthwise, preference=1)
def depthwise_convolution(attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array) -> jax.Array:
    return convolution(attrs, x, jnp.reshape(kernel, _as_grouped(kernel.shape)))


@register_kernel("Conv2DBackpropInput", "cpu", name="onednn", accepts=_takes_transposed, preference=1)
def transposed_convolution(
    attrs: Mapping[str, Any], input_sizes: np.ndarray, kernel: jax.Array, gradient: jax.Array
) -> jax.Array:
    gradient, kernel = jnp.asarray(gradient), jnp.asarray(kernel)
    image = transposed_image(attrs, static(input_sizes, "input_sizes"), kernel.shape, gradient.shape)
    return _bind(backward_input_p, gradient, kernel, geometry(attrs, image, kernel.shape))
