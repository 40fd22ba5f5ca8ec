"""Training speed of the MNIST perceptron: here, and by hand in JAX with the epoch as one scan.

    GRAPHWRIGHT_DATA=<folder> python experiments/benchmarks/perceptron.py

The two take turns, an epoch each, so that a machine whose speed drifts slows both. Same batch, same precision, same
data on the device; by hand the pixels are float32 already.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from framework.config.loader import Source
from framework.launch import prepare
from framework.train.engine import Engine

ROUNDS, BATCH, EXAMPLES = 15, 100, 55_000
STEPS = EXAMPLES // BATCH


def ours() -> tuple[Callable[[int], None], Engine]:
    """A function that trains one epoch through the engine."""
    experiment = prepare(["experiments=mnist_mlp", f"trainer.epochs={ROUNDS + 1}"], Source()).experiment
    engine = Engine(experiment, experiment.dataset.load())
    state = engine.initialize()

    def epoch(number: int) -> None:
        nonlocal state
        step, stop = number * STEPS, (number + 1) * STEPS
        while step < stop:
            state, records = engine.advance(state, step, stop, lambda: False)
            step += len(records)

    return epoch, engine


def by_hand(images: np.ndarray, labels: np.ndarray) -> Callable[[int], None]:
    """A function that trains one epoch as one `lax.scan`."""
    rng = np.random.default_rng(0)
    shapes = ((784, 256), (256,), (256, 256), (256,), (256, 10), (10,))
    parameters = [jnp.asarray(rng.normal(0, 0.05, shape), jnp.float32) for shape in shapes]
    x = jnp.asarray(images.reshape(-1, 784), jnp.float32) / 255
    y = jnp.asarray(labels)

    def loss(parameters, x, y):
        w1, b1, w2, b2, w3, b3 = parameters
        logits = jax.nn.relu(jax.nn.relu(x @ w1 + b1) @ w2 + b2) @ w3 + b3
        each = -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1)
        return each.mean(), (logits.argmax(1) == y).mean()

    @jax.jit
    def train(parameters, x, y, rows):
        def step(parameters, chosen):
            (value, accuracy), gradients = jax.value_and_grad(loss, has_aux=True)(parameters, x[chosen], y[chosen])
            return [p - 0.01 * g for p, g in zip(parameters, gradients, strict=True)], (value, accuracy)

        return jax.lax.scan(step, parameters, rows)

    def epoch(number: int) -> None:
        nonlocal parameters
        rows = np.random.default_rng(number).permutation(EXAMPLES).astype(np.int32).reshape(STEPS, BATCH)
        parameters, (values, _) = train(parameters, x, y, rows)
        values.block_until_ready()

    return epoch


def main() -> None:
    here, engine = ours()
    train = engine.data.splits["train"]
    programs = {"Graphwright": here, "by hand": by_hand(train["image"], train["label"])}
    speeds: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(ROUNDS + 1):
        for name, epoch in programs.items():
            began = time.perf_counter()
            epoch(number)
            if number:  # the first round compiles
                speeds[name].append(EXAMPLES / (time.perf_counter() - began))
    ratios = [a / b for a, b in zip(speeds["Graphwright"], speeds["by hand"], strict=True)]
    for name, found in speeds.items():
        print(f"{name:<12} {statistics.median(found):>9,.0f} examples/s  ({min(found):,.0f} to {max(found):,.0f})")
    print(f"ratio        {statistics.median(ratios):>9.2f}  ({min(ratios):.2f} to {max(ratios):.2f}), {ROUNDS} rounds")


if __name__ == "__main__":
    main()
