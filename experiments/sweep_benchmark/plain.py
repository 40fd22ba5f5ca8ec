"""What a sweep is without a framework: a plain JAX script under Hydra's own launcher, one job after the other.

  python plain.py -m network=perceptron learning_rate=0.1,0.2 seed=0,1

Every job builds its functions and compiles them, since the learning rate is a constant in them; it writes the same
scalars for TensorBoard as ours does, and a final checkpoint.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import hydra
import jax
import jax.numpy as jnp
import numpy as np
import optax
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

VALIDATION, TEST = 144, 359  # of the 1,797 digits, as the data set `digits` splits them
MNIST_VALIDATION = 5_000


def perceptron(units: tuple[int, ...]):
    """Fully connected layers: their first values, and the function of them and the images."""

    def first(key: jax.Array) -> list[tuple[jax.Array, jax.Array]]:
        keys = jax.random.split(key, len(units) - 1)
        scale = jax.nn.initializers.glorot_uniform()
        return [(scale(k, (a, b)), jnp.zeros(b)) for k, a, b in zip(keys, units[:-1], units[1:], strict=True)]

    def logits(layers: list[tuple[jax.Array, jax.Array]], images: jax.Array, key: jax.Array | None) -> jax.Array:
        x = images.reshape(len(images), -1)
        for kernel, bias in layers[:-1]:
            x = jax.nn.relu(x @ kernel + bias)
        return x @ layers[-1][0] + layers[-1][1]

    return first, logits


def convolutional():
    """conf/model/cnn.yaml by hand."""

    def first(key: jax.Array) -> dict[str, jax.Array]:
        scale, keys = jax.nn.initializers.glorot_uniform(), jax.random.split(key, 4)
        return {
            "a": scale(keys[0], (3, 3, 1, 32)), "a_bias": jnp.zeros(32),
            "b": scale(keys[1], (3, 3, 32, 64)), "b_bias": jnp.zeros(64),
            "c": scale(keys[2], (1024, 128)), "c_bias": jnp.zeros(128),
            "d": scale(keys[3], (128, 10)), "d_bias": jnp.zeros(10),
        }  # fmt: skip

    def logits(p: dict[str, jax.Array], images: jax.Array, key: jax.Array | None) -> jax.Array:
        x = images
        for name in "ab":
            x = jax.lax.conv_general_dilated(x, p[name], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            x = jax.nn.relu(x + p[f"{name}_bias"])
        x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = jax.nn.relu(x.reshape(len(x), -1) @ p["c"] + p["c_bias"])
        if key is not None:
            x = x * jax.random.bernoulli(key, 0.5, x.shape) * 2
        return x @ p["d"] + p["d_bias"]

    return first, logits


def load(network: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Images and labels to train on, and to validate."""
    if network == "mnist_perceptron":
        from framework.data import DATASETS

        splits = DATASETS["mnist"](split="head", validation_examples=MNIST_VALIDATION).load().splits
        scale = 1 / 255
    else:
        from framework.data import DATASETS

        splits, scale = DATASETS["digits"]().load().splits, 1 / 16
    parts = [splits["train"], splits["validation"]]
    images = [np.asarray(part["image"], np.float32) * scale for part in parts]
    labels = [np.asarray(part["label"], np.int32) for part in parts]
    return images[0], labels[0], images[1], labels[1]


def writer(folder: Path) -> RecordWriter:
    """A new event file; `EventFileWriter` would import TensorFlow where that is installed."""
    folder.mkdir(parents=True)
    made = RecordWriter((folder / f"events.out.tfevents.{time.time():.6f}").open("wb"))
    made.write(Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())
    return made


@dataclass
class Options:
    """network: perceptron, mnist_perceptron or cnn."""

    network: str = "perceptron"
    learning_rate: float = 0.1
    seed: int = 0
    epochs: int = 10
    batch: int = 32


ConfigStore.instance().store(name="options", node=Options)


@hydra.main(version_base="1.3", config_path=None, config_name="options")
def main(config: DictConfig) -> None:
    images, labels, held_images, held_labels = load(config.network)
    networks = {
        "perceptron": lambda: perceptron((64, 64, 10)),
        "mnist_perceptron": lambda: perceptron((784, 256, 256, 10)),
        "cnn": convolutional,
    }
    first, logits = networks[config.network]()
    optimizer = optax.adam(config.learning_rate) if config.network == "cnn" else optax.sgd(config.learning_rate)

    def loss(parameters, x, y, key):
        found = logits(parameters, x, key)
        return optax.softmax_cross_entropy_with_integer_labels(found, y).mean(), found

    def step(carry, batch):
        parameters, state, key = carry
        key, own = jax.random.split(key)
        (value, found), gradients = jax.value_and_grad(loss, has_aux=True)(parameters, *batch, own)
        updates, state = optimizer.update(gradients, state, parameters)
        accuracy = (found.argmax(1) == batch[1]).mean()
        return (optax.apply_updates(parameters, updates), state, key), (value, accuracy)

    one = jax.jit(step)

    @jax.jit
    def epoch(carry, rows):
        return jax.lax.scan(lambda c, r: step(c, (device_images[r], device_labels[r])), carry, rows)

    @jax.jit
    def evaluate(parameters):
        value, found = loss(parameters, held_images, held_labels, None)
        return value, (found.argmax(1) == held_labels).mean()

    device_images, device_labels = jnp.asarray(images), jnp.asarray(labels)
    key, own = jax.random.split(jax.random.key(config.seed))
    parameters = first(own)
    carry = (parameters, optimizer.init(parameters), key)
    folder = Path(HydraConfig.get().runtime.output_dir)
    writers = {split: writer(folder / split) for split in ("train", "validation")}
    draw = np.random.default_rng(config.seed)
    for number in range(config.epochs):
        order = draw.permutation(len(images))
        rows = order[: len(order) // config.batch * config.batch].reshape(-1, config.batch)
        if config.network == "cnn":  # a convolution inside a scan is many times slower on a CPU
            reports = []
            for row in rows:
                carry, report = one(carry, (images[row], labels[row]))
                reports.append(report)
            means = np.mean(np.asarray(reports), 0)
        else:
            carry, reports = epoch(carry, rows)
            means = [float(column.mean()) for column in reports]
        found = {"train": means, "validation": [float(value) for value in evaluate(carry[0])]}
        for split, numbers in found.items():
            values = [
                Summary.Value(tag=tag, simple_value=v) for tag, v in zip(("loss", "accuracy"), numbers, strict=True)
            ]
            event = Event(wall_time=time.time(), step=(number + 1) * len(rows), summary=Summary(value=values))
            writers[split].write(event.SerializeToString())
    for made in writers.values():
        made.close()
    leaves = {str(k): np.asarray(leaf) for k, leaf in enumerate(jax.tree.leaves(carry[:2]))}
    np.savez(folder / "checkpoint.npz", **leaves)


if __name__ == "__main__":
    main()
