"""Those who are compared, each in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Peer:
    """A module of this folder, with `programs(task)` unless it is a command; `packages` are what it needs installed."""

    title: str
    module: str
    packages: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


PEERS = {
    "graphwright": Peer("Graphwright", "graphwright", ("jax",)),
    "plain": Peer("Graphwright without native kernels", "graphwright", ("jax",), {"GRAPHWRIGHT_NATIVE": "0"}),
    "jax": Peer("JAX by hand", "jax_programs", ("jax", "optax")),
    "torch": Peer("PyTorch", "torch_programs", ("torch",)),
    "tensorflow": Peer("TensorFlow", "tensorflow_programs", ("tensorflow", "keras"), {"KERAS_BACKEND": "tensorflow"}),
    "keras on tensorflow": Peer(
        "Keras on TensorFlow", "keras_programs", ("keras", "tensorflow"), {"KERAS_BACKEND": "tensorflow"}
    ),
    "tensorflow 1": Peer("TensorFlow 1's form", "tensorflow_1", ("tensorflow",)),
    "keras on jax": Peer("Keras on JAX", "keras_programs", ("keras", "jax"), {"KERAS_BACKEND": "jax"}),
}
