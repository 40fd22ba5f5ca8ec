"""Ops on arrays give what the same ops give in a graph."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError, InvalidArgumentError
from framework.graph import Graph
from framework.graph.opdef import lookup
from framework.ops.apply import operation
from framework.runtime import eager
from framework.runtime.session import Session


def _cases() -> Any:
    """The module that reads what TensorFlow computed."""
    path = Path(__file__).parents[1] / "kernels" / "test_tf_cases.py"
    spec = importlib.util.spec_from_file_location("cases_of_tensorflow", path)
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TF = _cases()
PARTS = 18  # the ops by turns, of which two parts run, each in seconds


def _grouped(case: Any, values: list[Any]) -> list[Any]:
    """One value for each declared argument, in place of one for each tensor."""
    definition, attrs, rest, grouped = lookup(case.op), case.operation().node.attrs, iter(values), []
    for argument in definition.inputs:
        if argument.number_attr or argument.type_list_attr:
            count = attrs[argument.number_attr] if argument.number_attr else len(attrs[argument.type_list_attr])
            grouped.append([next(rest) for _ in range(count)])
        else:
            grouped.append(next(rest))
    return grouped


def _attrs(case: Any) -> dict[str, Any]:
    implied = {argument.number_attr for argument in lookup(case.op).inputs}
    implied |= {argument.type_list_attr for argument in lookup(case.op).inputs}
    return {name: value for name, value in case.attrs.items() if name not in implied}


def _sample(part: int) -> list[Any]:
    """A case of each op of a part: neither the largest nor one that is empty."""
    chosen = [sorted(TF.cases()[op], key=lambda case: sum(x.size for x in case.inputs)) for op in TF.OPS_WITH_CASES]
    return [cases[len(cases) // 2] for cases in chosen[part::PARTS]]


@pytest.mark.parametrize("part", range(2))
def test_values_are_those_of_the_graph(part: int):
    sample, graph = _sample(part), Graph()
    with graph.as_default():
        made, feeds = [], {}
        for case in sample:
            tensors = []
            for position, array in enumerate(case.inputs):
                if position in case.constants:
                    tensors.append(ops.constant(array, array.dtype))
                else:
                    tensors.append(ops.placeholder(dtype=array.dtype, shape=array.shape))
                    feeds[tensors[-1]] = array
            made.append(operation(case.op, _grouped(case, tensors), _attrs(case)))
        expected = Session(graph).run([list(node.outputs) for node in made], feeds)
    for case, outputs in zip(sample, expected, strict=True):
        inputs = [x if k in case.constants or x.dtype == object else _on_device(x) for k, x in enumerate(case.inputs)]
        found = eager.call(case.op, *_grouped(case, inputs), **_attrs(case))
        found = found if isinstance(found, tuple) else (found,)
        for position, (one, other) in enumerate(zip(found, outputs, strict=True)):
            if position not in case.unset:
                TF._check(case, np.asarray(other), np.asarray(one))


def _on_device(array: np.ndarray) -> jax.Array:
    with jax.enable_x64(True):
        return jnp.asarray(array)


def test_a_wrapper_takes_what_it_takes_in_a_graph():
    a, b = np.float32([[1, 2], [3, 4]]), np.float32([[5, 6], [7, 8]])
    np.testing.assert_array_equal(eager.matmul(a, b, transpose_b=True), a @ b.T)
    np.testing.assert_array_equal(eager.call("MatMul", a, b, transpose_a=True), a.T @ b)
    np.testing.assert_array_equal(eager.reduce_sum(jnp.asarray(a)), 10.0)
    np.testing.assert_array_equal(eager.add(jnp.asarray(a), 1.0), a + 1)
    np.testing.assert_array_equal(eager.concat([jnp.asarray(a), b], 1), np.hstack([a, b]))
    values, indices = eager.top_k(a, 1)
    assert np.asarray(values).tolist() == [[2], [4]]
    assert np.asarray(indices).tolist() == [[1], [1]]
    assert eager.matmul.__doc__ == ops.matmul.__doc__
    assert "matmul" in dir(eager)


def test_types_are_kept_and_static_values_known():
    wide = eager.add(np.float64(1.0), np.float64(2.0**-40))
    assert wide.dtype == np.float64
    assert float(wide) == 1.0 + 2.0**-40
    assert eager.cast(np.float32([1.5]), "int64").dtype == np.int64
    assert eager.shape(jnp.ones((2, 3))).tolist() == [2, 3]
    assert eager.reshape(jnp.arange(6.0), [2, -1]).shape == (2, 3)


def test_mistakes_are_those_of_a_graph():
    a = np.ones((2, 3), np.float32)
    with pytest.raises(GraphError, match="MatMul"):
        eager.matmul(a, a)
    with pytest.raises(GraphError, match="did you mean 'MatMul'"):
        eager.call("MatMull", a, a)
    with pytest.raises(GraphError, match="no attribute 'transpose_c'"):
        eager.call("MatMul", a, a, transpose_c=True)
    with pytest.raises(GraphError, match="takes 2 inputs"):
        eager.call("MatMul", a)
    with pytest.raises(AttributeError, match="did you mean 'matmul'"):
        eager.matmull(a, a)
    with pytest.raises(GraphError, match="stands for a variable"):
        eager.variable(shape=(2,), dtype="float32")
    with pytest.raises(InvalidArgumentError, match="NaN"):
        eager.check_numerics(np.float32([np.nan]), message="here")


def test_random_values_follow_from_seed_and_step():
    first = eager.random_uniform([3], dtype="float32", seed=1)
    np.testing.assert_array_equal(first, eager.random_uniform([3], dtype="float32", seed=1))
    assert not np.array_equal(first, eager.random_uniform([3], dtype="float32", seed=2))
    assert not np.array_equal(first, eager.random_uniform([3], dtype="float32", seed=1, step=1))
    np.testing.assert_array_equal(first, eager.call("RandomUniform", [3], dtype="float32", seed=1))


def test_jax_sees_through():
    def loss(x: jax.Array) -> jax.Array:
        return eager.reduce_sum(eager.square(x) * 2.0)

    x = jnp.asarray([1.0, 2.0])
    assert jax.grad(loss)(x).tolist() == [4.0, 8.0]
    assert jax.jit(loss)(x) == 10.0
