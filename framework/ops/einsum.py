"""Products and sums written as an equation over named axes."""

from __future__ import annotations

import re

from framework.graph import Call, Shape, register_op
from framework.graph.shapes import Dim, broadcast, merge_dim, show, size
from framework.ops.inference import Shapes, product

_TERM = re.compile(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*\Z")
_LABEL = re.compile(r"\.\.\.|[A-Za-z]")
Labels = tuple[str, ...]


def parse(equation: str) -> tuple[tuple[Labels, ...], Labels]:
    """The labels of the axes of each input, and those of the output; `...` stands for any number of axes.

    Raises ValueError for what is no equation.
    """
    left, arrow, right = equation.partition("->")
    terms = [*left.split(","), right]
    if not arrow or not all(_TERM.match(term) for term in terms):
        raise ValueError(equation)
    *inputs, output = (tuple(_LABEL.findall(term)) for term in terms)
    known = {label for labels in inputs for label in labels}
    if not set(output) <= known or ("..." in known and "..." not in output):
        raise ValueError(equation)
    return tuple(inputs), output


def spelled_out(labels: Labels, rank: int) -> Labels:
    """One label for each axis of a tensor of this rank: `...` becomes as many axes as are left."""
    times = {"...": rank - len(labels) + 1}
    return tuple(one for label in labels for one in (label,) * times.get(label, 1))


def _einsum_shape(call: Call) -> Shapes:
    try:
        inputs, output = parse(call.attrs["equation"])
    except ValueError:
        raise call.fail(
            f"attribute 'equation' must name the axes of the inputs and of the output by letters, such as 'ij,jk->ik', "
            f"and '...' in the output where it is in an input; found {call.attrs['equation']!r}"
        ) from None
    if len(inputs) != len(call.shapes) or len(inputs) > 2:
        raise call.fail(
            f"the equation '{call.attrs['equation']}' speaks of {len(inputs)} tensors, of 1 or 2 allowed; "
            f"found {len(call.shapes)}"
        )
    dims = _dims(call, inputs)
    rest = _rest(call, inputs)
    if "..." in output and rest is None:
        return [None]
    return [tuple(d for label in output for d in ((rest or ()) if label == "..." else (dims[label],)))]


def _dims(call: Call, inputs: tuple[Labels, ...]) -> dict[str, Dim]:
    """The size of each named axis, as far as it is known. Raises GraphError where two inputs contradict."""
    dims: dict[str, Dim] = {label: None for labels in inputs for label in labels if label != "..."}
    for labels, shape in zip(inputs, call.shapes, strict=True):
        if shape is None:
            continue
        if len(labels) - 1 > len(shape) or ("..." not in labels and len(labels) != len(shape)):
            raise call.fail(f"'{''.join(labels)}' does not fit the {len(shape)} axes of {show(shape)}")
        for label, dim in zip(spelled_out(labels, len(shape)), shape, strict=True):
            if label != "...":
                dims[label] = merge_dim(dims[label], dim, *call.shapes[:2])
    return dims


def _rest(call: Call, inputs: tuple[Labels, ...]) -> Shape:
    """What `...` stands for, under broadcasting; None where a rank is unknown."""
    result: Shape = ()
    for labels, shape in zip(inputs, call.shapes, strict=True):
        if "..." in labels:
            named = None if shape is None else zip(spelled_out(labels, len(shape)), shape, strict=True)
            result = broadcast(result, None if named is None else tuple(d for label, d in named if label == "..."))
    return result


def _einsum_flops(call: Call, outputs: Shapes) -> int | None:
    """A multiplication and an addition for each combination of positions; one tensor is only added up, or moved."""
    inputs, output = parse(call.attrs["equation"])
    if len(inputs) == 1:
        return size(call.shapes[0]) if set(inputs[0]) - set(output) else 0
    rest = _rest(call, inputs)
    return None if rest is None else product([2, *_dims(call, inputs).values(), *rest])


register_op(
    "Einsum",
    inputs="inputs: N * T",
    outputs="output: T",
    attrs="equation: string, N: int >= 1, T: type",
    shape=_einsum_shape,
    flops=_einsum_flops,
    doc="The product of one or two tensors, summed over the axes that the equation leaves out of the output: "
    "'bij,bjk->bik' multiplies matrices in a batch. A letter twice in one term is a diagonal.",
)
