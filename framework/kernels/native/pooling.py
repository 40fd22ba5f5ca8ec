"""Native kernels of pooling. The maximum keeps which element of a window it is, and the gradient goes there alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import ShapedArray
from jax.interpreters import ad, batching, mlir

from framework.graph.opdef import Call
from framework.kernels.native.batching import define, of_images
from framework.kernels.native.convolution import TYPES
from framework.kernels.native.library import library
from framework.kernels.registry import register_kernel
from framework.ops.windows import channel_axis, pads, spatial_axes

_MOST_PLACES = 255  # of a window; which one it is, is a byte


class Geometry(NamedTuple):
    """Pooling but for its type and batch; sizes are along height and width, or depth, height and width."""

    channels_first: bool
    channels: int
    image: tuple[int, ...]
    window: tuple[int, ...]
    result: tuple[int, ...]
    strides: tuple[int, ...]
    before: tuple[int, ...]
    behind: tuple[int, ...]

    def images(self, batch: int) -> tuple[int, ...]:
        """The shape of what is read."""
        return self._shape(batch, self.image)

    def results(self, batch: int) -> tuple[int, ...]:
        """The shape of what comes out."""
        return self._shape(batch, self.result)

    def _shape(self, batch: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (batch, self.channels, *sizes) if self.channels_first else (batch, *sizes, self.channels)

    @property
    def attrs(self) -> dict[str, Any]:
        """The same as attributes of the op."""
        outer, inner = ("NC", "") if self.channels_first else ("N", "C")
        data_format = outer + "DHW"[-len(self.image) :] + inner

        def along(numbers: Sequence[int], else_: int) -> tuple[int, ...]:
            return (else_, else_, *numbers) if self.channels_first else (else_, *numbers, else_)

        explicit = along([*zip(self.before, self.behind, strict=True)], (0, 0))  # type: ignore[list-item, arg-type]
        return {
            "ksize": along(self.window, 1),
            "strides": along(self.strides, 1),
            "padding": "EXPLICIT",
            "explicit_paddings": tuple(n for pair in explicit for n in pair),  # type: ignore[attr-defined]
            "data_format": data_format,
        }

    def spec(self, kind: int, dtype: Any, batch: int) -> np.ndarray:
        """All of it as the C++ reads it. kind: 0 forward, 1 backward."""
        type_ = TYPES.index(np.dtype(dtype).name)
        head = (kind, type_, len(self.image), self.channels_first, batch, self.channels)
        along = (self.image, self.window, self.result, self.strides, self.before, self.behind)
        return np.array([*head, *(n for sizes in along for n in sizes)], np.int64)


def geometry(attrs: Mapping[str, Any], image: Sequence[int]) -> Geometry:
    """What an op with these attributes does to images of this shape."""
    spatial, channel = spatial_axes(attrs["data_format"]), channel_axis(attrs["data_format"])
    padding = pads(attrs, image, attrs["ksize"])
    window, strides = (tuple(attrs[name][axis] for axis in spatial) for name in ("ksize", "strides"))
    result = tuple(
        (image[axis] + sum(padding[axis]) - reach) // stride + 1
        for axis, reach, stride in zip(spatial, window, strides, strict=True)
    )
    return Geometry(
        channels_first=channel == 1,
        channels=image[channel],
        image=tuple(image[axis] for axis in spatial),
        window=window,
        result=result,
        strides=strides,
        before=tuple(padding[axis][0] for axis in spatial),
        behind=tuple(padding[axis][1] for axis in spatial),
    )


def _lowering(name: str, kind: int) -> Any:
    def lower(context: Any, *operands: Any, geometry: Geometry) -> Any:
        found, first = library(), context.avals_in[0]
        if found is None:
            raise RuntimeError("the native library is gone")  # it was there when the kernel was chosen
        spec = geometry.spec(kind, first.dtype, first.shape[0])
        return jax.ffi.ffi_lowering(found.target(name))(context, *operands, spec=spec)

    return lower


# -- average: linear, and each of the two is the transpose of the other -----------------------------------------------

average_p = define(
    "native_average_pooling",
    lambda x, geometry: (geometry.results(x.shape[0]), x.dtype),
    _lowering("average_pooling", 0),
)
average_gradient_p = define(
    "native_average_pooling_gradient",
    lambda y, geometry: (geometry.images(y.shape[0]), y.dtype),
    _lowering("average_pooling", 1),
)
ad.deflinear2(average_p, lambda y, x, **g: [average_gradient_p.bind(y, **g)])
ad.deflinear2(average_gradient_p, lambda x, y, **g: [average_p.bind(x, **g)])
batching.primitive_batchers[average_p] = of_images(average_p)
batching.primitive_batchers[average_gradient_p] = of_images(average_gradient_p)


# -- maximum: once it is known which element it is, the rest is linear ------------------------------------------------


def _chosen(x: jax.Array, where: jax.Array, geometry: Geometry) -> jax.Array:
    """The element of each window of `x` whose number is in `where`."""
    attrs, spatial = geometry.attrs, spatial_axes(geometry.attrs["data_format"])
    padding = pads(attrs, x.shape, attrs["ksize"])
    padded = lax.pad(x, jnp.zeros((), x.dtype), [(before, behind, 0) for before, behind in padding])
    total = jnp.zeros(where.shape, x.dtype)
    for number, place in enumerate(np.ndindex(*geometry.window)):
        first = [0] * x.ndim
        for axis, offset in zip(spatial, place, strict=True):
            first[axis] = offset
        stop = [f + (n - 1) * s + 1 for f, n, s in zip(first, where.shape, attrs["strides"], strict=True)]
        seen = lax.slice(padded, first, stop, attrs["strides"])
        total = jnp.where(where == np.uint8(number), seen, total)
    return total


max_p = define(
    "native_max_pooling",
    lambda x, geometry: [(geometry.results(x.shape[0]), dtype) for dtype in (x.dtype, np.dtype(np.uint8))],
    _lowering("max_pooling", 0),
    several=True,
)
chosen_p = define(
    "native_max_pooling_chosen",
    lambda x, where, geometry: (where.shape, x.dtype),
    mlir.lower_fun(_chosen, multiple_results=False),
)
scattered_p = define(
    "native_max_pooling_gradient",
    lambda y, where, geometry: (geometry.images(y.shape[0]), y.dtype),
    _lowering("max_pooling_gradient", 1),
)


def _max_jvp(primals: Any, tangents: Any, *, geometry: Geometry) -> Any:
    y, where = max_p.bind(*primals, geometry=geometry)
    (tangent,) = tangents
    none = ad.Zero(ShapedArray(where.shape, jax.dtypes.float0))
    if type(tangent) is ad.Zero:
        return [y, where], [ad.Zero(ShapedArray(y.shape, y.dtype)), none]
    return [y, where], [chosen_p.bind(tangent, where, geometry=geometry), none]


ad.primitive_jvps[max_p] = _max_jvp
ad.defjvp(chosen_p, lambda tangent, x, where, **g: chosen_p.bind(tangent, where, **g), None)
ad.defjvp(scattered_p, lambda tangent, y, where, **g: scattered_p.bind(tangent, where, **g), None)
ad.primitive_transposes[chosen_p] = lambda y, x, where, **g: [scattered_p.bind(y, where, **g), None]
ad.primitive_transposes[scattered_p] = lambda x, y, where, **g: [chosen_p.bind(x, where, **g), None]
batching.primitive_batchers[max_p] = of_images(max_p)
batching.primitive_batchers[chosen_p] = of_images(chosen_p, images=2)
batching.primitive_batchers[scattered_p] = of_images(scattered_p, images=2)


# -- the kernels ------------------------------------------------------------------------------------------------------


def _geometry_of(call: Call) -> Geometry | None:
    """The pooling that is asked for, where it is one of images of known sizes, and each window sees something."""
    image, channel = call.shapes[0], channel_axis(call.attrs["data_format"])
    if image is None or None in image or 0 in image or call.dtypes[0].name not in TYPES or library() is None:
        return None
    if any(call.attrs[name][axis] != 1 for name in ("ksize", "strides") for axis in (0, channel)):
        return None
    g = geometry(call.attrs, [size or 0 for size in image])
    pads_ = [*zip(g.before, g.window, strict=True), *zip(g.behind, g.window, strict=True)]
    is_within = all(pad < window for pad, window in pads_)
    return g if min(g.result) > 0 and is_within else None


def _takes_maximum(call: Call) -> bool:
    g = _geometry_of(call)
    return g is not None and math.prod(g.window) <= _MOST_PLACES


def _takes_average(call: Call) -> bool:
    g = _geometry_of(call)
    return g is not None and _computed_in(g, call.dtypes[0].name, (call.shapes[0] or (0,))[0] or 0) is not None


@lru_cache(maxsize=1024)
def _computed_in(g: Geometry, dtype: str, batch: int) -> str | None:
    """The type in which oneDNN has the average and its gradient: `dtype`, or float32 on a processor without it."""
    found = library()
    if found is None:
        return None
    return found.computed_in("average_pooling", dtype, lambda computed: (g.spec(k, computed, batch) for k in range(2)))


@register_kernel("MaxPool3D", "cpu", name="native", accepts=_takes_maximum, preference=1)
@register_kernel("MaxPool", "cpu", name="native", accepts=_takes_maximum, preference=1)
def max_pool(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    x = jnp.asarray(x)
    return max_p.bind(x, geometry=geometry(attrs, x.shape))[0]


@register_kernel("AvgPool3D", "cpu", name="onednn", accepts=_takes_average, preference=1)
@register_kernel("AvgPool", "cpu", name="onednn", accepts=_takes_average, preference=1)
def average_pool(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    x, g = jnp.asarray(x), geometry(attrs, x.shape)
    computed = _computed_in(g, x.dtype.name, x.shape[0]) or x.dtype
    return average_p.bind(x.astype(computed), geometry=g).astype(x.dtype)
