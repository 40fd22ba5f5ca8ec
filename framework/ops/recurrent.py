"""Recurrent networks over whole sequences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from framework.errors import GraphError
from framework.graph import Call, Shape, Tensor, register_op, show
from framework.graph.composite import flops_of_body
from framework.graph.opdef import ShapeFunction
from framework.graph.shapes import fits
from framework.ops import wrappers as ops
from framework.ops.apply import constant
from framework.ops.inference import Shapes
from framework.ops.signatures import FLOATS


def _sequence_shape(gates: int, bias: tuple[int, ...] = ()) -> ShapeFunction:
    """The shape function of a cell of so many gates, whose bias is `[*bias, gates * units]`."""

    def shape(call: Call) -> Shapes:
        batch, time, features = call.rank(0, 3) or (None, None, None)
        recurrent = call.rank(2, 2)
        units = None if recurrent is None else recurrent[0]
        width = None if units is None else gates * units
        wanted: Sequence[Shape] = [(features, width), (units, width), (*bias, width)]
        for index, allowed in enumerate(wanted, start=1):
            if not fits(allowed, call.shapes[index]):
                name = call.op.input_name(index)
                raise call.fail(f"'{name}' must have the shape {show(allowed)}, found {show(call.shapes[index])}")
        return [(batch, time, units)]

    return shape


def _flops(call: Call, outputs: Shapes) -> int | None:
    """As many times that of the body over one element as the sequence has elements."""
    x, output = call.shapes[0], outputs[0]
    if x is None or output is None or None in (*x, *output):
        return None
    step = flops_of_body(replace(call, shapes=[(x[0], 1, x[2]), *call.shapes[1:]]), outputs)
    return None if step is None else (x[1] or 0) * step


def _steps(projected: Tensor, reverse: bool) -> list[Tensor]:
    """The elements of a sequence `[batch, time, width]`, in the order in which they are read."""
    if projected.shape is None or projected.shape[1] is None:
        raise GraphError(f"the length of the sequence must be known to write it out, found {show(projected.shape)}")
    return list(ops.unstack(projected, projected.shape[1], axis=1))[:: -1 if reverse else 1]


def _sequence(outputs: list[Tensor], reverse: bool) -> Tensor:
    """`[batch, time, units]` of what was given for each element, in the order in which they were read."""
    return ops.stack(outputs[:: -1 if reverse else 1], axis=1)


def _zeros(x: Tensor, units: int) -> Tensor:
    """The first state, `[batch, units]`."""
    examples = ops.strided_slice(ops.shape(x), [0], [1], [1])
    return ops.fill(ops.concat([examples, [units]], 0), constant(0.0, x.dtype, graph=x.graph))


def _gates(x: Tensor, count: int, units: int) -> tuple[Tensor, ...]:
    """The parts `[batch, units]` of `[batch, count * units]`."""
    return ops.unstack(ops.reshape(x, [-1, count, units]), count, axis=1)


def _lstm(attrs: Mapping[str, Any], x: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor) -> Tensor:
    units = _units(recurrent_kernel)
    hidden = cell = _zeros(x, units)
    outputs = []
    for step in _steps(ops.batch_matmul(x, kernel) + bias, attrs["reverse"]):
        i, f, g, o = _gates(step + ops.matmul(hidden, recurrent_kernel), 4, units)
        cell = ops.sigmoid(f) * cell + ops.sigmoid(i) * ops.tanh(g)
        hidden = ops.sigmoid(o) * ops.tanh(cell)
        outputs.append(hidden)
    return _sequence(outputs, attrs["reverse"])


def _gru(attrs: Mapping[str, Any], x: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor) -> Tensor:
    units = _units(recurrent_kernel)
    hidden = _zeros(x, units)
    input_bias, recurrent_bias = ops.unstack(bias, 2)
    outputs = []
    for step in _steps(ops.batch_matmul(x, kernel) + input_bias, attrs["reverse"]):
        z, r, h = _gates(step, 3, units)
        hidden_z, hidden_r, hidden_h = _gates(ops.matmul(hidden, recurrent_kernel) + recurrent_bias, 3, units)
        update, reset = ops.sigmoid(z + hidden_z), ops.sigmoid(r + hidden_r)
        hidden = update * hidden + (1.0 - update) * ops.tanh(h + reset * hidden_h)
        outputs.append(hidden)
    return _sequence(outputs, attrs["reverse"])


def _units(recurrent_kernel: Tensor) -> int:
    shape = recurrent_kernel.shape
    if shape is None or shape[0] is None:
        raise GraphError(f"the number of units must be known to write it out, found a kernel {show(shape)}")
    return shape[0]


def _recurrent(name: str, shape: ShapeFunction, body: Callable[..., Tensor], doc: str) -> None:
    register_op(
        name,
        inputs="x: T, kernel: T, recurrent_kernel: T, bias: T",
        outputs="y: T",
        attrs=f"reverse: bool = false, T: {FLOATS}",
        shape=shape,
        body=body,
        flops=_flops,
        wrapper=name.lower(),
        doc=doc,
    )


_READING = (
    "x [batch, time, features] to y [batch, time, units], from a state of zeros; from the last element to the first "
    "when `reverse`, each output at the place of its element."
)
_recurrent(
    "LSTM",
    _sequence_shape(gates=4),
    _lstm,
    f"Long short-term memory: {_READING} i, f, g, o = split(x kernel + y recurrent_kernel + bias); "
    "c = sigmoid(f) c + sigmoid(i) tanh(g); y = sigmoid(o) tanh(c). Kernels are [features, 4 units] and [units, 4 "
    "units], in Keras' order of gates. Hochreiter and Schmidhuber, 1997; Gers et al., 2000.",
)
_recurrent(
    "GRU",
    _sequence_shape(gates=3, bias=(2,)),
    _gru,
    f"Gated recurrent unit: {_READING} z, r, h = split(x kernel + bias[0]); z', r', h' = split(y recurrent_kernel + "
    "bias[1]); u = sigmoid(z + z'); y = u y + (1 - u) tanh(h + sigmoid(r + r') h'). Kernels are [features, 3 units] "
    "and [units, 3 units], in Keras' order of gates, as with its reset_after. Cho et al., EMNLP 2014.",
)
