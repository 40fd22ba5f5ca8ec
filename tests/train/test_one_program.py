"""Trainer and Session share one program, and it holds exactly the work that the mathematics needs."""

from __future__ import annotations

import re

import numpy as np
import pytest

from framework.config.compose import Source
from framework.launch import prepare
from framework.runtime.program import get_program
from framework.runtime.session import Session
from framework.train.engine import Engine

SMALL = ("trainer.batch_size=32", "trainer.epochs=1", "trainer.drop_last=true", "model.layers.fc.units=16")


def engine(*overrides: str) -> Engine:
    experiment = prepare([*SMALL, *overrides], Source()).experiment
    return Engine(experiment, experiment.dataset.load())


@pytest.fixture
def small() -> Engine:
    return engine("trainer.execution=step")


def first_batch(trained: Engine) -> dict[str, np.ndarray]:
    rows = trained.sampler.epoch(0).rows[0]
    return {tensor: trained.data.splits["train"][name][rows] for name, tensor in trained.built.features.items()}


def test_a_session_that_fetches_the_train_op_compiles_nothing_more(small: Engine):
    state, records = small.advance(small.initialize(), 0, 1, lambda: False)
    made = small.compilations
    session = Session(small.built.graph, small.initialize())
    graph = small.built.graph
    fetches = [graph.tensor(name) for name in small.fetches] + [graph.operation(small.built.train_op or "")]
    rate = small.rates(0, 1)[0]
    loss, accuracy, _ = session.run(fetches, {**first_batch(small), "Hyper/optimizer/learning_rate:0": rate})
    assert small.compilations == made == 1
    assert float(loss) == records.scalars["loss"][0]
    assert float(accuracy) == records.scalars["accuracy"][0]
    for name in small.built.parameters:
        np.testing.assert_array_equal(session.state[name], state[name])


def test_a_loop_is_made_of_the_same_program():
    looped, stepped = engine("model=mlp", "~model.layers.fc"), engine("model=mlp", "~model.layers.fc")
    assert looped.execution == "loop"
    assert looped.program is stepped.program
    stepped.execution = "step"
    ahead, _ = looped.advance(looped.initialize(), 0, 1, lambda: False)
    looped._pace.seconds_per_step = 1e-9  # the whole stretch in one call
    ahead, _ = looped.advance(ahead, 1, 9, lambda: False)
    behind = stepped.initialize()
    for step in range(9):
        behind, _ = stepped.advance(behind, step, step + 1, lambda: False)
    for name in looped.built.parameters:
        np.testing.assert_allclose(ahead[name], behind[name], rtol=2e-4, atol=2e-6)


def operations(trained: Engine, fetches: list[str], train_op: bool = True) -> tuple[int, int]:
    """Convolutions and matrix products in the compiled program."""
    built = trained.built
    program = get_program(built.graph, fetches, [built.train_op or ""] if train_op else [], trained.feeds)
    feeds = {**trained.hyper, **first_batch(trained)}
    state = trained.initialize()
    known = program.lowering.variables
    replaced = {n: state[n] for n in known.read if n in known.written}
    kept = {n: state[n] for n in known.read if n not in known.written}
    text = program.step.lower(replaced, kept, feeds, np.int32(0)).compile().as_text()
    convolutions = len(re.findall(r"= \S+ convolution\(|__onednn\$convolution|\"graphwright_convolution_", text))
    products = len(re.findall(r"= \S+ dot\(|__onednn\$matmul", text))
    return convolutions, products


def test_one_forward_pass_serves_all_that_is_fetched():
    trained = engine("trainer.summaries.histograms=true")
    built = trained.built
    histograms = [tensor for three in built.histograms.values() for tensor in three]
    everything = operations(trained, [*trained.fetches, *histograms])
    # Forward: two convolutions and two products. Backward: each by its kernel, and by its input but for the first
    # convolution, whose input is data.
    assert everything == (2 + 2 + 1, 2 + 2 + 2)
    assert operations(trained, trained.fetches) == everything
    assert operations(trained, trained.fetches, train_op=False) == (2, 2)


MORE = (
    "trainer.accumulate=3",
    "trainer.ema=0.9",
    "optimizer.groups=[{parameters: '*/bias', learning_rate_multiplier: 0.5}, {parameters: 'fc*/bias', freeze: true}]",
)


def test_groups_averages_and_accumulation_add_no_product():
    trained = engine(*MORE)
    assert operations(trained, trained.fetches) == (2 + 2 + 1, 2 + 2 + 2)


def test_what_lies_before_frozen_parameters_alone_is_not_differentiated():
    trained = engine("optimizer.groups=[{parameters: 'conv*', freeze: true}]")
    assert operations(trained, trained.fetches) == (2, 2 + 2 + 1)


@pytest.mark.parametrize("options", [(), MORE])
def test_the_same_step_under_any_cut(options: tuple[str, ...]):
    trained, rng = engine("model=mlp", "~model.layers.fc", *options), np.random.default_rng(0)
    whole, state = trained.initialize(), trained.initialize()
    trained._pace.seconds_per_step = 1e-9
    whole, records = trained.advance(whole, 0, 40, lambda: False)
    assert len(records) == 40
    step = 0
    while step < 40:
        stop = min(40, step + int(rng.integers(1, 9)))
        trained._pace.seconds_per_step = 1e-9
        state, _ = trained.advance(state, step, stop, lambda: False)
        step = stop
    for name in whole:
        np.testing.assert_array_equal(whole[name], state[name], err_msg=name)


def test_histograms_of_every_step_are_made_inside_the_loop():
    options = ("model=mlp", "~model.layers.fc", "trainer.summaries.histograms=true")
    every, some = engine(*options, "trainer.summaries.every=1"), engine(*options, "trainer.summaries.every=2")
    every._pace.seconds_per_step = some._pace.seconds_per_step = 1e-9
    state, records = every.advance(every.initialize(), 0, 6, lambda: False, watched=np.arange(1, 7))
    assert len(records) == 6
    assert every.program_with_histograms.compilations == 1
    other, found, step = some.initialize(), [], 0
    while step < 6:  # a watched step is a call of its own
        other, part = some.advance(other, step, 6, lambda: False, watched=np.array([2, 4, 6]))
        found.append((len(part), bool(part.histograms)))
        if part.histograms:
            for tag, (counts, extent, moments) in part.histograms.items():
                ahead = [array[step] for array in records.histograms[tag]]
                assert counts.sum() == ahead[0].sum()
                np.testing.assert_allclose(extent[0], ahead[1], rtol=2e-3, atol=1e-5)
                np.testing.assert_allclose(moments[0], ahead[2], rtol=2e-2, atol=1e-3)
        step += len(part)
    assert found == [(1, False), (1, True)] * 3
    for name in every.built.parameters:
        np.testing.assert_allclose(state[name], other[name], rtol=2e-4, atol=2e-6)
