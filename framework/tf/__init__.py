"""The define-and-run face: graphs, sessions and ops under the names that users of TensorFlow 1 know.

    import framework.tf as tf

Thin: it names what `graph`, `ops`, `runtime` and `train` do. Nothing is computed before a Session runs, and JAX is not
imported before one is made.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1
"""
# ruff: noqa: F401, F403, F405  (names of other rooms, and every op of the vocabulary)

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from framework.graph import DType, Graph, Operation, Tensor, as_dtype, get_default_graph, register_op
from framework.graph import Shape as TensorShape
from framework.graph.defaults import get_default_session
from framework.graph.dtypes import (
    bfloat16,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    resource,
    string,
    uint8,
    uint16,
    uint32,
    uint64,
    variant,
)
from framework.graph.dtypes import bool_ as bool
from framework.graph.graph import restart_default_graph
from framework.graph.graphdef.importing import import_graph_def
from framework.graph.graphdef.loading import load_graph
from framework.graph.graphdef.proto import GraphDef
from framework.graph.graphdef.saving import save_graph
from framework.ops.apply import constant
from framework.ops.functional import case, cond, switch_case, while_loop
from framework.ops.wrappers import *
from framework.tf import errors, math, nn, raw_ops, summary, train
from framework.tf.arrays import (
    argmax,
    argmin,
    boolean_mask,
    clip_by_global_norm,
    clip_by_norm,
    div,
    matmul,
    one_hot,
    ones,
    pad,
    random_normal,
    random_uniform,
    range,
    set_random_seed,
    split,
    squeeze,
    to_double,
    to_float,
    to_int32,
    to_int64,
    truediv,
    truncated_normal,
    unstack,
    where,
    zeros,
)
from framework.tf.arrays import tensor as convert_to_tensor
from framework.tf.collections import GraphKeys, add_to_collection, get_collection
from framework.tf.derivatives import gradients
from framework.tf.initializers import (
    constant_initializer,
    glorot_uniform_initializer,
    ones_initializer,
    random_normal_initializer,
    random_uniform_initializer,
    truncated_normal_initializer,
    zeros_initializer,
)
from framework.tf.reductions import global_norm, reduce_logsumexp, reduce_std, reduce_variance
from framework.tf.variable_scopes import AUTO_REUSE, VariableScope, get_variable, get_variable_scope, variable_scope
from framework.tf.variables import (
    Variable,
    global_variables,
    global_variables_initializer,
    group,
    report_uninitialized_variables,
    trainable_variables,
    variables_initializer,
)

if TYPE_CHECKING:
    from framework.export.freezing import freeze_graph
    from framework.kernels.registry import register_kernel
    from framework.runtime.session import Session
    from framework.tf.interactive import InteractiveSession

newaxis = None
assert_ = assert_that
mod = floormod
floor_div = floordiv
lin_space = linspace


def name_scope(name: str | None) -> AbstractContextManager[str]:
    """Names given inside begin with `name/`, in the default graph; a name ending in `/` is taken as it stands."""
    return get_default_graph().name_scope(name)


def device(name: str) -> AbstractContextManager[None]:
    """Nodes added to the default graph inside carry this device, which a session takes as a wish."""
    return get_default_graph().device(name)


def control_dependencies(control_inputs: Iterable[Operation | Tensor] | None) -> AbstractContextManager[None]:
    """Nodes added to the default graph inside run after the given ones; None forgets those of the blocks outside."""
    return get_default_graph().control_dependencies(control_inputs)


def reset_default_graph() -> None:
    """Begins the default graph of this thread anew. Raises RuntimeError within a `with graph.as_default()` block."""
    restart_default_graph()


_LAZY = {
    "InteractiveSession": "framework.tf.interactive",
    "Session": "framework.runtime.session",
    "freeze_graph": "framework.export.freezing",
    "register_kernel": "framework.kernels.registry",
    "RunOptions": "framework.runtime.tracing",
    "RunMetadata": "framework.runtime.tracing",
}


def __getattr__(name: str) -> Any:
    """What needs JAX is imported when it is first used."""
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'framework.tf' has no attribute '{name}'")
