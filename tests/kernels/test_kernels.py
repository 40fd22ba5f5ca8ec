"""What the cases of TensorFlow do not reach: every op has a kernel, NaN, positions outside, traced slices, types."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError
from framework.graph import OPS, Graph, Tensor
from framework.kernels import KERNELS, PLATFORMS, find_kernel
from framework.runtime import forms  # noqa: F401  (fills the table)
from framework.runtime.lower import FORMS
from framework.runtime.pooling_form import POOLINGS
from framework.runtime.variable_forms import CHANGES
from framework.runtime.variables import READS


@pytest.fixture(autouse=True)
def graph() -> Iterator[Graph]:
    strict = jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise")
    with Graph().as_default() as graph, strict[0], strict[1], warnings.catch_warnings():
        warnings.simplefilter("error")
        yield graph


def run(tensor: Tensor, *inputs: Any) -> Any:
    """The kernel behind `tensor`, on `inputs`."""
    kernel = find_kernel(tensor.op.type, "cpu")
    assert kernel is not None
    return kernel(tensor.op.node.attrs, *inputs)


def f(*shape: int) -> Tensor:
    return ops.placeholder("float32", shape)


def test_every_op_has_a_kernel_or_a_body_or_is_run_by_the_lowering_itself() -> None:
    # The lowering chooses what these see, and calls their kernels.
    by_the_lowering = {"Gradients", *FORMS} - {*READS, *CHANGES, *POOLINGS}
    for op in OPS:
        kernels = [find_kernel(op, platform) for platform in PLATFORMS]
        assert (op in by_the_lowering) != (all(kernels) or OPS[op].body is not None), op
    assert set(KERNELS) <= set(OPS)


def test_nan_is_never_hidden() -> None:
    image = jnp.array([np.nan, 1.0, 2.0, 3.0], jnp.float32).reshape(1, 2, 2, 1)
    for strides, padding in (([1, 2, 2, 1], "VALID"), ([1, 1, 1, 1], "SAME")):
        assert np.isnan(run(ops.max_pool(f(1, 2, 2, 1), [1, 2, 2, 1], strides, padding), image)).any()
    x = jnp.array([np.nan], jnp.float32)
    for function in (ops.relu, ops.relu6, ops.leaky_relu, ops.elu, ops.selu, ops.abs):
        assert np.isnan(run(function(f(1)), x)).all(), function
    assert np.isnan(run(ops.reduce_max(f(2)), jnp.array([1.0, np.nan], jnp.float32), np.int32([0])))


def test_windows_of_minus_infinity_stay_so_and_padding_never_wins() -> None:
    lowest = jnp.full((1, 5, 5, 1), -jnp.inf, jnp.float32)
    pooled = run(ops.max_pool(f(1, 5, 5, 1), [1, 3, 3, 1], [1, 2, 2, 1], "SAME"), lowest)
    assert (pooled == -np.inf).all()
    negative = run(ops.max_pool(f(1, 5, 5, 1), [1, 3, 3, 1], [1, 2, 2, 1], "SAME"), jnp.full((1, 5, 5, 1), -3.0))
    assert (negative == -3).all()


def test_average_counts_what_is_inside_of_the_image() -> None:
    pool = ops.avg_pool(f(1, 3, 3, 1), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    np.testing.assert_array_equal(run(pool, jnp.full((1, 3, 3, 1), 7.0)), np.full((1, 2, 2, 1), 7.0))


def test_positions_outside_give_zeros() -> None:
    gather = ops.gather(f(3), ops.placeholder("int32", [4]))
    np.testing.assert_array_equal(
        run(gather, jnp.array([1.0, 2.0, 3.0]), jnp.array([-1, 0, 2, 3]), np.int32(0)), [0, 1, 3, 0]
    )

    older = run(
        ops.gather_v1(f(3), ops.placeholder("int32", [4])), jnp.array([1.0, 2.0, 3.0]), jnp.array([-1, 0, 2, 3])
    )
    np.testing.assert_array_equal(older, [0, 1, 3, 0])
    several = ops.gather_nd(f(2, 2), ops.placeholder("int32", [4, 2]))
    found = run(several, jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([[-1, 0], [0, 1], [0, 2], [1, 0]]))
    np.testing.assert_array_equal(found, [0, 2, 0, 3])


def test_integers_are_round_already() -> None:
    """TensorFlow's kernel makes 0 of them; its Python function does not call it."""
    op = ops.round(ops.placeholder("int32", [3]))
    np.testing.assert_array_equal(run(op, jnp.array([-3, 0, 7])), [-3, 0, 7])


def test_the_greatest_come_in_order_also_when_order_is_not_asked_for() -> None:
    values, positions = run(ops.top_k(f(5), 3, sorted=False).values, jnp.array([2.0, 5.0, 1.0, 5.0, 4.0]), np.int32(3))
    np.testing.assert_array_equal(values, [5, 5, 4])
    np.testing.assert_array_equal(positions, [1, 3, 4])


def test_a_quotient_and_a_logarithm_that_are_not_taken_leave_the_gradient_alone() -> None:
    for function, x, y in ((ops.div_no_nan, 2.0, 0.0), (ops.xlogy, 0.0, 0.0)):
        op = function(f(), f())
        gradients = jax.grad(lambda x, y, op=op: run(op, x, y), (0, 1))(x, y)
        np.testing.assert_array_equal(gradients, [0, 0])


