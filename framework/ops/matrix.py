"""Products of matrices, their bands, and reductions over axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from framework.graph import Call, Shape, register_op
from framework.graph.shapes import broadcast, merge, normalize_axes, show
from framework.ops.inference import (
    Shapes,
    at_least_rank,
    input_flops,
    no_flops,
    product,
    reduced,
    static_scalar,
)
from framework.ops.signatures import INDICES, NUMBERS, REALS, SMALL_INDICES


def _product_shape(call: Call, left: Shape, right: Shape, swap_left: bool, swap_right: bool) -> Shape:
    """The last two dimensions of a product; `left` and `right` are the last two of the factors."""
    rows, inner = _maybe_swapped(left, swap_left)
    other_inner, columns = _maybe_swapped(right, swap_right)
    if inner is not None and other_inner is not None and inner != other_inner:
        raise call.fail(
            f"the inner dimensions differ: {inner} and {other_inner}, of {show(call.shapes[0])}"
            f"{' transposed' * swap_left} and {show(call.shapes[1])}{' transposed' * swap_right}"
        )
    return (rows, columns)


def _maybe_swapped(shape: Shape, swap: bool) -> tuple[int | None, int | None]:
    if shape is None:
        return None, None
    return (shape[1], shape[0]) if swap else (shape[0], shape[1])


def _matmul_shape(call: Call) -> Shapes:
    a, b = call.rank(0, 2), call.rank(1, 2)
    return [_product_shape(call, a, b, call.attrs["transpose_a"], call.attrs["transpose_b"])]


def _batch_matmul_shape(call: Call) -> Shapes:
    x, y = at_least_rank(call, 0, 2), at_least_rank(call, 1, 2)
    matrix = _product_shape(call, x and x[-2:], y and y[-2:], call.attrs["adj_x"], call.attrs["adj_y"])
    if x is None or y is None:
        return [None]
    together = merge if call.op.name == "BatchMatMul" else broadcast
    batch = together(x[:-2], y[:-2])
    return [(*(batch or ()), *(matrix or ()))]


def _product_flops(transposed: str) -> Callable[[Call, Shapes], int | None]:
    """A multiplication and an addition for each element of the result and of the inner dimension."""

    def flops(call: Call, outputs: Shapes) -> int | None:
        if call.shapes[0] is None or outputs[0] is None:
            return None
        inner = call.shapes[0][-2 if call.attrs[transposed] else -1]
        return product([2, *outputs[0], inner])

    return flops


register_op(
    "MatMul",
    inputs="a: T, b: T",
    outputs="product: T",
    attrs="transpose_a: bool = false, transpose_b: bool = false, "
    "T: {bfloat16, half, float, double, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128}, "
    "grad_a: bool = false, grad_b: bool = false",
    shape=_matmul_shape,
    flops=_product_flops("transpose_a"),
    wrapper="matmul",
    doc="The product of two matrices, either of which may be transposed first.",
)
register_op(
    "BatchMatMulV2",
    inputs="x: T, y: T",
    outputs="output: T",
    attrs="T: {bfloat16, half, float, double, int16, int32, int64, uint8, uint16, uint32, uint64, complex64, "
    "complex128}, adj_x: bool = false, adj_y: bool = false, grad_x: bool = false, grad_y: bool = false",
    shape=_batch_matmul_shape,
    flops=_product_flops("adj_x"),
    wrapper="batch_matmul",
    doc="Products of the matrices in the last two axes, either of which may be transposed and conjugated first; "
    "the other axes broadcast.",
)


register_op(
    "BatchMatMulV3",
    inputs="x: Ta, y: Tb",
    outputs="output: Tout",
    attrs="Ta: {bfloat16, half, float, double, uint8, int8, int16, int32, int64, complex64, complex128}, "
    "Tb: {bfloat16, half, float, double, uint8, int8, int16, int32, int64, complex64, complex128}, "
    "Tout: {bfloat16, half, float, double, int16, int32, int64, complex64, complex128}, "
    "adj_x: bool = false, adj_y: bool = false, grad_x: bool = false, grad_y: bool = false",
    shape=_batch_matmul_shape,
    flops=_product_flops("adj_x"),
    wrapper="batch_matmul_v3",
    doc="Products of the matrices in the last two axes, either of which may be transposed and conjugated first, "
    "computed in the type `Tout`; the other axes broadcast.",
)


register_op(
    "BatchMatMul",
    inputs="x: T, y: T",
    outputs="output: T",
    attrs="T: {bfloat16, half, float, double, int32, int64, complex64, complex128}, adj_x: bool = false, "
    "adj_y: bool = false, grad_x: bool = false, grad_y: bool = false",
    shape=_batch_matmul_shape,
    flops=_product_flops("adj_x"),
    wrapper="batch_matmul_v1",
    doc="Products of the matrices in the last two axes, either of which may be transposed and conjugated first; "
    "the other axes are equal (the older op).",
)


def _band_shape(call: Call) -> Shapes:
    call.rank(1, 0)
    call.rank(2, 0)
    return [at_least_rank(call, 0, 2)]


register_op(
    "MatrixBandPart",
    inputs="input: T, num_lower: Tindex, num_upper: Tindex",
    outputs="band: T",
    attrs=f"T: type, Tindex: {INDICES} = int64",
    shape=_band_shape,
    flops=no_flops,
    doc="The matrices in the last two axes, with zeros outside of the diagonal, the `num_lower` below it and the "
    "`num_upper` above it; all of a side when its number is negative.",
)


def _reduction_fold(function: Callable[..., Any]) -> Callable[..., Any]:
    def fold(attrs: Mapping[str, Any], x: np.ndarray, axes: np.ndarray) -> Any:
        with np.errstate(all="ignore"):
            axis = tuple(int(a) for a in np.atleast_1d(axes))
            return function(x, axis=axis, keepdims=attrs["keep_dims"], dtype=x.dtype)

    return fold


def _reduction(
    name: str, types: str | None, doc: str, fold: Callable[..., Any] | None = None, wrapper: str | None = None
) -> None:
    attrs = f"keep_dims: bool = false, {f'T: {types}, ' if types else ''}Tidx: {INDICES} = int32"
    kind = "T" if types else "bool"
    register_op(
        name,
        inputs=f"input: {kind}, reduction_indices: Tidx",
        outputs=f"output: {kind}",
        attrs=attrs,
        shape=reduced,
        fold=fold and _reduction_fold(fold),
        flops=input_flops(),
        wrapper=f"reduce_{wrapper or name.lower()}",
        doc=f"{doc} over some axes, which are kept with size 1 on request.",
    )


_reduction("Sum", NUMBERS, "The sum", np.sum)
_reduction("Prod", NUMBERS, "The product", np.prod)
_reduction("Mean", NUMBERS, "The mean; that of integers is rounded towards zero,")
_reduction("EuclideanNorm", NUMBERS, "The root of the sum of the squared magnitudes", wrapper="euclidean_norm")
_reduction("Max", REALS, "The greatest element (equal ones share the gradient)")
_reduction("Min", REALS, "The least element (equal ones share the gradient)")
_reduction("All", None, "Whether all elements are True")
_reduction("Any", None, "Whether any element is True")


def _arg_max_shape(call: Call) -> Shapes:
    shape, axis = at_least_rank(call, 0, 1), static_scalar(call, 1)
    if shape is None:
        return [None]
    if axis is None:
        return [(None,) * (len(shape) - 1)]
    (axis,) = normalize_axes([axis], len(shape))
    if shape[axis] == 0:
        raise call.fail(f"axis {axis} of {show(shape)} is empty, so it has no greatest or least element")
    return [(*shape[:axis], *shape[axis + 1 :])]


for _name, _types, _outputs, _word in (
    ("ArgMax", SMALL_INDICES, "{int16, uint16, int32, int64}", "greatest"),
    ("ArgMin", INDICES, INDICES, "least"),
):
    register_op(
        _name,
        inputs="input: T, dimension: Tidx",
        outputs="output: output_type",
        attrs="T: {bfloat16, half, float, double, int8, uint8, int16, uint16, int32, uint32, int64, uint64, bool}, "
        f"Tidx: {_types} = int32, output_type: {_outputs} = int64",
        shape=_arg_max_shape,
        flops=input_flops(8),  # XLA compares positions beside the values
        wrapper=_name.lower(),
        doc=f"The position of the {_word} element along an axis; the first of equal ones. "
        "int64 is int32 where JAX runs without 64-bit types.",
    )
