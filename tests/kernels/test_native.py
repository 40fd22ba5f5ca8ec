"""Native convolution, pooling and normalisation give XLA's values and gradients, wherever they run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from framework.data.download import cache_folder
from framework.graph.dtypes import as_dtype
from framework.graph.opdef import Call, lookup
from framework.kernels import KERNELS, find_kernel
from framework.kernels.native.library import library

pytestmark = pytest.mark.skipif(library() is None, reason="the native kernels are not there; a warning says why")
rng = np.random.default_rng(5)
# The sum of n products differs by rounding alone, of a size of sqrt(n) units in the last place of its terms.
TOLERANCE = {"float32": 1e-5, "bfloat16": 2e-2}


def normal(shape: tuple[int, ...], dtype: str = "float32") -> jax.Array:
    return jnp.asarray(rng.normal(size=shape).astype(np.float32)).astype(dtype)


def native(op: str, attrs: Mapping[str, Any], *inputs: Any) -> Callable[..., Any]:
    """The native kernel, which must be the one that is chosen for these inputs."""
    constants = [x if isinstance(x, np.ndarray) else None for x in inputs]
    call = Call(lookup(op), "node", attrs, [x.shape for x in inputs], [as_dtype(x.dtype) for x in inputs], constants)
    found = find_kernel(op, "cpu", call)
    assert found is not None
    assert found.name in ("onednn", "native")
    return partial(found.function, attrs)


def plain(op: str, attrs: Mapping[str, Any]) -> Callable[..., Any]:
    (found,) = (entry for entry in KERNELS[op] if entry.name == "xla")
    return partial(found.function, attrs)


def assert_near(found: Any, expected: Any, dtype: str = "float32") -> None:
    assert found.dtype == expected.dtype
    found, expected = (np.asarray(x, np.float64) for x in (found, expected))
    assert found.shape == expected.shape
    scale = np.abs(expected).max(initial=0.0) or 1.0
    np.testing.assert_allclose(found / scale, expected / scale, rtol=0, atol=TOLERANCE[dtype])


def assert_same_gradients(one: Callable[..., Any], other: Callable[..., Any], *inputs: Any, dtype: str = "float32"):
    """Values, gradients and derivatives along a direction."""
    seed = normal(jax.eval_shape(other, *inputs).shape, dtype)
    along = tuple(normal(x.shape, dtype) for x in inputs)

    def everything(kernel: Callable[..., Any]) -> list[Any]:
        y, pull_back = jax.vjp(kernel, *inputs)
        return [y, *pull_back(seed), jax.jvp(kernel, inputs, along)[1]]

    for found, expected in zip(*(jax.jit(partial(everything, kernel))() for kernel in (one, other)), strict=True):
        assert_near(found, expected, dtype)


def steps(numbers: tuple[int, ...], first: bool) -> list[int]:
    return [1, 1, *numbers] if first else [1, *numbers, 1]


def shaped(batch: int, channels: int, sizes: tuple[int, ...], first: bool) -> tuple[int, ...]:
    return (batch, channels, *sizes) if first else (batch, *sizes, channels)


CONVOLUTIONS = [
    # batch, channels, sizes, window, filters, groups, strides, dilations, padding
    (3, 1, (9, 8), (5, 5), 8, 1, (1, 1), (1, 1), "SAME"),
    (2, 3, (8, 8), (3, 3), 16, 1, (2, 2), (1, 1), "SAME"),
    (1, 16, (7, 5), (3, 2), 5, 1, (1, 2), (1, 1), "VALID"),
    (2, 8, (11, 9), (3, 3), 8, 1, (1, 1), (2, 3), "SAME"),
    (2, 8, (9, 9), (3, 3), 12, 4, (2, 1), (1, 1), "VALID"),
    (2, 6, (6, 6), (1, 1), 4, 1, (2, 2), (1, 1), "VALID"),
    (4, 17, (1, 13), (1, 4), 3, 1, (1, 1), (1, 2), "SAME"),
    (2, 4, (7, 6), (3, 3), 8, 2, (2, 2), (1, 1), ((2, 1), (0, 3))),
    (2, 3, (5, 6, 4), (3, 2, 2), 8, 1, (1, 2, 1), (1, 1, 1), "SAME"),
    (1, 4, (4, 4, 4), (2, 2, 2), 6, 2, (2, 2, 2), (1, 1, 1), "VALID"),
]


def attributes(strides: Any, dilations: Any, padding: Any, first: bool) -> dict[str, Any]:
    letters = "DHW"[-len(strides) :]
    attrs = {"strides": steps(strides, first), "dilations": steps(dilations, first), "padding": padding}
    if isinstance(padding, tuple):
        flat = [n for pair in (((0, 0),) * (2 if first else 1) + padding + ((0, 0),) * (not first)) for n in pair]
        attrs |= {"padding": "EXPLICIT", "explicit_paddings": flat}
    return attrs | {"data_format": f"NC{letters}" if first else f"N{letters}C"}


@pytest.mark.parametrize(("case", "first"), [(case, k % 2 > 0) for k, case in enumerate(CONVOLUTIONS * 2, 1)][:15])
def test_a_convolution_and_its_gradients(case: Any, first: bool):
    batch, channels, sizes, window, filters, groups, strides, dilations, padding = case
    op, attrs = f"Conv{len(sizes)}D", attributes(strides, dilations, padding, first)
    x, k = normal(shaped(batch, channels, sizes, first)), normal((*window, channels // groups, filters))
    assert_same_gradients(native(op, attrs, x, k), plain(op, attrs), x, k)


# What is cut into chunks of pixels, panels of filters and tiles of channels, none of which need come out even.
FILTERS = [
    # batch, channels, sizes, window, filters, strides, dilations, padding
    (5, 1, (28, 28), (5, 5), 32, (1, 1), (1, 1), "SAME"),
    (9, 32, (4, 4), (5, 5), 64, (1, 1), (1, 1), "SAME"),
    (1, 2, (3, 700), (2, 3), 17, (1, 2), (1, 1), "SAME"),
    (2, 23, (33, 20), (3, 3), 33, (2, 1), (1, 1), ((0, 3), (2, 0))),
    (3, 5, (19, 21), (3, 4), 70, (1, 1), (2, 3), "VALID"),
    (70, 13, (5, 4), (1, 1), 9, (2, 2), (1, 1), "SAME"),
    (4, 3, (2, 2), (7, 5), 6, (1, 1), (1, 1), "SAME"),
    (3, 4, (6, 6), (2, 2), 16, (3, 3), (1, 1), ((4, 0), (0, 5))),
]


@pytest.mark.parametrize("case", FILTERS, ids=str)
def test_the_gradient_of_a_convolution_by_its_kernel(case: Any):
    batch, channels, sizes, window, filters, strides, dilations, padding = case
    attrs = attributes(strides, dilations, padding, False)
    x, k = normal((batch, *sizes, channels)), normal((*window, channels, filters))

    def gradient(kernel: Callable[..., Any]) -> Any:
        y, pull_back = jax.vjp(lambda k: kernel(x, k), k)
        return pull_back(jnp.asarray(np.random.default_rng(0).normal(size=y.shape), jnp.float32))[0]

    assert_near(gradient(native("Conv2D", attrs, x, k)), gradient(plain("Conv2D", attrs)))


@pytest.mark.parametrize("first", [False, True], ids=["channels_last", "channels_first"])
@pytest.mark.parametrize("case", [CONVOLUTIONS[k] for k in (0, 1, 3)], ids=str)
def test_a_convolution_in_bfloat16(case: Any, first: bool):
    batch, channels, sizes, window, filters, groups, strides, dilations, padding = case
    attrs = attributes(strides, dilations, padding, first)
    x = normal(shaped(batch, channels, sizes, first), "bfloat16")
    k = normal((*window, channels // groups, filters), "bfloat16")
    assert_same_gradients(native("Conv2D", attrs, x, k), plain("Conv2D", attrs), x, k, dtype="bfloat16")


@pytest.mark.parametrize("first", [False, True], ids=["channels_last", "channels_first"])
@pytest.mark.parametrize(
    ("strides", "dilations", "multiplier"), [((1, 1), (1, 1), 1), ((2, 2), (1, 1), 3), ((1, 1), (2, 2), 2)]
)
def test_a_depthwise_convolution(strides: Any, dilations: Any, multiplier: int, first: bool):
    attrs = attributes(strides, dilations, "SAME", first)
    x, k = normal(shaped(2, 5, (9, 8), first)), normal((3, 3, 5, multiplier))
    op = "DepthwiseConv2dNative"
    assert_same_gradients(native(op, attrs, x, k), plain(op, attrs), x, k)


@pytest.mark.parametrize("first", [False, True], ids=["channels_last", "channels_first"])
@pytest.mark.parametrize(
    ("strides", "groups", "padding"), [((2, 2), 1, "SAME"), ((1, 1), 2, "VALID"), ((2, 3), 1, "VALID")]
)
def test_a_transposed_convolution(strides: Any, groups: int, padding: Any, first: bool):
    attrs = attributes(strides, (1, 1), padding, first)
    image = shaped(2, 4, (9, 10), first)
    k = normal((3, 4, 4 // groups, 6))
    gradient = jax.eval_shape(plain("Conv2D", attrs), jax.ShapeDtypeStruct(image, np.float32), k)
    y, op = normal(gradient.shape), "Conv2DBackpropInput"
    one, other = native(op, attrs, np.int32(image), k, y), plain(op, attrs)
    assert_same_gradients(partial(one, np.int32(image)), partial(other, np.int32(image)), k, y)


POOLS = [
    # sizes, window, strides, padding
    ((8, 6), (2, 2), (2, 2), "VALID"),
    ((9, 7), (3, 3), (2, 2), "SAME"),
    ((9, 7), (2, 3), (1, 1), "SAME"),
    ((7, 8), (2, 2), (3, 3), "VALID"),
    ((1, 9), (1, 3), (1, 2), "SAME"),
    ((5, 6, 4), (2, 3, 2), (1, 2, 2), "SAME"),
]


@pytest.mark.parametrize("first", [False, True], ids=["channels_last", "channels_first"])
@pytest.mark.parametrize("kind", ["Max", "Avg"])
@pytest.mark.parametrize("case", POOLS, ids=str)
def test_pooling(case: Any, kind: str, first: bool):
    sizes, window, strides, padding = case
    letters = "DHW"[-len(sizes) :]
    attrs = {"ksize": steps(window, first), "strides": steps(strides, first), "padding": padding}
    attrs["data_format"] = f"NC{letters}" if first else f"N{letters}C"
    op = f"{kind}Pool" + ("3D" if len(sizes) == 3 else "")
    dtype = "bfloat16" if first else "float32"
    x = normal(shaped(3, 70, sizes, first), dtype)
    assert_same_gradients(native(op, attrs, x), plain(op, attrs), x, dtype=dtype)
    x = jnp.round(normal(shaped(2, 3, sizes, first)))  # of equal elements the first takes the gradient
    assert_same_gradients(native(op, attrs, x), plain(op, attrs), x)


POOL = {"ksize": [1, 3, 3, 1], "strides": [1, 2, 2, 1], "padding": "SAME", "data_format": "NHWC"}
CONV = {"strides": [1] * 4, "dilations": [1] * 4, "padding": "SAME", "data_format": "NHWC"}


@pytest.mark.parametrize("channels", [2, 19])
def test_nothing_is_hidden_by_a_maximum(channels: int):
    x = jnp.full((1, 5, 5, channels), -jnp.inf).at[0, 2, 2, 0].set(jnp.nan)
    found = np.asarray(native("MaxPool", POOL, x)(x))
    np.testing.assert_array_equal(found, np.asarray(plain("MaxPool", POOL)(x)))
    assert np.isnan(found[..., 0]).any()
    assert (found[..., 1:] == -np.inf).all()


@pytest.mark.parametrize("op", ["MaxPool", "AvgPool", "Conv2D"])
def test_gradients_of_gradients(op: str):
    x, k = normal((2, 6, 5, 3)), normal((3, 3, 3, 4))
    inputs, attrs = ((x, k), CONV) if op == "Conv2D" else ((x,), POOL)

    def penalty(kernel: Callable[..., Any], *values: Any) -> Any:
        gradients = jax.grad(lambda *v: jnp.sum(jnp.sin(kernel(*v))), tuple(range(len(values))))(*values)
        return sum(jnp.sum(g * g) for g in gradients)

    every = tuple(range(len(inputs)))
    found = jax.grad(partial(penalty, native(op, attrs, *inputs)), every)(*inputs)
    for one, other in zip(found, jax.grad(partial(penalty, plain(op, attrs)), every)(*inputs), strict=True):
        assert_near(one, other)


@pytest.mark.parametrize("batched", [(True, False), (False, True), (True, True)], ids=["images", "filters", "both"])
def test_vmap(batched: tuple[bool, bool]):
    x, k = normal((4, 2, 6, 5, 3)[not batched[0] :]), normal((4, 3, 3, 3, 8)[not batched[1] :])
    axes = tuple(0 if b else None for b in batched)
    one = x[0] if batched[0] else x, k[0] if batched[1] else k

    def gradients(kernel: Callable[..., Any]) -> Callable[..., Any]:
        return jax.vmap(jax.value_and_grad(lambda x, k: jnp.sum(jnp.sin(kernel(x, k))), (0, 1)), axes)

    (y, found), (expected, wanted) = (
        gradients(kernel)(x, k) for kernel in (native("Conv2D", CONV, *one), plain("Conv2D", CONV))
    )
    for a, b in zip((y, *found), (expected, *wanted), strict=True):
        assert_near(a, b)


@pytest.mark.parametrize("op", ["MaxPool", "AvgPool"])
def test_vmap_of_pooling(op: str):
    x = normal((2, 6, 5, 4, 3))
    kernels = native(op, POOL, x[:, :, :, 0]), plain(op, POOL)
    found, expected = (
        jax.vmap(jax.value_and_grad(lambda x, kernel=kernel: jnp.sum(jnp.sin(kernel(x)))), 3)(x) for kernel in kernels
    )
    for a, b in zip(found, expected, strict=True):
        assert_near(a, b)


@pytest.mark.parametrize(("shape", "data_format"), [((3, 6, 5, 32), "NHWC"), ((4, 16, 3, 5), "NCHW")])
def test_normalization_over_a_batch(shape: tuple[int, ...], data_format: str):
    attrs = {"is_training": True, "epsilon": 1e-3, "exponential_avg_factor": 0.1, "data_format": data_format}
    channels = shape[data_format.index("C")]
    x, scale, offset = normal(shape) * 2 + 1, normal((channels,)), normal((channels,))
    op, moments = "FusedBatchNormV3", (jnp.zeros(channels), jnp.ones(channels))
    (one, other) = native(op, attrs, x, scale, offset, *moments), plain(op, attrs)

    def moving(kernel: Callable[..., Any], *inputs: Any) -> Any:
        return jnp.concatenate([jnp.ravel(part) for part in kernel(*inputs, *moments)[:3]])

    assert_same_gradients(partial(moving, one), partial(moving, other), x, scale, offset)

    def penalty(kernel: Callable[..., Any], x: Any) -> Any:
        return jnp.sum(jax.grad(lambda x: jnp.sum(jnp.sin(kernel(x, scale, offset, *moments)[0])))(x) ** 2)

    found, expected = (jax.jit(jax.grad(partial(penalty, kernel)))(x) for kernel in (one, other))
    assert_near(found, expected)


@pytest.mark.parametrize("shape", [(1, 1, 1, 8), (40, 17, 16, 3), (2, 30, 30, 130), (1, 1, 3, 5000)])
def test_moments_of_a_batch_far_from_zero(shape: tuple[int, ...]):
    attrs = {"is_training": True, "epsilon": 1e-3, "exponential_avg_factor": 1.0, "data_format": "NHWC"}
    channels = shape[-1]
    x = np.asarray(normal(shape)) + np.float32(1000.0)
    scale, offset = normal((channels,)), normal((channels,))
    inputs = (x, scale, offset, jnp.zeros(channels), jnp.ones(channels))
    y, _, _, mean, variance, _ = native("FusedBatchNormV3", attrs, *inputs)(*inputs)
    wide = x.reshape(-1, channels).astype(np.float64)
    np.testing.assert_allclose(mean, wide.mean(0), rtol=1.2e-7)  # the nearest float32, or its neighbour
    np.testing.assert_allclose(variance, wide.var(0), rtol=2e-5, atol=1e-6)  # of numbers known to 6e-5
    expected = (wide - wide.mean(0)) / np.sqrt(wide.var(0) + 1e-3) * np.asarray(scale) + np.asarray(offset)
    np.testing.assert_allclose(np.asarray(y).reshape(-1, channels), expected, rtol=1e-3, atol=1e-3)


def test_inside_of_loops():
    x, k = normal((2, 8, 8, 4)), normal((3, 3, 4, 4))

    def train(convolve: Callable[..., Any], pool: Callable[..., Any]) -> Any:
        def step(_: Any, k: Any) -> Any:
            return k - 0.01 * jax.grad(lambda k: jnp.mean(pool(convolve(x, k)) ** 2))(k)

        return jax.jit(lambda k: jax.lax.fori_loop(0, 5, step, k))(k)

    y = native("Conv2D", CONV, x, k)
    assert_near(train(y, native("MaxPool", POOL, x)), train(plain("Conv2D", CONV), plain("MaxPool", POOL)))


@pytest.mark.parametrize("shape", [(0, 8, 8, 4), (2, 0, 8, 4)])
def test_nothing_at_all_is_left_to_xla(shape: tuple[int, ...]):
    call = Call(lookup("Conv2D"), "node", CONV, [shape, (3, 3, 4, 4)], [as_dtype("float32")] * 2, [None, None])
    found = find_kernel("Conv2D", "cpu", call)
    assert found is not None
    assert found.name == "xla"
    assert found(CONV, jnp.zeros(shape), jnp.zeros((3, 3, 4, 4))).shape == shape


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32"])
def test_types_that_are_not_known_are_left_to_xla(dtype: str):
    call = Call(lookup("Conv2D"), "node", CONV, [(1, 8, 8, 4), (3, 3, 4, 4)], [as_dtype(dtype)] * 2, [None, None])
    found = find_kernel("Conv2D", "cpu", call)
    assert found is not None
    assert found.name == "xla"


SEVERAL = """
import jax, jax.numpy as jnp, numpy as np
jax.config.update("jax_num_cpu_devices", 4)
from jax.sharding import Mesh, NamedSharding, PartitionSpec as P
from framework.kernels.native.convolution import convolution
from framework.kernels.native.pooling import max_pool
from framework.kernels.convolution import conv2d
from framework.kernels.pooling import max_pool as plain_max_pool

