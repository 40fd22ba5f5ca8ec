"""Recurrent layers: they read a sequence element by element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from framework import ops
from framework.fields import structural, value
from framework.graph import Tensor
from framework.layers.base import LAYERS, Initializer, Layer, Scope
from framework.layers.convolution1d import sequence_shape
from framework.layers.dropout import drop
from framework.layers.initializers import InitializerOption, Zeros, initializer


class Recurrent(Layer):
    """Reads a sequence `[batch, time, features]`; gives its last state `[batch, units]`, or all of them.

    gates: how many parts of `units` columns the kernels have.
    """

    gates: ClassVar[int]

    units: int | str = structural(..., "size of the state, or the name of a number that the data set declares")
    return_sequences: bool = structural(False, "whether it gives the state behind every element, [batch, time, units]")
    reverse: bool = structural(
        False, "whether it reads from the last element to the first; each state stays at the place of its element"
    )
    dropout: float | None = value(
        None, "fraction of the inputs set to zero while training, drawn anew for each element", ge=0, lt=1
    )
    kernel_initializer: InitializerOption = initializer("glorot_uniform", "first value of the kernel of the inputs")
    recurrent_kernel_initializer: InitializerOption = initializer(
        "glorot_uniform", "first value of the kernel of the state"
    )

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        time, features = sequence_shape(x, LAYERS.name_of(self))
        units = scope.dimension(self.units)
        width = self.gates * units
        kernel = scope.variable("kernel", [features, width], self.kernel_initializer)
        recurrent_kernel = scope.variable("recurrent_kernel", [units, width], self.recurrent_kernel_initializer)
        bias = self.bias(scope, width)
        states = self.run(drop(scope, x, "dropout", self.dropout), kernel, recurrent_kernel, bias)
        if self.return_sequences:
            return states
        last = 0 if self.reverse else time - 1
        begin, end = [0, last], [0, last + 1]
        return ops.strided_slice(states, begin, end, [1, 1], begin_mask=1, end_mask=1, shrink_axis_mask=2)

    def bias(self, scope: Scope, width: int) -> Tensor:
        """The bias of all gates, of `width` elements together."""
        raise NotImplementedError

    def run(self, x: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor) -> Tensor:
        """The states behind all elements, `[batch, time, units]`."""
        raise NotImplementedError


@LAYERS.register("lstm")
class LSTM(Recurrent):
    """Long short-term memory with a forget gate, from a state of zeros, as Keras computes it.

    Source: Hochreiter and Schmidhuber, Neural Computation 1997; Gers et al., 2000.
    """

    gates = 4

    unit_forget_bias: bool = structural(
        True, "whether the bias of the forget gate begins at 1 (Jozefowicz et al., ICML 2015); the others begin at 0"
    )

    def bias(self, scope: Scope, width: int) -> Tensor:
        return scope.variable("bias", [width], ForgetBias() if self.unit_forget_bias else Zeros())

    def run(self, x: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor) -> Tensor:
        return ops.lstm(x, kernel, recurrent_kernel, bias, reverse=self.reverse)


class ForgetBias(Initializer):
    """1 for the forget gate, the second of four parts, and 0 for the others."""

    def build(self, scope: Scope, shape: Sequence[int]) -> Tensor:
        zeros, ones = (ops.fill([shape[0] // 4], number) for number in (0.0, 1.0))
        return ops.concat([zeros, ones, zeros, zeros], 0)


@LAYERS.register("gru")
class GRU(Recurrent):
    """Gated recurrent unit, from a state of zeros, as Keras computes it with its `reset_after`.

    Source: Cho et al., EMNLP 2014.
    """

    gates = 3

    def bias(self, scope: Scope, width: int) -> Tensor:
        return scope.variable("bias", [2, width], Zeros())

    def run(self, x: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor) -> Tensor:
        return ops.gru(x, kernel, recurrent_kernel, bias, reverse=self.reverse)
