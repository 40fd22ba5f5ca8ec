"""The ops that the lowering runs by itself: constants, feeds, and the optimizer's step; see also `variable_forms`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import framework.runtime.control_flow as _control_flow  # noqa: F401  they enter the same table
import framework.runtime.pooling_form as _pooling_form  # noqa: F401
import framework.runtime.saving_forms as _saving_forms  # noqa: F401
import framework.runtime.variable_forms as _variable_forms  # noqa: F401
from framework.graph import Node, TensorSpec, as_dtype
from framework.graph.hyper import SEED
from framework.graph.node import node_of
from framework.graph.passes import ancestors
from framework.kernels import training_step
from framework.runtime.evaluation import Array, Run
from framework.runtime.lower import SLOTS, Lowering, form
from framework.runtime.variable_forms import target


@form("Const")
def _const(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    return [node.attrs["value"]]


@form("NoOp")
def _no_op(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    return []


@form("Placeholder")
def _placeholder(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    return [run.values[f"{node.name}:0"]]


@form("PlaceholderWithDefault")
def _placeholder_with_default(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    fed = run.values.get(f"{node.name}:0")
    return [run.values[node.inputs[0]] if fed is None else fed]


@form("Update")
def _update(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    count = len(node.attrs["T"])
    names = _parameter_names(lowering, node)
    values = [jnp.asarray(lowering.read(node, tensor, run)) for tensor in node.inputs]
    parameters = dict(zip(names, values, strict=False))
    gradients = dict(zip(names, values[count:], strict=False))
    hyper = dict(zip(node.attrs["names"], values[2 * count :], strict=False))
    slots = {name: jnp.asarray(run.state[name]) for name in _slots_of(lowering, node)}

    def loss_of(candidate: Mapping[str, Array]) -> jax.Array:
        """The loss at other parameters, for optimizers that search along a line."""
        loss = node.inputs[-1]
        before = ancestors(lowering.graph, [node_of(loss)])
        trial = Run(_fed(lowering, run), {**run.state, **candidate}, run.step)
        lowering.evaluate([n for n in lowering.nodes if n.name in before], trial)
        return jnp.asarray(trial.values[loss])

    new_parameters, new_slots = training_step.step(
        json.loads(node.attrs["optimizer"]), hyper, parameters, gradients, slots, value=values[-1], value_fn=loss_of
    )
    run.written.update(new_parameters)
    run.written.update(new_slots)
    return []


def _fed(lowering: Lowering, run: Run) -> dict[str, Array]:
    """The values of a run that it did not compute itself."""
    computed = {node.name for node in lowering.nodes if node.op not in ("Placeholder", "PlaceholderWithDefault")}
    return {name: value for name, value in run.values.items() if node_of(name) not in computed}


@form("KeepFinite")
def _keep_finite(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    count = len(node.attrs["T"])
    names = [target(lowering, node, position) for position in range(count)]
    watched = [run.values[tensor] for tensor in node.inputs[count:]]
    is_finite = jnp.stack([jnp.isfinite(x).all() for x in (*watched, *(run.written[name] for name in names))]).all()
    for name, new in run.written.items():
        if name in run.state:
            run.written[name] = jnp.where(is_finite, new, run.state[name])
    return [jnp.where(is_finite, jnp.float32(0), jnp.float32(1))]


@form("InitializeUpdate")
def _initialize_update(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    values = [jnp.asarray(lowering.read(node, tensor, run)) for tensor in node.inputs]
    parameters = dict(zip(_parameter_names(lowering, node), values, strict=False))
    hyper = dict(zip(node.attrs["names"], values[len(node.attrs["T"]) :], strict=False))
    structure, seed = json.loads(node.attrs["optimizer"]), jnp.asarray(run.values.get(SEED, 0))
    run.written.update(training_step.initial_slots(structure, hyper, parameters, seed))
    return []


def _slots_of(lowering: Lowering, node: Node) -> dict[str, TensorSpec]:
    """The slots of the optimizer of an Update or InitializeUpdate node: name -> type and shape."""
    tensors = node.inputs[: len(node.attrs["T"])]
    specs = [lowering.graph.spec(tensor) for tensor in tensors]
    parameters = {
        name: jax.ShapeDtypeStruct(spec.shape or (), spec.dtype.numpy)
        for name, spec in zip(_parameter_names(lowering, node), specs, strict=True)
    }
    found: Mapping[str, Any] = training_step.slot_specs(
        json.loads(node.attrs["optimizer"]), node.attrs["names"], parameters
    )
    return {name: TensorSpec(as_dtype(np.dtype(s.dtype)), s.shape) for name, s in found.items()}


SLOTS["Update"] = SLOTS["InitializeUpdate"] = _slots_of


def _parameter_names(lowering: Lowering, node: Node) -> list[str]:
    """The variables behind the first inputs of a node, which are variables or what was assigned to them."""
    return [target(lowering, node, position) for position in range(len(node.attrs["T"]))]
