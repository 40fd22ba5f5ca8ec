"""The networks by hand in JAX: plain functions of lists of arrays, as one would write them without a framework."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from experiments.benchmarks.task import Task

Key = jax.Array


@dataclass(frozen=True)
class Network:
    """parameters: a tree of arrays. loss(parameters, x, y, key): the mean loss, and what batch norm keeps, or None."""

    parameters: Any
    loss: Callable[[Any, jax.Array, jax.Array, Key], tuple[jax.Array, Any]]


def drawn(rng: np.random.Generator, *shape: int) -> jax.Array:
    """Normal numbers by the fan-in of a kernel."""
    return jnp.asarray(rng.normal(0, (2 / np.prod(shape[:-1])) ** 0.5, shape), jnp.float32)


def cross_entropy(logits: jax.Array, y: jax.Array) -> jax.Array:
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[..., None], -1).mean()


def perceptron(task: Task) -> Network:
    rng = np.random.default_rng(0)
    sizes = (784, 256, 256, task.classes)
    parameters = [(drawn(rng, *pair), jnp.zeros(pair[1])) for pair in pairwise(sizes)]

    def loss(parameters, x, y, key):
        (w1, b1), (w2, b2), (w3, b3) = parameters
        x = x.reshape(len(x), -1)
        return cross_entropy(jax.nn.relu(jax.nn.relu(x @ w1 + b1) @ w2 + b2) @ w3 + b3, y), None

    return Network(parameters, loss)


# -- convolutional networks -------------------------------------------------------------------------------------------


def convolve(x: jax.Array, kernel: jax.Array, stride: int = 1) -> jax.Array:
    return lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def window_pool(x: jax.Array) -> jax.Array:
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def reshape_pool(x: jax.Array) -> jax.Array:
    batch, height, width, channels = x.shape
    return x.reshape(batch, height // 2, 2, width // 2, 2, channels).max((2, 4))


def cnn(task: Task, pool: Callable[[jax.Array], jax.Array] = window_pool) -> Network:
    rng = np.random.default_rng(0)
    shapes = ((5, 5, 1, 32), (5, 5, 32, 64), (3136, 1024), (1024, task.classes))
    parameters = [(drawn(rng, *shape), jnp.zeros(shape[-1])) for shape in shapes]

    def loss(parameters, x, y, key):
        (k1, b1), (k2, b2), (w1, c1), (w2, c2) = parameters
        x = pool(jax.nn.relu(convolve(x, k1) + b1))
        x = pool(jax.nn.relu(convolve(x, k2) + b2))
        x = jax.nn.relu(x.reshape(len(x), -1) @ w1 + c1)
        x = jnp.where(jax.random.bernoulli(key, 0.5, x.shape), x / 0.5, 0)
        return cross_entropy(x @ w2 + c2, y), None

    return Network(parameters, loss)


def resnet20(task: Task) -> Network:
    rng = np.random.default_rng(0)
    units, width = [(drawn(rng, 3, 3, 3, 16), jnp.ones(16), jnp.zeros(16))], 16
    for filters in (16, 32, 64):
        for _ in range(3):
            shapes = [(3, 3, width, filters), (3, 3, filters, filters)]
            shapes += [(1, 1, width, filters)] if width != filters else []
            units += [(drawn(rng, *shape), jnp.ones(filters), jnp.zeros(filters)) for shape in shapes]
            width = filters
    head = drawn(rng, 64, task.classes), jnp.zeros(task.classes)

    def loss(parameters, x, y, key):
        units, (kernel, bias) = parameters
        remaining, moments = iter(units), []

        def unit(x, stride=1):
            kernel, gamma, beta = next(remaining)
            x = convolve(x, kernel, stride)
            mean = x.mean((0, 1, 2))
            variance = jnp.square(x - mean).mean((0, 1, 2))
            moments.append((mean, variance))
            return (x - mean) * (lax.rsqrt(variance + 1e-3) * gamma) + beta

        x = jax.nn.relu(unit(x))
        for stage in range(3):
            for number in range(3):
                stride = 2 if stage and not number else 1
                y_ = unit(jax.nn.relu(unit(x, stride)))
                x = jax.nn.relu(y_ + (unit(x, stride) if stride == 2 else x))
        return cross_entropy(x.mean((1, 2)) @ kernel + bias, y), moments

    return Network((units, head), loss)


# -- sequences --------------------------------------------------------------------------------------------------------

WIDTH, HEADS, DEPTH = 128, 4, 4


def transformer(task: Task) -> Network:
    rng = np.random.default_rng(0)
    window, size = task.inputs.shape[1], task.classes

    def normal(*shape):
        return jnp.asarray(rng.normal(0, 0.02, shape), jnp.float32)

    blocks = [
        (jnp.ones(WIDTH), *(normal(WIDTH, WIDTH) for _ in range(4)), jnp.ones(WIDTH), normal(WIDTH, 4 * WIDTH),
         normal(4 * WIDTH, WIDTH))
        for _ in range(DEPTH)
    ]  # fmt: skip
    parameters = normal(size, WIDTH), normal(window, WIDTH), blocks, jnp.ones(WIDTH)
    is_read = jnp.tril(jnp.ones((window, window), bool))

    def normed(x, gamma):
        mean = x.mean(-1, keepdims=True)
        return (x - mean) * lax.rsqrt(jnp.square(x - mean).mean(-1, keepdims=True) + 1e-3) * gamma

    def heads(x):
        return x.reshape(*x.shape[:2], HEADS, -1).transpose(0, 2, 1, 3)

    def attended(x, query, key, value, output):
        q, k, v = heads(x @ query), heads(x @ key), heads(x @ value)
        scores = jnp.where(is_read, q @ k.swapaxes(2, 3) * q.shape[-1] ** -0.5, -jnp.inf)
        return (jax.nn.softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(x.shape) @ output

    def loss(parameters, x, y, key):
        embedding, positions, blocks, last = parameters
        x = embedding[x] + positions
        for gamma1, query, key_, value, output, gamma2, wide, narrow in blocks:
            x = x + attended(normed(x, gamma1), query, key_, value, output)
            x = x + jax.nn.gelu(normed(x, gamma2) @ wide, approximate=False) @ narrow
        return cross_entropy(normed(x, last) @ embedding.T, y), None

    return Network(parameters, loss)


def lstm(task: Task) -> Network:
    rng = np.random.default_rng(0)
    layers = [(drawn(rng, WIDTH, 4 * WIDTH), drawn(rng, WIDTH, 4 * WIDTH), jnp.zeros(4 * WIDTH)) for _ in range(2)]
    parameters = drawn(rng, task.classes, WIDTH), layers, drawn(rng, WIDTH, task.classes), jnp.zeros(task.classes)

    def layer(x, kernel, recurrent_kernel, bias):
        """`[time, batch, width]` to the same."""

        def step(state, projected):
            hidden, cell = state
            i, f, g, o = jnp.split(projected + hidden @ recurrent_kernel, 4, -1)
            cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(g)
            hidden = jax.nn.sigmoid(o) * jnp.tanh(cell)
            return (hidden, cell), hidden

        zeros = jnp.zeros(x.shape[1:])
        return lax.scan(step, (zeros, zeros), x @ kernel + bias)[1]

    def loss(parameters, x, y, key):
        embedding, layers, kernel, bias = parameters
        x = embedding[x].swapaxes(0, 1)
        for each in layers:
            x = layer(x, *each)
        return cross_entropy(x.swapaxes(0, 1) @ kernel + bias, y), None

    return Network(parameters, loss)


NETWORKS = {"perceptron": perceptron, "cnn": cnn, "resnet20": resnet20, "transformer": transformer, "lstm": lstm}