def test_neighbouring_channels_in_bfloat16() -> None:
    """Not by TensorFlow, which has no kernel for it; worked out from the formula."""
    x = np.array([1.0, 2.0, 3.0, 4.0], np.float32)
    found = run(ops.lrn(f(1, 1, 1, 4), depth_radius=1, bias=2.0), jnp.asarray(x, jnp.bfloat16).reshape(1, 1, 1, 4))
    assert found.dtype == jnp.bfloat16
    expected = x / np.sqrt(2 + np.array([5.0, 14.0, 29.0, 25.0]))
    np.testing.assert_allclose(found.reshape(4).astype(np.float32), expected, rtol=1e-2)


def test_constant_positions_outside_are_a_mistake() -> None:
    gather = ops.gather(ops.constant([1, 2, 3]), [3])
    with pytest.raises(GraphError, match=r"position 3 is outside of axis 0 of \[3\]"):
        ops.fill(gather, 0.0)


def test_labels_outside_give_nan_and_others_do_not() -> None:
    loss = ops.sparse_softmax_cross_entropy_with_logits(f(3, 2), ops.placeholder("int32", [3])).loss
    found, _ = run(loss, jnp.zeros((3, 2)), jnp.array([1, 2, -1]))
    np.testing.assert_allclose(found, [np.log(2), np.nan, np.nan], rtol=1e-6)


def test_labels_that_do_not_add_up_have_the_gradient_of_the_formula() -> None:
    op = ops.softmax_cross_entropy_with_logits(f(1, 3), f(1, 3)).loss
    logits, labels = jnp.array([[0.5, -1.0, 2.0]]), jnp.array([[2.0, 0.0, 1.0]])
    gradient = jax.grad(lambda x: run(op, x, labels)[0].sum())(logits)
    softmax = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(gradient, 3 * softmax - labels, rtol=1e-5)


def test_bands_and_shifts_may_be_what_the_program_says() -> None:
    band = ops.matrix_band_part(f(3, 3), *[ops.placeholder("int32", [])] * 2)
    found = jax.jit(lambda lower, upper: run(band, jnp.ones((3, 3)), lower, upper))(1, -1)
    np.testing.assert_array_equal(found, np.triu(np.ones((3, 3)), -1))
    roll = ops.roll(f(4), ops.placeholder("int32", []), 0)
    found = jax.jit(lambda shift: run(roll, jnp.arange(4.0), shift, np.int32(0)))(-1)
    np.testing.assert_array_equal(found, [1, 2, 3, 0])


def test_a_slice_may_begin_where_the_program_says() -> None:
    op = ops.slice(f(4, 5), ops.placeholder("int32", [2]), [2, 3])
    x = jnp.arange(20.0).reshape(4, 5)
    found = jax.jit(lambda begin: run(op, x, begin, np.int32([2, 3])))(jnp.array([1, 2]))
    np.testing.assert_array_equal(found, x[1:3, 2:5])


@pytest.mark.parametrize(
    ("build", "inputs", "name"),
    [
        (lambda: ops.reshape(f(4), ops.placeholder("int32", [2])), (np.zeros(4),), "shape"),
        (lambda: ops.reduce_sum(f(4), ops.placeholder("int32", [1])), (np.zeros(4),), "reduction_indices"),
        (lambda: ops.transpose(f(4), ops.placeholder("int32", [1])), (np.zeros(4),), "perm"),
        (lambda: ops.fill(ops.placeholder("int32", [1]), 0.0), (), "dims"),
    ],
)
def test_what_shapes_depend_on_must_be_known(build: Any, inputs: tuple[Any, ...], name: str) -> None:
    op = build()
    with pytest.raises(GraphError, match=f"'{name}' must be known before the program runs"):
        jax.jit(lambda late: run(op, *inputs, late, *([0.0] if name == "dims" else [])))(jnp.array([1]))


def test_64_bit_types_become_32_bit_without_a_warning() -> None:
    assert run(ops.argmax(f(3), 0), jnp.array([1.0, 3.0, 2.0]), np.int32(0)).dtype == np.int32
    assert run(ops.cast(f(3), "int64"), jnp.ones(3)).dtype == np.int32
    x = ops.placeholder("int64", [2])
    assert run(ops.add(x, np.int64(1)), jnp.array([1, 2]), np.int64(1)).dtype == np.int32
    assert run(ops.zeros_like(x), jnp.array([1, 2])).dtype == np.int32
    one_hot = run(ops.one_hot(x, 3), np.int64([1, 2]), np.int32(3), np.float32(1), np.float32(0))
    np.testing.assert_array_equal(one_hot, [[0, 1, 0], [0, 0, 1]])


def test_pooling_makes_no_scatter_and_no_window_loop() -> None:
    """XLA's select-and-scatter takes ten times as long on a CPU."""
    for window, strides in ((2, 2), (3, 2)):
        op = ops.max_pool(f(1, 8, 8, 2), [1, window, window, 1], [1, strides, strides, 1], "SAME")
        gradient = jax.jit(jax.grad(lambda x, op=op: run(op, x).sum()))
        text = gradient.lower(jnp.zeros((1, 8, 8, 2))).as_text()
        assert "scatter" not in text
        assert "reduce_window" not in text
