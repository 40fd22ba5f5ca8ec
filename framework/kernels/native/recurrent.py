"""The native kernel of LSTM: the loop over time. The product with its inputs is one for all elements.

The loop keeps the gates and cells of every element for its gradient, which is a second loop and one product behind it.
Derivatives in a direction, and those of the gradient itself, are XLA's loops.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from framework.graph.opdef import Call
from framework.kernels.native.batching import define, of_images
from framework.kernels.native.library import library
from framework.kernels.native.matrix import product
from framework.kernels.registry import register_kernel


def _lowering(name: str) -> Any:
    def lower(context: Any, *operands: Any, reverse: bool) -> Any:
        found = library()
        if found is None:
            raise RuntimeError("the native library is gone")  # it was there when the kernel was chosen
        return jax.ffi.ffi_lowering(found.target(name))(context, *operands, reverse=reverse)

    return lower


def _shape(projected: Any, recurrent_kernel: Any) -> tuple[tuple[int, ...], Any]:
    return (*projected.shape[:2], recurrent_kernel.shape[0]), projected.dtype


# x kernel [batch, time, 4 units], recurrent kernel [units, 4 units], bias [4 units] -> y [batch, time, units]
read_p = define("native_lstm", lambda p, w, bias, reverse: _shape(p, w), _lowering("lstm"))
# the same -> y; i, f, g, o, [batch, time, 4 units]; c, [batch, time, units]
read_with_gates_p = define(
    "native_lstm_with_gates",
    lambda p, w, bias, reverse: [_shape(p, w), (p.shape, p.dtype), _shape(p, w)],
    _lowering("lstm_with_gates"),
    several=True,
)


# -- the same as loops of XLA -----------------------------------------------------------------------------------------


def _over_time(step: Any, width: int, inputs: Any, reverse: bool) -> Any:
    """What `step` gives for each element of `[batch, time, ...]`, from two states of zeros `[batch, width]`."""
    inputs = jax.tree.map(lambda x: jnp.swapaxes(x, 0, 1), inputs)
    first = jax.tree.leaves(inputs)[0]
    zeros = jnp.zeros((first.shape[1], width), first.dtype)
    _, outputs = lax.scan(step, (zeros, zeros), inputs, reverse=reverse)
    return jax.tree.map(lambda x: jnp.swapaxes(x, 0, 1), outputs)


def _read(projected: jax.Array, kernel: jax.Array, bias: jax.Array, *, reverse: bool) -> list[jax.Array]:
    """What `read_with_gates_p` gives."""

    def step(state: Any, x: jax.Array) -> Any:
        hidden, cell = state
        i, f, g, o = jnp.split(x + hidden @ kernel + bias[None], 4, -1)
        i, f, g, o = lax.logistic(i), lax.logistic(f), lax.tanh(g), lax.logistic(o)
        cell = f * cell + i * g
        hidden = o * lax.tanh(cell)
        return (hidden, cell), [hidden, jnp.concatenate([i, f, g, o], -1), cell]

    return _over_time(step, len(kernel), projected, reverse)


def _along(projected: jax.Array, gates: jax.Array, cells: jax.Array, kernel: jax.Array, *, reverse: bool) -> jax.Array:
    """The derivative of y along a direction of `projected`."""

    def step(state: Any, inputs: Any) -> Any:
        hidden, cell = state
        x, gates, now, before = inputs
        i, f, g, o = jnp.split(gates, 4, -1)
        along_i, along_f, along_g, along_o = jnp.split(x + hidden @ kernel, 4, -1)
        cell = f * cell + i * (1 - i) * g * along_i + f * (1 - f) * before * along_f + i * (1 - g * g) * along_g
        now = lax.tanh(now)
        hidden = o * (1 - now * now) * cell + o * (1 - o) * now * along_o
        return (hidden, cell), hidden

    return _over_time(step, len(kernel), (projected, gates, cells, _before(cells, reverse)), reverse)


def _back(y: jax.Array, gates: jax.Array, cells: jax.Array, kernel: jax.Array, *, reverse: bool) -> jax.Array:
    """The gradient by `projected`, of the gradient by y."""
    along = partial(_along, gates=gates, cells=cells, kernel=kernel, reverse=reverse)
    return jax.linear_transpose(along, gates)(y)[0]


def _before(states: jax.Array, reverse: bool) -> jax.Array:
    """The state that each element found, `[batch, time, units]`: zeros, and then that behind the one before."""
    moved = (-1, 1, 0) if reverse else (1, -1, 0)
    return lax.pad(states, jnp.zeros((), states.dtype), [(0, 0, 0), moved, (0, 0, 0)])


def _product(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """x kernel of all elements, as matrices: in three dimensions XLA transposes the gradient before it multiplies."""
    return product(lax.collapse(x, 0, 2), kernel).reshape(*x.shape[:2], kernel.shape[1])


# -- derivatives ------------------------------------------------------------------------------------------------------

along_p = define(
    "native_lstm_along",
    lambda p, gates, cells, w, reverse: _shape(p, w),
    mlir.lower_fun(_along, multiple_results=False),
)
back_p = define(
    "native_lstm_gradient", lambda y, gates, cells, w, reverse: (gates.shape, y.dtype), _lowering("lstm_gradient")
)


def _read_jvp(primals: Any, tangents: Any, *, reverse: bool) -> Any:
    kernel, (by_projected, by_kernel, by_bias) = primals[1], tangents
    y, gates, cells = read_with_gates_p.bind(*primals, reverse=reverse)
    total = ad.instantiate_zeros(by_projected)
    if type(by_kernel) is not ad.Zero:
        total = total + _product(_before(y, reverse), by_kernel)
    if type(by_bias) is not ad.Zero:
        total = total + by_bias[None, None]
    return y, along_p.bind(total, gates, cells, kernel, reverse=reverse)


def _by_xla(primitive: Primitive, loop: Any) -> None:
    """Derivatives of a primitive are those of a loop that computes the same."""

    def jvp(primals: Any, tangents: Any, **parameters: Any) -> Any:
        return jax.jvp(partial(loop, **parameters), primals, tuple(map(ad.instantiate_zeros, tangents)))

    ad.primitive_jvps[primitive] = jvp


ad.primitive_jvps[read_p] = _read_jvp
_by_xla(read_with_gates_p, _read)
_by_xla(along_p, _along)
_by_xla(back_p, _back)
ad.primitive_transposes[along_p] = lambda y, projected, *others, **p: [back_p.bind(y, *others, **p), None, None, None]
batching.primitive_batchers[read_p] = of_images(read_p)
batching.primitive_batchers[read_with_gates_p] = of_images(read_with_gates_p)
batching.primitive_batchers[along_p] = of_images(along_p, images=3)
batching.primitive_batchers[back_p] = of_images(back_p, images=3)


# -- the kernel -------------------------------------------------------------------------------------------------------


def _takes(call: Call) -> bool:
    """Whether it is in float32, of known sizes, none of which is zero."""
    if call.dtypes[0].name != "float32" or library() is None:
        return False
    return all(shape is not None and None not in shape and 0 not in shape for shape in call.shapes)


@register_kernel("LSTM", "cpu", name="native", accepts=_takes, preference=1)
def lstm(
    attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array, recurrent_kernel: jax.Array, bias: jax.Array
) -> jax.Array:
    projected = _product(jnp.asarray(x), jnp.asarray(kernel))
    return read_p.bind(projected, jnp.asarray(recurrent_kernel), jnp.asarray(bias), reverse=attrs["reverse"])
