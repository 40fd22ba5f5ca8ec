"""Training speed of ResNet-20 on MNIST, or of the character transformer: here, and by hand in JAX.

    GRAPHWRIGHT_DATA=<folder> python experiments/benchmarks/networks.py resnet20
    python experiments/benchmarks/networks.py char_transformer

The two take turns, some steps each, so that a machine whose speed drifts slows both. Same network, batch, precision
and optimizer; by hand is a jitted step that takes over its buffers, and for the transformer a scan over steps.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from framework.config.loader import Source
from framework.launch import prepare
from framework.train.engine import Engine

Train = Callable[[int, int], None]  # trains from one step to another
COMMON = ["optimizer=adam", "optimizer.learning_rate=0.001", "schedule=constant", "trainer.drop_last=true"]
WORKLOADS = {
    "resnet20": (["model=resnet20", "dataset=mnist", "trainer.batch_size=128"], 2, 12),
    "char_transformer": (
        ["model=char_transformer", "dataset=text", "loss=language", "metrics=none", "trainer.batch_size=32",
         "model.layers.net.dropout=0.0"], 20, 12,
    ),
}  # fmt: skip


def ours(overrides: list[str]) -> tuple[Train, Engine]:
    """Training through the engine."""
    experiment = prepare([*COMMON, *overrides, "trainer.epochs=1000"], Source()).experiment
    engine = Engine(experiment, experiment.dataset.load())
    state = engine.initialize()

    def train(start: int, stop: int) -> None:
        nonlocal state
        while start < stop:
            state, records = engine.advance(state, start, stop, lambda: False)
            start += len(records)

    return train, engine


# -- ResNet-20 --------------------------------------------------------------------------------------------------------


def convolve(x, kernel, stride=1):
    return jax.lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def normalize(x, gamma, beta):
    mean = x.mean((0, 1, 2))
    variance = jnp.square(x - mean).mean((0, 1, 2))
    return (x - mean) * (jax.lax.rsqrt(variance + 1e-3) * gamma) + beta, (mean, variance)


def resnet(parameters, x):
    """Logits, and the moments of each normalisation."""
    it, moments = iter(parameters), []

    def block(x, stride=1):
        y, found = normalize(convolve(x, next(it), stride), next(it), next(it))
        moments.append(found)
        return y

    x = jax.nn.relu(block(x))
    for stage in range(3):
        for number in range(3):
            stride = 2 if stage and not number else 1
            y = block(jax.nn.relu(block(x, stride)))
            skip = block(x, stride) if stride == 2 else x
            x = jax.nn.relu(y + skip)
    return x.mean((1, 2)) @ next(it) + next(it), moments


def resnet_by_hand(engine: Engine) -> Train:
    rng = np.random.default_rng(0)

    def unit(window, inputs, outputs):
        kernel = rng.normal(0, (2 / (window * window * inputs)) ** 0.5, (window, window, inputs, outputs))
        return [kernel, np.ones(outputs), np.zeros(outputs)]

    drawn = unit(3, 1, 16)
    width = 16
    for filters in (16, 32, 64):
        for number in range(3):
            drawn += unit(3, width, filters) + unit(3, filters, filters)
            drawn += unit(1, width, filters) if width != filters and not number else []
            width = filters
    drawn += [rng.normal(0, 0.1, (64, 10)), np.zeros(10)]
    parameters = [jnp.asarray(p, jnp.float32) for p in drawn]
    averages = [(jnp.zeros(m.shape), jnp.ones(m.shape)) for m in parameters[1:-2:3]]
    optimizer = optax.adam(0.001)
    carried: Any = (parameters, optimizer.init(parameters), averages)
    images = engine.data.splits["train"]["image"]
    labels = engine.data.splits["train"]["label"]

    def loss(parameters, x, y):
        logits, moments = resnet(parameters, x)
        each = -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1)
        return each.mean(), ((logits.argmax(1) == y).mean(), moments)

    @partial(jax.jit, donate_argnums=0)
    def step(carried, x, y):
        parameters, state, averages = carried
        (value, (accuracy, moments)), gradients = jax.value_and_grad(loss, has_aux=True)(
            parameters, x.astype(jnp.float32) * (1 / 255), y
        )
        updates, state = optimizer.update(gradients, state, parameters)
        averages = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, averages, moments)
        return (optax.apply_updates(parameters, updates), state, averages), value, accuracy

    order = np.random.default_rng(0).permutation(len(images))

    def train(start: int, stop: int) -> None:
        nonlocal carried
        for number in range(start, stop):
            rows = order[number * 128 : (number + 1) * 128]
            carried, value, _ = step(carried, images[rows], labels[rows])
        value.block_until_ready()

    return train


# -- the character transformer ----------------------------------------------------------------------------------------

WIDTH, HEADS, DEPTH = 64, 4, 2


def scaled(x, gamma):
    mean = x.mean(-1, keepdims=True)
    variance = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-3) * gamma


def attend(x, query, key, value, output):
    batch, time, width = x.shape
    q, k, v = (
        (x @ kernel).reshape(batch, time, HEADS, width // HEADS).transpose(0, 2, 1, 3) for kernel in (query, key, value)
    )
    scores = (q @ k.swapaxes(2, 3)) * (width // HEADS) ** -0.5
    scores = jnp.where(jnp.tril(jnp.ones((time, time), bool)), scores, -jnp.inf)
    return (jax.nn.softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(batch, time, width) @ output


def transformer(parameters, text):
    embedding, positions, blocks, last = parameters
    x = embedding[text] + positions
    for gamma1, query, key, value, output, gamma2, wide, narrow in blocks:
        x = x + attend(scaled(x, gamma1), query, key, value, output)
        x = x + jax.nn.gelu(scaled(x, gamma2) @ wide, approximate=False) @ narrow
    return scaled(x, last) @ embedding.T


def transformer_by_hand(engine: Engine) -> Train:
    rng = np.random.default_rng(0)
    spec = engine.experiment.dataset.spec()
    vocabulary, window = spec.dimensions["vocabulary_size"], spec.features["text"].shape[0]

    def drawn(*shape):
        return jnp.asarray(rng.normal(0, 0.02, shape), jnp.float32)

    def ones():
        return jnp.ones(WIDTH)

    square = (WIDTH, WIDTH)
    blocks = [
        [ones(), *(drawn(*square) for _ in range(4)), ones(), drawn(WIDTH, 4 * WIDTH), drawn(4 * WIDTH, WIDTH)]
        for _ in range(DEPTH)
    ]
    parameters = [drawn(vocabulary, WIDTH), drawn(window, WIDTH), blocks, ones()]
    optimizer = optax.adam(0.001)
    carried: Any = (parameters, optimizer.init(parameters))
    train_split = engine.data.splits["train"]
    texts, following = (jnp.asarray(train_split[name]) for name in ("text", "next"))

    def loss(parameters, x, y):
        each = -jnp.take_along_axis(jax.nn.log_softmax(transformer(parameters, x)), y[..., None], 2)
        return each.mean()

    @partial(jax.jit, donate_argnums=0)
    def steps(carried, texts, following, rows):
        def step(carried, chosen):
            parameters, state = carried
            value, gradients = jax.value_and_grad(loss)(parameters, texts[chosen], following[chosen])
            updates, state = optimizer.update(gradients, state, parameters)
            return (optax.apply_updates(parameters, updates), state), value

        return jax.lax.scan(step, carried, rows)

    batch = engine.sampler.batch

    def train(start: int, stop: int) -> None:
        nonlocal carried
        rows = np.random.default_rng(start).integers(0, len(texts), (stop - start, batch)).astype(np.int32)
        carried, values = steps(carried, texts, following, rows)
        values.block_until_ready()

    return train


# -- the race ---------------------------------------------------------------------------------------------------------

BY_HAND = {"resnet20": resnet_by_hand, "char_transformer": transformer_by_hand}


def main(name: str) -> None:
    overrides, steps, rounds = WORKLOADS[name]
    here, engine = ours(overrides)
    programs = {"Graphwright": here, "by hand": BY_HAND[name](engine)}
    batch = engine.sampler.batch
    speeds: dict[str, list[float]] = {program: [] for program in programs}
    for number in range(rounds + 2):
        for program, train in programs.items():
            began = time.perf_counter()
            train(number * steps, (number + 1) * steps)
            if number > 1:  # the first rounds compile
                speeds[program].append(steps * batch / (time.perf_counter() - began))
    ratios = [a / b for a, b in zip(*speeds.values(), strict=True)]
    for program, found in speeds.items():
        print(f"{program:<12} {statistics.median(found):>9,.0f} examples/s  ({min(found):,.0f} to {max(found):,.0f})")
    print(f"ratio        {statistics.median(ratios):>9.2f}  ({min(ratios):.2f} to {max(ratios):.2f}), {rounds} rounds")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in WORKLOADS:
        sys.exit(f"say which network: {' or '.join(WORKLOADS)}")
    main(sys.argv[1])
