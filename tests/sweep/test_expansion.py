"""From a command line to frozen trials: what they are, and what is wrong with them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from framework.config.arguments import parse
from framework.config.loader import ROOT
from framework.config.report import screen
from framework.errors import ConfigError
from framework.launch import prepare_sweep


def expanded(*words: str):
    return prepare_sweep(parse(["-m", "model=perceptron", "dataset=iris", "optimizer=sgd", *words]))


def refused(*words: str) -> str:
    with pytest.raises(ConfigError) as caught:
        expanded(*words)
    return screen(caught.value)


def test_trials_that_differ_in_values_alone_share_a_program():
    trials = expanded("optimizer.learning_rate=0.1,0.2", "seed=range(3)", "trainer.batch_size=16,32").trials
    assert len(trials) == 12
    assert len({trial.fingerprint for trial in trials}) == 2
    assert trials[1].changed == ("optimizer.learning_rate=0.1", "seed=0", "trainer.batch_size=32")


def test_an_id_is_that_of_the_configuration_and_of_no_position():
    ids = {trial.tree["seed"]: trial.id for trial in expanded("seed=1,2,3").trials}
    assert {trial.tree["seed"]: trial.id for trial in expanded("seed=3,1").trials} == {3: ids[3], 1: ids[1]}
    assert expanded("seed=1,2", "sweep.retry=3").trials[0].id == ids[1]


def test_a_combination_that_is_there_twice_is_run_once():
    found = expanded("seed=1,2,1,1")
    assert ([trial.tree["seed"] for trial in found.trials], found.repeated) == ([1, 2], 2)


def test_glob_matches_files_of_a_group():
    choices = [trial.choices["metrics"] for trial in expanded("metrics=glob(class*)").trials]
    assert choices == ["classification"]


def test_files_may_say_what_is_ranged_over(tmp_path: Path):
    (tmp_path / "mine.yaml").write_text(
        "# @package _global_\nhydra: {sweeper: {params: {seed: '1,2,3', optimizer.learning_rate: '0.5,0.25'}}}\n"
    )
    (tmp_path / "sweep").mkdir()
    (tmp_path / "experiments").mkdir()
    (tmp_path / "mine.yaml").rename(tmp_path / "experiments" / "mine.yaml")
    trials = expanded("--config-dir", str(tmp_path), "experiments=mine", "seed=7").trials
    assert [(trial.tree["seed"], trial.tree["optimizer"]["learning_rate"]) for trial in trials] == [(7, 0.5), (7, 0.25)]


def test_all_that_is_wrong_is_listed_and_nothing_runs():
    text = refused("optimizer.learning_rate=0.1,-1,fast", "trainer.keep=0")
    assert "command line  trainer.keep=0\n  must be at least 1, found 0" in text
    assert "command line  optimizer.learning_rate=-1\n" in text
    assert "command line  optimizer.learning_rate=fast\n" in text
    assert text.endswith("3 mistakes; nothing was run")


def test_wrong_ones_may_be_skipped_but_not_all_of_them():
    found = expanded("seed=1,-1,2", "sweep.on_invalid=skip")
    assert [trial.position for trial in found.trials] == [0, 2]
    assert [one.changed for one in found.invalid] == [("seed=-1",)]
    assert "must be at least 0, found -1" in refused("seed=-1,-2", "sweep.on_invalid=skip")


def test_an_override_that_no_trial_can_accept_is_said_once():
    text = refused("seed=1,2,3", "optimizer.learning_rte=0.1")
    assert text.count("did you mean 'learning_rate'?") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["seed=1,2", "sweep.metric=test/acuracy"], "did you mean 'test/accuracy'?"),
        (["seed=1,2", "sweep.retry=-1"], "must be at least 0, found -1"),
        (["seed=1,2", "sweep.retry=1,2"], "the options of a sweep are the same for all of its trials"),
        (["seed=1,2", "sweep.on_failure=go"], "must be 'continue' or 'stop', found 'go'"),
        (["seed=1,2", "sweep.retries=2"], "did you mean 'retry'?"),
        (["seed=range(0)"], "command line  seed=range(0)\n  this ranges over nothing"),
    ],
)
def test_options_of_the_sweep_are_checked(words, said):
    assert said in refused(*words)


def test_a_thousand_trials_are_frozen_in_seconds(monkeypatch):
    monkeypatch.chdir(ROOT)
    began = time.process_time()
    found = expanded("optimizer.learning_rate=range(0.001,0.1,0.001)", "seed=range(11)")
    assert len(found.trials) > 1000
    assert time.process_time() - began < 10
