"""Ops of a training graph: the gradient of a tensor, the optimizer's step, and histograms.

TensorFlow spells gradients out node by node; here they are one node, which the lowering turns into one
reverse-mode differentiation of the nodes before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from framework.graph import Call, Shape, register_op
from framework.graph.shapes import size


def _gradients_shape(call: Call) -> Sequence[Shape]:
    ys, xs = len(call.attrs["Tys"]), len(call.attrs["Txs"])
    if len(call.attrs["Tgrads"]) not in (0, ys):
        raise call.fail(f"takes no grad_ys, or one for each of the {ys} ys; found {len(call.attrs['Tgrads'])}")
    for dtype in call.dtypes[: ys + xs]:
        if not (dtype.is_floating or dtype.is_complex):
            raise call.fail(f"only floating-point tensors have gradients, found {dtype}")
    return call.shapes[ys : ys + xs]


register_op(
    "Gradients",
    inputs="ys: Tys, xs: Txs, grad_ys: Tgrads",
    outputs="gradients: Txs",
    attrs="Tys: list(type) >= 1, Txs: list(type), Tgrads: list(type) = []",
    shape=_gradients_shape,
    flops=lambda call, outputs: 0,
    doc="The gradients of the sum of ys with respect to each of xs (reverse mode), weighted by grad_ys when given.",
)


def _update_flops(call: Call, outputs: Sequence[Shape]) -> int | None:
    sizes = [size(shape) for shape in call.shapes[: len(call.attrs["T"])]]
    return None if None in sizes else 2 * sum(s or 0 for s in sizes)


def _no_outputs(call: Call) -> Sequence[Shape]:
    return []


register_op(
    "Update",
    inputs="variables: Ref(T), gradients: T, hyper: N * float, loss: float",
    attrs="T: list(type), N: int >= 0, optimizer: string, names: list(string)",
    shape=_no_outputs,
    stateful=True,
    flops=_update_flops,
    doc="One step of an optimizer: variables and its slots take their next values. `optimizer` holds its structure "
    "as JSON, `names` says which number each of `hyper` is.",
)
register_op(
    "InitializeUpdate",
    inputs="variables: T, hyper: N * float",
    attrs="T: list(type), N: int >= 0, optimizer: string, names: list(string)",
    shape=_no_outputs,
    stateful=True,
    flops=lambda call, outputs: 0,
    doc="Gives the slots of an optimizer their first values, from the first values of the variables.",
)


def _scalar(call: Call) -> Sequence[Shape]:
    return [()]


register_op(
    "KeepFinite",
    inputs="variables: Ref(T), watched: S",
    outputs="skipped: float",
    attrs="T: list(type), S: list(type)",
    shape=_scalar,
    stateful=True,
    flops=lambda call, outputs: 0,
    doc="Takes back what the run has written into any variable or slot, unless `watched` and the new values of "
    "`variables` are all finite; control inputs order it behind the writes. skipped: 1 where it did, else 0.",
)


def _histogram_shape(call: Call) -> Sequence[Shape]:
    return [(call.attrs["buckets"],), (2,), (2,)]


register_op(
    "HistogramBuckets",
    inputs="values: T",
    outputs="counts: float, range: float, moments: float",
    attrs="T: {half, bfloat16, float, double}, buckets: int >= 1 = 30",
    shape=_histogram_shape,
    flops=lambda call, outputs: None if size(call.shapes[0]) is None else (size(call.shapes[0]) or 0) * 4,
    doc="Counts the finite values in buckets of equal width between their least and greatest. "
    "counts: [buckets]; range: [least, greatest]; moments: [sum, sum of squares].",
)
