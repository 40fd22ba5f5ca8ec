"""Products of matrices by oneDNN and by XLA, in the shapes that the benchmark's networks multiply.

    python experiments/native_kernels/products.py

Both take turns on the same factors. Printed is how many times as long XLA takes, by the seconds that its processors
work and by those that pass: of both, the least of the rounds, so that what else the machine does matters little.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import jax
import numpy as np

from framework.kernels.native.library import library
from framework.kernels.native.matrix import Form, by_xla, spec_of

ROUNDS, WORK = 30, 5e8  # the second: operations of a turn


class Shape(NamedTuple):
    """What is multiplied: `count` products of [rows, inner] and [inner, columns], of which each may lie transposed."""

    what: str
    count: int
    rows: int
    inner: int
    columns: int
    form: Form = Form(False, False)

    def factors(self) -> tuple[jax.Array, jax.Array]:
        rng, stack = np.random.default_rng(0), (self.count,) if self.count > 1 else ()
        a, b = (self.rows, self.inner), (self.inner, self.columns)
        a, b = a[::-1] if self.form.a else a, b[::-1] if self.form.b else b
        return tuple(jax.numpy.asarray(rng.normal(size=(*stack, *x)), np.float32) for x in (a, b))  # type: ignore[return-value]


SHAPES = (
    Shape("dense layer of a transformer, 4096 elements", 1, 4096, 128, 512),
    Shape("its gradient by the input", 1, 4096, 512, 128, Form(False, True)),
    Shape("its gradient by the kernel", 1, 128, 4096, 512, Form(True, False)),
    Shape("gradient by the kernel of a query", 1, 128, 4096, 128, Form(True, False)),
    Shape("scores of 128 heads", 128, 128, 32, 128, Form(False, True)),
    Shape("what they read", 128, 128, 128, 32),
    Shape("its gradient by the values", 128, 128, 128, 32, Form(True, False)),
    Shape("dense layer of LeNet, 128 examples", 1, 128, 3136, 1024),
    Shape("dense layer of a perceptron, 100 examples", 1, 100, 784, 256),
    Shape("a small stack", 64, 32, 32, 32),
)


def by_onednn(a: jax.Array, b: jax.Array, form: Form) -> jax.Array:
    """Whatever the kernel would choose."""
    found, sizes = library(), form.sizes(a.shape, b.shape)
    if found is None:
        sys.exit("the native kernels are not there; a warning says why")
    result = jax.ShapeDtypeStruct((*a.shape[:-2], sizes[1], sizes[3]), a.dtype)
    return jax.ffi.ffi_call(found.target("product"), result)(a, b, spec=spec_of(sizes, form, a.dtype))


def turn(program: Callable[[], jax.Array], repeats: int) -> np.ndarray:
    """Seconds of the processors, and seconds."""
    began = time.process_time(), time.perf_counter()
    for _ in range(repeats):
        program().block_until_ready()
    return np.subtract((time.process_time(), time.perf_counter()), began) / repeats


def compare(shape: Shape) -> np.ndarray:
    """How many times as long XLA takes: by processor time, and by the clock."""
    a, b = shape.factors()
    ways = (partial(by_onednn, form=shape.form), partial(by_xla, form=shape.form))
    programs = [partial(jax.jit(way), a, b) for way in ways]
    repeats = max(2, int(WORK / (2 * shape.count * shape.rows * shape.inner * shape.columns)))
    for program in programs:
        program().block_until_ready()
    times = [[turn(program, repeats) for program in programs] for _ in range(ROUNDS)]
    native, xla = np.min(times, 0)
    return xla / native


def main() -> None:
    print("| product | by processor time | by the clock |\n|---|---|---|")
    for shape in SHAPES:
        processor, clock = compare(shape)
        print(f"| {shape.what} | {processor:.2f} | {clock:.2f} |", flush=True)


if __name__ == "__main__":
    main()
