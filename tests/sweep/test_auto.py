"""`-m resume=auto`: the newest sweep of the same trials of which some are missing or failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from framework.config.arguments import parse
from framework.config.loader import Source
from framework.errors import ConfigError
from framework.launch import prepare, start, start_sweep
from framework.sweep.ledger import Ledger
from framework.train.folder import RunFolder


def unfinished(folder: str) -> None:
    """Leaves a sweep as a kill does before its last trial has finished."""
    ledger = Path(folder, "ledger.jsonl")
    ledger.write_text("".join(ledger.read_text().splitlines(keepends=True)[:-1]))


@pytest.fixture
def many(small, tmp_path, monkeypatch):
    """Runs a sweep in a folder of its own below `multirun`."""
    monkeypatch.chdir(tmp_path)

    def run(name: str, *words: str) -> int:
        return start_sweep(parse(["-m", *small, f"hydra.sweep.dir=multirun/{name}", "sweep.pictures=false", *words]))

    return run


@pytest.fixture
def auto(small):
    return lambda *words: start_sweep(parse(["-m", *small, "resume=auto", "sweep.pictures=false", *words]))


def test_the_newest_unfinished_sweep_of_the_same_trials_goes_on(many, auto, capsys):
    for name, words in (("a", ["seed=1,2"]), ("b", ["seed=1,2"]), ("c", ["seed=1,2"]), ("d", ["seed=1,2,3"])):
        assert many(name, *words) == 0
        ledger = Path("multirun", name, "ledger.jsonl")  # one second after the other
        ledger.write_text(
            ledger.read_text().replace(Ledger.read(ledger.parent).about["started"], f"2026-01-0{name}", 1)
        )
    for name in "abd":
        unfinished(f"multirun/{name}")
    before = {name: Path("multirun", name, "ledger.jsonl").read_bytes() for name in "abcd"}
    untouched = Path("multirun/b/0/metrics.csv").stat().st_mtime_ns
    assert auto("seed=range(1,3)") == 0  # the trials count, not how they are written
    assert "going on with multirun/b\n" in capsys.readouterr().out
    after = {name: Path("multirun", name, "ledger.jsonl").read_bytes() for name in "abcd"}
    assert {name for name in "abcd" if after[name] != before[name]} == {"b"}
    assert Path("multirun/b/0/metrics.csv").stat().st_mtime_ns == untouched
    with RunFolder(Path("multirun/a")).locked(resume=True):  # one that runs is left alone
        assert auto("seed=1,2", "hydra.sweep.dir=multirun/new") == 0
    assert "no unfinished sweep of these trials; starting one" in capsys.readouterr().out
    assert Ledger.read(Path("multirun/new")).outcomes.keys() == Ledger.read(Path("multirun/b")).outcomes.keys()


def test_it_is_looked_for_in_the_folder_that_is_given_and_takes_options_of_the_sweep(sweep, auto, capsys):
    assert sweep("optimizer.learning_rate=1e38,0.1", "schedule=constant", "sweep.on_failure=stop") == 1
    words = ["optimizer.learning_rate=1e38,0.1", "schedule=constant", "hydra.sweep.dir=s", "sweep.on_failure=continue"]
    assert auto(*words) == 1
    assert [outcome.state for outcome in Ledger.read(Path("s")).outcomes.values()] == ["failed", "finished"]


def test_a_search_goes_on_whose_command_is_the_same(sweep, auto, capsys):
    words = ["sweep=optuna", "sweep.search.sampler={type: random}"]
    space = "sweep.search.space={optimizer.learning_rate: {low: 0.001, high: 1.0, log: true}}"
    assert sweep(*words, space, "sweep.search.trials=2") == 0
    assert auto(*words, space, "sweep.search.trials=3", "hydra.sweep.dir=s") == 0
    assert "going on with s\n" in capsys.readouterr().out
    assert len(Ledger.read(Path("s")).outcomes) == 3


def test_a_run_by_itself_does_not_take_over_a_trial(many, small, capsys):
    """A trial belongs to its sweep, which goes on with it; by its folder, it can be gone on with alone."""
    assert many("a", "seed=1,2") == 0
    status = Path("multirun/a/1/status.json")
    status.write_text(status.read_text().replace('"finished"', '"stopped"'))
    assert start(prepare([*small, "seed=2"], Source(resume=Path("auto")))) == 0
    assert "no unfinished run of this configuration; starting one" in capsys.readouterr().out
    assert start(prepare([], Source(resume=Path("multirun/a/1")))) == 0
    assert '"finished"' in status.read_text()


def test_what_is_wrong_with_the_command_is_said_before_anything_is_looked_for(auto):
    with pytest.raises(ConfigError):
        auto("seed=1,-2")
