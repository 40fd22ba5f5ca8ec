"""Every op against TensorFlow's own numbers, over all attribute values: see tests/tf_cases/generate.py.

Each case is checked four ways: the shape function (with everything known, with an unknown batch, unknown ranks, and
axes and shapes that are computed), the kernel's values, its gradients, and the fold where the op has one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jax
import ml_dtypes
import numpy as np
import pytest

from framework import ops
from framework.graph import Graph, Operation, as_dtype
from framework.graph.composite import body_of
from framework.graph.cost import cost
from framework.graph.opdef import lookup
from framework.graph.shapes import fits
from framework.kernels import KERNELS, PLATFORMS, find_kernel
from framework.kernels.values import element_type
from framework.runtime import forms  # noqa: F401  (fills the table)
from framework.runtime.lower import Lowering

pytestmark = pytest.mark.usefixtures("unoptimized")
FOLDER = Path(__file__).parents[1] / "tf_cases"
# Relative to the largest expected number. TensorFlow computes in the type itself where XLA may use a wider one.
TOLERANCE = {
    "bfloat16": 2e-2,
    "float16": 4e-3,
    "float32": 2e-5,
    "float64": 1e-12,
    "complex64": 2e-5,
    "complex128": 1e-12,
}


@dataclass(frozen=True)
class Case:
    """One use of an op and what TensorFlow made of it.

    constants: positions of inputs that are known while a graph is built. unset: of outputs that TensorFlow leaves
    without a value. seed, gradients: None where none were taken.
    """

    op: str
    attrs: dict[str, Any]
    inputs: list[np.ndarray]
    constants: frozenset[int]
    outputs: list[np.ndarray]
    unset: frozenset[int]
    seed: np.ndarray | None
    gradients: list[np.ndarray | None] | None

    @property
    def is_wide(self) -> bool:
        """Whether JAX needs its 64-bit types."""
        traced = [x for k, x in enumerate(self.inputs) if k not in self.constants]
        return any(
            (x.dtype.itemsize == 8 and x.dtype != np.complex64) or x.dtype == np.complex128
            for x in [*traced, *self.outputs]
        )

    @property
    def dynamic(self) -> list[np.ndarray]:
        return [x for k, x in enumerate(self.inputs) if k not in self.constants]

    def operation(
        self, shape_of: Callable[[np.ndarray], Any] = np.shape, are_constants_known: bool = True
    ) -> Operation:
        """The case in a graph of its own; `shape_of` says what is known of the shape of an input."""
        graph = Graph()
        tensors = [
            ops.constant(x, x.dtype, graph=graph)
            if k in self.constants and are_constants_known
            else graph.add("Placeholder", attrs={"dtype": x.dtype, "shape": shape_of(x)}).outputs[0]
            for k, x in enumerate(self.inputs)
        ]
        return graph.add(self.op, tensors, self.attrs)

    def __repr__(self) -> str:
        inputs = ", ".join(
            f"{x.dtype}{list(x.shape)}" + (f"={x.tolist()}" if k in self.constants else "")
            for k, x in enumerate(self.inputs)
        )
        return f"{self.op}({inputs}, {self.attrs})"


@cache
def cases() -> dict[str, list[Case]]:
    """All cases by op."""
    found: dict[str, list[Case]] = {}
    for path in sorted(FOLDER.glob("*.npz")):
        with np.load(path, allow_pickle=False) as file:
            index, data = json.loads(file["index"].tobytes()), file["data"].tobytes()
        for entry in index:
            case = _case(entry, data)
            found.setdefault(case.op, []).append(case)
    return found


def _case(entry: dict[str, Any], data: bytes) -> Case:
    def array(stored: list[Any] | None) -> np.ndarray | None:
        if stored is None:
            return None
        name, shape, offset = stored
        dtype = np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)
        return np.frombuffer(data, dtype, int(np.prod(shape)), offset).reshape(shape)

    gradients = entry["gradients"]
    return Case(
        op=entry["op"],
        attrs=entry["attrs"],
        inputs=[array(x) for x in entry["inputs"]],
        constants=frozenset(entry["constants"]),
        outputs=[array(x) for x in entry["outputs"]],
        unset=frozenset(entry["unset"]),
        seed=array(entry["seed"]),
        gradients=None if gradients is None else [array(x) for x in gradients],
    )


OPS_WITH_CASES = sorted(cases())
TRACEABLE = [op for op in OPS_WITH_CASES if lookup(op).is_traceable]


# -- shape functions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", OPS_WITH_CASES)
def test_shape_function_knows_what_comes_out(op: str) -> None:
    for case in cases()[op]:
        operation = case.operation()
        for spec, result in zip(operation.node.outputs, case.outputs, strict=True):
            assert spec.dtype is as_dtype(result.dtype), case
            # Sizes that follow from values are not known.
            assert spec.shape == result.shape or (not lookup(op).is_traceable and fits(spec.shape, result.shape)), case
        assert cost(operation.graph, operation.node).flops is not None, case


@pytest.mark.parametrize("op", OPS_WITH_CASES)
@pytest.mark.parametrize(
    "known",
    [
        pytest.param(lambda x: (None, *x.shape[1:]) if x.ndim else (), id="unknown-batch"),
        pytest.param(lambda x: (None,) * x.ndim, id="unknown-dimensions"),
        pytest.param(lambda x: None, id="unknown-rank"),
    ],
)
@pytest.mark.parametrize("are_constants_known", [True, False])
def test_shape_function_promises_nothing_false(op: str, known: Callable[..., Any], are_constants_known: bool) -> None:
    for case in cases()[op]:
        operation = case.operation(known, are_constants_known)
        for spec, result in zip(operation.node.outputs, case.outputs, strict=True):
            assert fits(spec.shape, result.shape), (case, spec)
        assert (cost(operation.graph, operation.node).flops or 0) >= 0, case


# -- kernels --------------------------------------------------------------------------------------------------------


def _function(case: Case) -> Callable[..., Any]:
    """The kernel of a case, or the body where it has none, as a function of its inputs that are not constants.

    It always gives a list.
    """
    operation, kernel = case.operation(), find_kernel(case.op, "cpu")
    if kernel is None:
        return _body(case)

    def run(*dynamic: Any) -> list[Any]:
        values = iter(dynamic)
        inputs = [x if k in case.constants else next(values) for k, x in enumerate(case.inputs)]
        result = kernel(operation.node.attrs, *inputs)
        return list(result) if isinstance(result, (tuple, list)) else [result]

    return run


def _body(case: Case) -> Callable[..., Any]:
    """The body of a case of a composite op, as `_function` is the kernel."""
    operation = case.operation()
    body = body_of(lookup(case.op), operation.node.attrs, [x.spec for x in operation.inputs])
    lowering = Lowering(body.graph, body.outputs, [], body.inputs, "cpu")
    return lambda *dynamic: lowering({}, dict(zip(body.inputs, dynamic, strict=True)), np.int32(0))[0]


def _gradients(case: Case, inputs: Sequence[Any], function: Callable[[Case], Callable[..., Any]] = _function) -> Any:
    """The gradients of the first output for the inputs that TensorFlow has one for."""
    dynamic = [k for k in range(len(case.inputs)) if k not in case.constants]
    wanted = [dynamic.index(k) for k, gradient in enumerate(case.gradients or ()) if gradient is not None]

    def first_output(*chosen: Any) -> Any:
        values = list(inputs)
        for k, value in zip(wanted, chosen, strict=True):
            values[k] = value
        return function(case)(*values)[0]

    _, pull_back = jax.vjp(first_output, *(inputs[k] for k in wanted))
    return list(pull_back(jax.numpy.asarray(case.seed)))


def _strict() -> tuple[Any, Any]:
    return jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise")


def _run_all(chosen: list[Case], compute: Callable[[Case, Sequence[Any]], list[Any]]) -> list[list[np.ndarray]]:
    """`compute` of every case, in one compiled program where the op can be in one."""
    promotion, ranks = _strict()
    with promotion, ranks:
        if not lookup(chosen[0].op).is_traceable:
            return [[np.asarray(x) for x in compute(case, case.dynamic)] for case in chosen]
        program = jax.jit(lambda all_inputs: [compute(case, x) for case, x in zip(chosen, all_inputs, strict=True)])
        return [[np.asarray(x) for x in outputs] for outputs in program([case.dynamic for case in chosen])]


def _check(case: Case, expected: np.ndarray, found: np.ndarray) -> None:
    assert found.shape == expected.shape, case
    assert found.dtype == expected.dtype, case
    tolerance = TOLERANCE.get(str(expected.dtype))
    if tolerance is None:
        np.testing.assert_array_equal(found, expected, err_msg=repr(case))
        return
    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    expected, found = expected.astype(wide), found.astype(wide)
    finite = np.abs(expected[np.isfinite(expected)])
    scale = max(1.0, finite.max()) if finite.size else 1.0
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * min(scale, 1e3), err_msg=repr(case))


@pytest.mark.parametrize("is_wide", [False, True], ids=["32-bit", "64-bit"])
@pytest.mark.parametrize("op", OPS_WITH_CASES)
def test_kernel_gives_tensorflows_values(op: str, is_wide: bool) -> None:
    chosen = [case for case in cases()[op] if case.is_wide == is_wide]
    with jax.enable_x64(is_wide):
        results = _run_all(chosen, lambda case, inputs: _function(case)(*inputs)) if chosen else []
    for case, outputs in zip(chosen, results, strict=True):
        for k, (expected, found) in enumerate(zip(case.outputs, outputs, strict=True)):
            if k not in case.unset:
                _check(case, expected, found)


@pytest.mark.parametrize("is_wide", [False, True], ids=["32-bit", "64-bit"])
@pytest.mark.parametrize("op", [op for op in OPS_WITH_CASES if any(case.gradients for case in cases()[op])])
def test_kernel_gives_tensorflows_gradients(op: str, is_wide: bool) -> None:
    chosen = [case for case in cases()[op] if case.gradients is not None and case.is_wide == is_wide]
    with jax.enable_x64(is_wide):
        results = _run_all(chosen, _gradients) if chosen else []
    for case, gradients in zip(chosen, results, strict=True):
        wanted = [gradient for gradient in case.gradients or () if gradient is not None]
        for expected, found in zip(wanted, gradients, strict=True):
            _check(case, expected, found)


@pytest.mark.parametrize("op", [op for op in OPS_WITH_CASES if lookup(op).body is not None and op in KERNELS])
def test_body_means_what_the_kernel_computes(op: str) -> None:
    chosen = [case for case in cases()[op] if not case.is_wide and case.gradients]
    results = _run_all(chosen, lambda case, inputs: [*_body(case)(*inputs), *_gradients(case, inputs, _body)])
    for case, found in zip(chosen, results, strict=True):
        for expected, value in zip([*case.outputs, *(case.gradients or ())], found, strict=True):
            _check(case, expected, value)


@pytest.mark.parametrize("op", [op for op in OPS_WITH_CASES if lookup(op).fold is not None])
def test_fold_gives_tensorflows_values(op: str) -> None:
    fold = lookup(op).fold
    assert fold is not None
    for case in cases()[op]:
        result = fold(case.operation().node.attrs, *case.inputs)
        results = result if isinstance(result, (tuple, list)) else [result]
        for expected, found in zip(case.outputs, results, strict=True):
            _check(case, expected, np.asarray(found))


@pytest.mark.parametrize("op", TRACEABLE)
def test_kernel_has_the_shapes_that_were_declared(op: str) -> None:
    chosen = [case for case in cases()[op] if not case.is_wide]
    promotion, ranks = _strict()
    for case in chosen[::4]:
        with promotion, ranks:
            found = jax.eval_shape(_function(case), *case.dynamic)
        declared = case.operation().node.outputs
        assert [(x.shape, x.dtype) for x in found] == [(s.shape, element_type(s.dtype)) for s in declared], case


@pytest.mark.parametrize("op", TRACEABLE)
def test_kernel_lowers_for_every_platform(op: str) -> None:
    chosen = [case for case in cases()[op] if not case.is_wide and case.dynamic][::3]
    if not chosen:  # an op whose inputs are all known is never lowered
        assert lookup(op).fold is not None
        return
    program = jax.jit(lambda all_inputs: [_function(case)(*x) for case, x in zip(chosen, all_inputs, strict=True)])
    exported = jax.export.export(program, platforms=PLATFORMS)([case.dynamic for case in chosen])
    assert exported.platforms == PLATFORMS
