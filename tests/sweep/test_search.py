"""Searches: spaces that are checked, trials that are proposed, pruned, and gone on with."""

from __future__ import annotations

from pathlib import Path

import pytest

from framework.config.arguments import parse
from framework.config.report import screen
from framework.config.sweep import Search
from framework.errors import ConfigError
from framework.launch import start_sweep
from framework.sweep.ledger import Ledger, SweepError
from framework.sweep.space import Space, override

RATE = "optimizer.learning_rate: {low: 0.001, high: 1.0, log: true}"
SEARCH = ["sweep=optuna", "sweep.search.trials=4", "sweep.search.sampler={type: random}"]


def space(**dimensions) -> Space:
    return Space.of(Search(space=dimensions))


def test_a_search_proposes_runs_and_ranks_trials(sweep, table):
    assert sweep(*SEARCH, f"sweep.search.space={{{RATE}}}") == 0
    rows = table()
    rates = [float(row["optimizer.learning_rate"]) for row in rows]
    assert len(set(rates)) == 4
    assert all(0.001 <= rate <= 1 for rate in rates)
    values = [float(row["best validation/loss"]) for row in rows]
    assert values == sorted(values)


def test_a_search_goes_on(sweep, go_on, table):
    assert sweep(*SEARCH, f"sweep.search.space={{{RATE}}}") == 0
    before = {row["trial"]: row for row in table()}
    untouched = {name: Path("s", name, "metrics.csv").stat().st_mtime_ns for name in before}
    assert go_on("sweep.search.trials=6") == 0
    after = {row["trial"]: row for row in table()}
    assert len(after) == 6
    assert {name: after[name]["best validation/loss"] for name in before} == {
        name: row["best validation/loss"] for name, row in before.items()
    }
    assert {name: Path("s", name, "metrics.csv").stat().st_mtime_ns for name in before} == untouched


def test_bad_trials_are_pruned(sweep):
    pruner = "sweep.search.pruner={type: threshold, upper: 1e-9}"
    assert sweep(*SEARCH, "trainer.epochs=4", pruner, f"sweep.search.space={{{RATE}}}") == 0
    outcomes = Ledger.read(Path("s")).outcomes.values()
    assert {outcome.state for outcome in outcomes} == {"pruned"}
    assert all(outcome.step * 4 == outcome.total_steps for outcome in outcomes)


def test_files_and_conditions_can_be_searched_over(sweep):
    words = (
        "{optimizer: {choices: [sgd, adam]}, optimizer.momentum: {low: 0.1, high: 0.9, when: {optimizer: sgd}}, "
        "optimizer.b1: {low: 0.1, high: 0.9, when: {optimizer: adam}}}"
    )
    assert sweep("optimizer=sgd", *SEARCH, f"sweep.search.space={words}") == 0
    for trial in Ledger.read(Path("s")).trials():
        assert ("momentum" in trial.tree["optimizer"]) is (trial.choices["optimizer"] == "sgd")


def test_a_condition_is_kept_and_those_it_names_come_first():
    found = space(b={"low": 1, "high": 3, "when": {"a": "x"}}, a={"choices": ["x", "y"]})
    assert [dimension.key for dimension in found.dimensions] == ["a", "b"]
    assert list(found.examples()) == [{"a": "x", "b": 1}, {"a": "y"}, {"a": "x", "b": 3}]


@pytest.mark.parametrize(
    ("key", "value", "typed"),
    [("a", 0.1, "a=0.1"), ("a", 3, "a=3"), ("a", "sgd", "a=sgd"), ("a", None, "a=null"), ("a", True, "a=true")],
)
def test_a_choice_as_it_is_typed(key, value, typed):
    assert override(key, value) == typed


@pytest.mark.parametrize(
    ("space", "said"),
    [
        ("{}", "a search needs options to range over"),
        ("{seed: 3}", "an option to search over is"),
        ("{seed: {low: 3, high: 3}}", "the range from 3 to 3 is empty"),
        ("{seed: {low: 0, high: 3, log: true}}", "begins above 0"),
        ("{seed: {low: 0, high: 3, step: 0}}", "step is a number above 0"),
        ("{seed: {low: 0, hihg: 3}}", "did you mean 'high'?"),
        ("{seed: {choices: []}}", "choices is a list of at least one value"),
        ("{seed: {low: 0, high: 3, when: {sed: 1}}}", "when names 'sed'"),
        ("{seed: {low: 0, high: 3, when: {seed: 1}}}", "depend on each other"),
        ("{seed: {low: -3, high: 3}}", "must be at least 0, found -3"),
        ("{optimizer.learning_rte: {low: 1.0, high: 3.0}}", "did you mean 'learning_rate'?"),
    ],
)
def test_a_space_that_cannot_be_is_refused_before_anything_runs(sweep, space, said):
    with pytest.raises(ConfigError) as caught:
        sweep(*SEARCH, f"sweep.search.space={space}")
    assert said in screen(caught.value)
    assert not Path("s").exists()


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("sweep.search.sampler={type: tpee}", "did you mean 'tpe'?"),
        ("sweep.search.sampler={type: tpe, n_startup_trial: 3}", "did you mean 'n_startup_trials'?"),
        ("sweep.search.pruner={type: median, n_startup_trials: -3}", "pruner median cannot be made"),
        ("sweep.processes=2", "a search runs its trials in this process"),
        ("seed=1,2", "a search proposes the values itself"),
    ],
)
def test_a_search_that_cannot_be_is_refused(sweep, word, said):
    with pytest.raises(ConfigError) as caught:
        sweep(*SEARCH, f"sweep.search.space={{{RATE}}}", word)
    assert said in screen(caught.value)


def test_without_optuna_one_line_says_how_to_install_it(sweep, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(SweepError, match=r"pip install 'graphwright\[search\]'"):
        start_sweep(parse(["-m", *SEARCH, f"sweep.search.space={{{RATE}}}", "hydra.sweep.dir=s"]))
