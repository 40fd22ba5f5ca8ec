"""The ops on variables: they read and write the state of a run, the kernels compute the new values.

A kernel of an op that changes variables gets their values in place of the references or handles, and returns the new
ones in the same order; both kinds of variable share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from framework.errors import FailedPreconditionError, GraphError, InvalidArgumentError
from framework.graph import Node, show
from framework.graph.dtypes import resource
from framework.graph.opdef import lookup
from framework.graph.resources import own_handle
from framework.graph.shapes import fits
from framework.kernels.registry import Kernel, find_kernel
from framework.ops.update_rules import op_names
from framework.runtime.evaluation import Array, Run, State
from framework.runtime.lower import FORMS, Lowering, form
from framework.runtime.variables import READS, is_set

CHANGES = (
    "AssignAdd", "AssignSub", "AssignAddVariableOp", "AssignSubVariableOp",
    "ScatterAdd", "ScatterSub", "ScatterUpdate",
    "ResourceScatterAdd", "ResourceScatterSub", "ResourceScatterUpdate",
    *op_names(),
)  # fmt: skip


def target(lowering: Lowering, node: Node, position: int = 0) -> str:
    """The variable that an input of `node` stands for. Raises GraphError where only a run could know it."""
    found = lowering.variables.of(node.inputs[position])
    if found is None:
        raise GraphError(f"{node.op}: which variable '{node.inputs[position]}' stands for must be known before the run")
    return found


def value_seen(lowering: Lowering, node: Node, variable: str, run: Run) -> Array:
    """The value of a variable for a node that reads it: a new one only if the node is ordered behind a write.

    Raises FailedPreconditionError when there is none.
    """
    if variable in run.written and lowering.variables.is_ordered_behind_write(node, variable):
        return run.written[variable]
    return _value(run.state, variable)


def value_now(variable: str, run: Run) -> Array:
    """The value of a variable for a node that changes it: what the writes before left."""
    return run.written[variable] if variable in run.written else _value(run.state, variable)


def _value(state: State, variable: str) -> Array:
    if variable not in state:
        raise FailedPreconditionError(f"variable '{variable}' has no value yet; run its initializer first")
    return state[variable]


@form("VariableV2")
def _variable(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    # A variable that is only written has no value to read.
    variable = own_handle(node).variable
    return [run.state[variable]] if variable in lowering.variables.read else []


@form("VarHandleOp")
def _var_handle(lowering: Lowering, node: Node, run: Run) -> Sequence[Any]:
    return [own_handle(node)]


@form("Assign")
@form("AssignVariableOp")
def _assign(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    value = jnp.asarray(lowering.read(node, node.inputs[1], run))
    variable = target(lowering, node)
    declared = lowering.variables.written[variable].shape
    may_resize = node.op == "Assign" and not node.attrs["validate_shape"]
    if not may_resize and not fits(declared, value.shape):
        raise InvalidArgumentError(f"variable '{variable}' {show(declared)} cannot take a value {show(value.shape)}")
    run.written[variable] = value
    return [value] if node.outputs else []


@form("IsVariableInitialized")
@form("VarIsInitializedOp")
def _is_initialized(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    variable = target(lowering, node)
    if variable in run.written and lowering.variables.is_ordered_behind_write(node, variable):
        return [np.asarray(True)]
    return [run.state[is_set(variable)]]


def _read(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    value = value_seen(lowering, node, target(lowering, node), run)
    others = [lowering.read(node, tensor, run) for tensor in node.inputs[1:]]
    return [_kernel(lowering, node)(node.attrs, value, *others)]


def _change(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    inputs, targets = [], []
    for position, tensor in enumerate(node.inputs):
        argument = lookup(node.op).inputs[position]
        if argument.is_ref or argument.dtype is resource:
            targets.append(target(lowering, node, position))
            inputs.append(jnp.asarray(value_now(targets[-1], run)))
        else:
            inputs.append(lowering.read(node, tensor, run))
    result = _kernel(lowering, node)(node.attrs, *inputs)
    results = result if isinstance(result, tuple) else (result,)
    run.written.update(zip(targets, results, strict=True))
    return results[:1] if node.outputs else []


def _kernel(lowering: Lowering, node: Node) -> Kernel:
    found = find_kernel(node.op, lowering.platform)
    if found is None:
        raise GraphError(f"no kernel on {lowering.platform} for {node.op}")
    return found


FORMS.update(dict.fromkeys(READS, _read))
FORMS.update(dict.fromkeys(CHANGES, _change))