CONV = {"strides": [1] * 4, "dilations": [1] * 4, "padding": "SAME", "data_format": "NHWC"}
POOL = {"ksize": [1, 3, 3, 1], "strides": [1, 2, 2, 1], "padding": "SAME", "data_format": "NHWC"}
rng = np.random.default_rng(0)
x, k = rng.normal(size=(8, 9, 9, 3)).astype(np.float32), rng.normal(size=(3, 3, 3, 8)).astype(np.float32)
mesh = Mesh(np.array(jax.devices("cpu")), ("data",))

def gradient(convolve, pool):
    def step(i, k):
        return k - 0.1 * jax.grad(lambda k: jnp.mean(pool(POOL, convolve(CONV, placed, k)) ** 2))(k)
    return jax.jit(lambda k: jax.lax.fori_loop(0, 3, step, k))

for sharding in (NamedSharding(mesh, P("data")), NamedSharding(mesh, P())):
    placed = jax.device_put(x, sharding)
    found, expected = gradient(convolution, max_pool)(k), gradient(conv2d, plain_max_pool)(k)
    print(float(np.abs(found - expected).max() / np.abs(expected).max()))
mapped = jax.pmap(lambda x: convolution(CONV, x, k))(x.reshape(4, 2, 9, 9, 3))
print(float(np.abs(mapped.reshape(8, 9, 9, 8) - conv2d(CONV, x, k)).max() / 10))
"""


def test_several_devices():
    done = subprocess.run([sys.executable, "-c", SEVERAL], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    differences = [float(line) for line in done.stdout.split()]
    assert len(differences) == 3
    assert max(differences) < 1e-5


CACHED = """
import numpy as np
from framework import ops
from framework.graph import Graph
from framework.runtime.compile_cache import compilations
from framework.runtime.program import get_program
with Graph().as_default() as graph:
    x = ops.placeholder("float32", [1, 4, 4, 1], name="x")
    y = ops.conv2d(x, np.ones((3, 3, 1, 1), np.float32), [1] * 4, "SAME", name="y")
values, _ = get_program(graph, ["y:0"], [], ["x:0"]).run({}, {"x:0": np.ones((1, 4, 4, 1), np.float32)}, 0)
print(float(np.sum(values[0])), compilations().compiled, compilations().taken)
"""


def test_a_cached_program_is_taken_only_with_the_library_that_it_calls(tmp_path: Path):
    """Compiled with the native kernels, a program is found again with them and made anew without."""
    found = library()
    assert found is not None
    shutil.copytree(built_folder(found.key), tmp_path / "native" / found.key)

    def run(native: str) -> list[float]:
        environment = {**os.environ, "GRAPHWRIGHT_CACHE": str(tmp_path), "GRAPHWRIGHT_NATIVE": native}
        environment.pop("JAX_COMPILATION_CACHE_DIR", None)
        done = subprocess.run(
            [sys.executable, "-c", CACHED], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return [float(word) for word in done.stdout.split()]

    # The corners see 4 ones, the edges 6, the middle 9.
    assert [run("1"), run("1"), run("0"), run("1")] == [[100, 1, 0], [100, 0, 1], [100, 1, 0], [100, 0, 1]]


def built_folder(key: str) -> Path:
    return cache_folder() / "native" / key
