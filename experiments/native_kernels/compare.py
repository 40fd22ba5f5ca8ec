"""The same training with native kernels and with XLA's: gradients of the first step, accuracies, time a step.

    python experiments/native_kernels/compare.py model=lenet dataset=mnist trainer.epochs=1

Options are those of train.py. Both begin with the same parameters and see the same batches; XLA's kernels are asked for
as a run does that goes on with them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence

import jax
import numpy as np

from framework.config.loader import Source
from framework.launch import prepare
from framework.plan import steps_of
from framework.train.engine import Engine

PLAIN = {
    op: ["xla", "slices"]
    for op in (
        "Conv2D", "Conv3D", "DepthwiseConv2dNative", "Conv2DBackpropInput", "MaxPool", "MaxPool3D", "AvgPool", "LSTM",
        "MatMul", "BatchMatMul", "BatchMatMulV2",
    )
}  # fmt: skip
STEPS = 10  # of one measurement


def engines(options: Sequence[str]) -> dict[str, Engine]:
    """The experiment with the kernels that are chosen, and with XLA's."""
    experiment = prepare(list(options), Source()).experiment
    data = experiment.dataset.load()
    return {"native": Engine(experiment, data), "xla": Engine(experiment, data, kept=PLAIN)}


def gradients(options: Sequence[str]) -> dict[str, dict[str, np.ndarray]]:
    """The gradients of the first step: what gradient descent at rate 1 takes away."""
    descent = ["optimizer=sgd", "optimizer.learning_rate=1", "schedule=constant", "trainer.precision=float32"]
    found = {}
    for name, engine in engines([*options, *descent]).items():
        first = {variable: np.asarray(value) for variable, value in engine.initialize().items()}
        after, _ = engine.advance(engine.initialize(), 0, 1, lambda: False)
        found[name] = {v: first[v] - np.asarray(after[v]) for v in engine.built.parameters}
    return found


def train(engine: Engine) -> dict[str, float]:
    """All epochs; what the test split says, and examples a second, the median over the pieces."""
    state, step, rates = engine.initialize(), 0, []
    batch, _, _ = steps_of(engine.experiment)
    while step < engine.total_steps:
        began = time.perf_counter()
        stop = min(step + STEPS, engine.total_steps)
        taken = step
        while step < stop:
            state, records = engine.advance(state, step, stop, lambda: False)
            step += len(records)
        jax.block_until_ready(state)
        rates.append((step - taken) * batch / (time.perf_counter() - began))
    return {**engine.evaluate(state, "test"), "examples/s": statistics.median(rates[1:] or rates)}


def main(options: Sequence[str]) -> None:
    """Prints both."""
    found = gradients(options)
    for name, native in found["native"].items():
        scale = np.abs(found["xla"][name]).max()
        difference = np.abs(native - found["xla"][name]).max()
        print(f"gradient of {name:<24} largest {scale:.3e}  largest difference {difference:.1e}")
    for name, engine in engines(options).items():
        numbers = "  ".join(f"{key} {value:.5g}" for key, value in train(engine).items())
        print(f"{name:<7} {engine.execution:<5} {numbers}  {engine.kernels}")


if __name__ == "__main__":
    main(sys.argv[1:])
