"""By hand in JAX: a jitted step called from Python, and many steps as one `lax.scan` with the data on the device."""

from __future__ import annotations

from functools import partial
from itertools import islice

import jax
import jax.numpy as jnp
import numpy as np
import optax

from experiments.benchmarks.peers.jax_networks import NETWORKS, Network, cnn, reshape_pool
from experiments.benchmarks.task import Programs, Task, Turn, timed


def programs(task: Task) -> Programs:
    make = NETWORKS[task.name]
    found: Programs = {"step": lambda: _program(task, make(task), in_scan=False)}
    if task.inputs.ndim == 2 or task.name == "perceptron":
        found["scan"] = lambda: _program(task, make(task), in_scan=True)
    # Inside a scan XLA's convolutions take nine times as long on a CPU: https://github.com/jax-ml/jax/issues/12868
    if task.name == "cnn":  # a trick that not everybody knows, told apart from the plain program
        found["step, pooling as reshape"] = lambda: _program(task, cnn(task, reshape_pool), in_scan=False)
    return found


def _program(task: Task, network: Network, *, in_scan: bool) -> Turn:
    optimizer = optax.sgd(task.rate) if task.name == "perceptron" else optax.adam(task.rate)
    orders = task.orders()

    def update(carried, x, y):
        parameters, state, moments, key = carried
        key, drawn = jax.random.split(key)
        (value, found), gradients = jax.value_and_grad(network.loss, has_aux=True)(parameters, x, y, drawn)
        updates, state = optimizer.update(gradients, state, parameters)
        moments = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, moments, found)
        return (optax.apply_updates(parameters, updates), state, moments, key), value

    x, y = task.inputs[: task.batch], task.targets[: task.batch]
    kept = jax.eval_shape(network.loss, network.parameters, x, y, jax.random.key(0))[1]
    moments = jax.tree.map(lambda spec: jnp.zeros(spec.shape, spec.dtype), kept)
    carried = (network.parameters, optimizer.init(network.parameters), moments, jax.random.key(0))
    step = jax.jit(update, donate_argnums=0)

    @partial(jax.jit, donate_argnums=0)
    def scan(carried, inputs, targets, rows):
        return jax.lax.scan(lambda carried, chosen: update(carried, inputs[chosen], targets[chosen]), carried, rows)

    if in_scan:
        on_device = jnp.asarray(task.inputs), jnp.asarray(task.targets)

    def train(steps: int) -> None:
        nonlocal carried
        if in_scan:
            carried, value = scan(carried, *on_device, np.stack(list(islice(orders, steps))))
        else:
            for rows in islice(orders, steps):
                carried, value = step(carried, task.inputs[rows], task.targets[rows])
        value.block_until_ready()

    return timed(train)
