"""Layers that compute in bfloat16, among parameters, losses and metrics that are float32 all the same."""

from __future__ import annotations

import numpy as np
import pytest

from framework.build import Built, build
from framework.config.compose import Source
from framework.launch import prepare
from framework.layers import Mode
from framework.train.engine import Engine

BFLOAT16 = "trainer.precision=bfloat16"
NORMALIZED = "model.layers.norm={type: batch_norm, inputs: [fc], activation: relu}"


def engine(*overrides: str) -> Engine:
    experiment = prepare(overrides, Source()).experiment
    return Engine(experiment, experiment.dataset.load())


def types(built: Built, op: str) -> set[str]:
    """The types of what the nodes of an op read."""
    return {built.graph.spec(tensor).dtype.name for node in built.graph if node.op == op for tensor in node.inputs}


@pytest.fixture(scope="module")
def convolutional() -> Engine:
    return engine(BFLOAT16, NORMALIZED, "model.layers.logits.inputs=[norm]", "trainer.batch_size=8")


def test_layers_read_bfloat16_and_all_else_is_float32(convolutional: Engine):
    built = convolutional.built
    assert types(built, "Conv2D") == types(built, "MatMul") == types(built, "BiasAdd") == {"bfloat16"}
    assert types(built, "SparseSoftmaxCrossEntropyWithLogits") == {"float32", "int32"}
    assert {spec.dtype.name for spec in (*built.parameters.values(), *built.state.values())} == {"float32"}
    (update,) = (node for node in built.graph if node.op == "Update")
    assert {built.graph.spec(tensor).dtype.name for tensor in update.inputs} == {"float32"}
    predict = build(convolutional.experiment, Mode.PREDICT)
    assert {predict.graph.spec(tensor).dtype.name for tensor in predict.outputs.values()} == {"float32"}


def test_each_parameter_and_each_input_is_cast_once(convolutional: Engine):
    graph = convolutional.built.graph
    casts = [node.inputs[0] for node in graph if node.op == "Cast" and node.outputs[0].dtype.name == "bfloat16"]
    assert len(set(casts)) == len(casts)
    assert "norm/gamma:0" not in casts  # the normalisation itself is exact


def test_the_program_multiplies_bfloat16(convolutional: Engine):
    program, state = convolutional.program, convolutional.initialize()
    feed = convolutional.feed(0)
    text = program.step.lower(*program.divided(state), feed, np.int32(0)).as_text()
    products = [line for line in text.splitlines() if "stablehlo.convolution" in line or "dot_general" in line]
    assert products
    assert all("xbf16>, tensor" in line for line in products)


def test_what_training_keeps_and_reports_is_float32(convolutional: Engine):
    state, records = convolutional.advance(convolutional.initialize(), 0, 1, lambda: False)
    assert {np.asarray(array).dtype.name for array in state.values()} == {"float32", "int32"}
    assert {column.dtype.name for column in records.scalars.values()} == {"float32"}


def test_digits_are_learned_as_well_as_in_float32():
    accuracies = []
    for precision in ("float32", "bfloat16"):
        trained = engine("model=mlp", f"trainer.precision={precision}", "trainer.epochs=6", "trainer.execution=loop")
        state, step = trained.initialize(), 0
        while step < trained.total_steps:
            state, records = trained.advance(state, step, trained.total_steps, lambda: False)
            step += len(records)
        accuracies.append(trained.evaluate(state, "test")["accuracy"])
    assert min(accuracies) > 0.9
    assert abs(accuracies[0] - accuracies[1]) < 0.04


def test_precision_is_structure():
    prints = {
        build(prepare([*more], Source()).experiment, Mode.TRAIN).fingerprint
        for more in ((), ("trainer.precision=float32",), (BFLOAT16,))
    }
    assert len(prints) == 2
