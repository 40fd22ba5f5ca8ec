"""Trials that run at once: equal to runs alone but for rounding, and each unharmed by what becomes of the others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from framework.config.loader import ROOT, Source
from framework.launch import prepare
from framework.plan import plan
from framework.sweep import vectorization
from framework.sweep.ledger import Ledger
from framework.sweep.vectorization import Choice, Costs, Pace, choose
from framework.train.past_run import Run
from framework.train.run import run
from framework.train.table import read
from tests.sweep.conftest import SMALL, read_table

RATES = "optimizer.learning_rate=0.1,0.2,0.4"
# Sums are taken in another order; what that changes grows with the steps.
TOLERANCE = 1e-4


def alone(*words: str) -> Path:
    """The folder of a run of the same options by itself."""
    prepared = prepare([*SMALL, *words], Source())
    run(prepared.experiment, Path("alone"), prepared.composed)
    return Path("alone")


def assert_equal_tables(found: Path, expected: Path) -> None:
    rows, others = read(found / "metrics.csv"), read(expected / "metrics.csv")
    assert [row["step"] for row in rows] == [row["step"] for row in others]
    for row, other in zip(rows, others, strict=True):
        assert {name for name, text in row.items() if text} == {name for name, text in other.items() if text}
        for name, text in other.items():
            if text:
                assert float(row[name]) == pytest.approx(float(text), rel=TOLERANCE, abs=TOLERANCE), name


def groups() -> list[dict[str, object]]:
    """What the ledger says of how groups ran."""
    lines = [json.loads(line) for line in Path("s/ledger.jsonl").read_text().splitlines()]
    return [line for line in lines if "group" in line]


@pytest.mark.parametrize("execution", ["loop", "step"])
def test_a_trial_is_the_run_alone_within_rounding(sweep, execution, capsys):
    drop = ["model.layers.fc2.type=dropout", "~model.layers.fc2.units", "~model.layers.fc2.activation"]
    drop.append("model.layers.fc2.rate=0.3")
    options = [
        "optimizer=adam",
        "model=mlp",
        *drop,
        f"trainer.execution={execution}",
        "trainer.checkpoint_every=3 steps",
    ]
    assert sweep(*options, "optimizer.learning_rate=0.01,0.02", "seed=5,6,7", "sweep.vectorize=4") == 0
    folder = alone(*options, "optimizer.learning_rate=0.02", "seed=6")
    assert_equal_tables(Path("s/4"), folder)
    assert Path("s/4/config.yaml").read_bytes() == Path("alone/config.yaml").read_bytes()
    for which in ("latest", "best"):
        found, expected = Run("s/4", which).checkpoint, Run("alone", which).checkpoint
        assert found.step == expected.step
        assert found.state.keys() == expected.state.keys()
        for name in expected.state:
            np.testing.assert_allclose(found.state[name], expected.state[name], TOLERANCE, TOLERANCE, err_msg=name)
    assert Run("s/4").evaluate("test") == pytest.approx(Run("alone").evaluate("test"), rel=TOLERANCE)
    assert [(group["at_once"], group["why"]) for group in groups()] == [(3, "sweep.vectorize=4")]  # 6 in equal parts
    assert "3 at once" in capsys.readouterr().out


@pytest.mark.parametrize("on_nan", ["stop", "skip", "rollback"])
def test_a_trial_that_diverges_harms_no_other(sweep, on_nan):
    options = ["schedule=constant", f"trainer.on_nan={on_nan}", "trainer.epochs=4", "trainer.batch_size=20"]
    rates = "optimizer.learning_rate=0.1,1e38,0.2"
    status = sweep(rates, *options, "sweep.vectorize=off")
    one_after_another = {row["trial"]: row for row in read_table()}
    Path("s").rename("others")
    assert sweep(rates, *options, "sweep.vectorize=3") == status
    rows = {row["trial"]: row for row in read_table()}
    assert [rows[name]["state"] for name in "012"] == [one_after_another[name]["state"] for name in "012"]
    assert rows["0"]["state"] == rows["2"]["state"] == "finished"
    assert on_nan != "stop" or "DivergenceError: the loss is" in rows["1"]["error"]
    for name in "02":
        assert_equal_tables(Path("s", name), Path("others", name))


def test_early_stopping_ends_one_trial_alone(sweep):
    options = ["trainer.epochs=6", "trainer.early_stop={monitor: validation/loss, patience: 2, min_delta: 0.01}"]
    assert sweep(*options, "optimizer.learning_rate=1e-9,0.2", "sweep.vectorize=2", "schedule=constant") == 0
    stopped, other = Run("s/0").status, Run("s/1").status
    assert stopped.step < stopped.total_steps == other.step
    assert_equal_tables(Path("s/1"), alone(*options, "optimizer.learning_rate=0.2", "schedule=constant"))


def test_trials_of_other_lengths_run_at_once(sweep):
    assert sweep("trainer.epochs=1,3", "seed=1,2", "schedule=constant", "sweep.vectorize=4") == 0
    assert_equal_tables(Path("s/3"), alone("trainer.epochs=3", "seed=2", "schedule=constant"))
    assert [Run(f"s/{k}").status.step for k in range(4)] == [2, 2, 6, 6]


KILLED = """
import os, signal, sys, threading
from framework.sweep import hosting
from framework.config.arguments import parse
from framework.launch import start_sweep
hosting._SAVE_SECONDS = 0.0
keep, kept, one_at_a_time = hosting.TrialCheckpoints.keep_latest, [], threading.Lock()
def keep_and_die(self):
    with one_at_a_time:
        keep(self)
        kept.append(self)
        if len(kept) == 7:
            os.kill(os.getpid(), signal.SIGKILL)
hosting.TrialCheckpoints.keep_latest = keep_and_die
start_sweep(parse(sys.argv[1:]))
"""


def test_trials_that_were_killed_together_go_on(sweep, go_on, table):
    words = ["trainer.epochs=4", RATES, "sweep.vectorize=3"]
    assert sweep(*words) == 0
    unbroken = table()
    Path("s").rename("unbroken")
    command = [sys.executable, "-c", KILLED, "-m", *SMALL, *words, "hydra.sweep.dir=s", "sweep.pictures=false"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run(command, env=environment, capture_output=True).returncode == -signal.SIGKILL
    saved = [Run(Path("s", name)).checkpoint.step for name in "012"]
    assert len(set(saved)) == 2  # one of them was an epoch ahead
    assert go_on() == 0
    for row, other in zip(table(), unbroken, strict=True):
        assert (row["trial"], row["state"]) == (other["trial"], "finished")
        for name in ("validation/loss", "test/loss"):
            assert float(row[name]) == pytest.approx(float(other[name]), rel=TOLERANCE)
    for name in "012":
        assert_equal_tables(Path("s", name), Path("unbroken", name))


def test_a_trial_that_is_tried_again_catches_up(sweep, monkeypatch, table):
    from framework.train.engine import Engine

    draw, calls = Engine.initialize, []

    def fail_once(self, first=None):
        calls.append(self)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return draw(self, first)

    monkeypatch.setattr(Engine, "initialize", fail_once)
    assert sweep(RATES, "sweep.vectorize=3", "sweep.retry=1") == 0
    assert [row["state"] for row in table()] == ["finished"] * 3
    assert sorted(outcome.attempt for outcome in Ledger.read(Path("s")).outcomes.values()) == [1, 1, 2]


def test_a_group_is_split_to_fit_the_memory(sweep, monkeypatch, capsys):
    memory = plan(prepare(SMALL, Source()).experiment).memory
    assert memory is not None
    each = memory.peak + 3 * (memory.parameters + memory.slots + memory.state)
    monkeypatch.setattr(vectorization, "free_memory", lambda: 2 * 2 * each)  # half of it holds two trials
    assert sweep(RATES, "seed=1,2", "sweep.vectorize=6") == 0
    (group,) = groups()
    assert group["at_once"] == 2
    assert "split to fit: a trial takes about" in capsys.readouterr().out


def test_what_cannot_run_at_once_says_so(sweep):
    assert sweep("trainer.summaries.histograms=true", "seed=1,2", "sweep.vectorize=2") == 0
    assert [(group["at_once"], group["why"]) for group in groups()] == [(1, "they report histograms")]


# -- the choice -------------------------------------------------------------------------------------------------------


def costs(alone: Pace, together: float = 0.0, fit: int | None = None, obstacle: str | None = None) -> Costs:
    def never(width: int) -> float:
        raise RuntimeError("this would have been compiled for nothing")

    measure = (lambda width: together) if together else never
    return Costs(lambda: obstacle, lambda: alone, measure, lambda: None if fit is None else (fit, "so much is free"))


@pytest.mark.parametrize(
    ("step", "compilation", "together", "at_once"),
    [
        (1e-4, 1.0, 0.0, 1),  # 1000 steps are a tenth of a second: not even tried
        (0.0049, 1.0, 0.0, 1),  # 4.9 s are left, less than five times what trying costs
        (0.0051, 1.0, 8 * 0.0051, 1),  # tried, and as fast
        (0.0081, 1.0, 8 * 0.0075, 1),  # tried, and not so much faster that it matters
        (0.0081, 1.0, 8 * 0.004, 8),
    ],
)
def test_auto_weighs_what_is_left_against_the_compilation(step, compilation, together, at_once):
    choice = choose("auto", 16, 1000, 8, costs(Pace(step, compilation), together))
    assert choice.at_once == at_once
    assert choice.alone_seconds == step


def test_the_choice_of_the_user_needs_no_measurement():
    unmeasured = Costs(lambda: None, lambda: 1 / 0, lambda width: 1 / 0, lambda: None)  # type: ignore[arg-type]
    assert choose("off", 16, 1000, 8, unmeasured).at_once == 1
    assert choose(1, 16, 1000, 8, unmeasured).at_once == 1
    assert choose(5, 16, 1000, 8, unmeasured) == Choice(4, "sweep.vectorize=5")  # in four equal parts
    assert choose("auto", 1, 1000, 8, unmeasured).at_once == 1


def test_the_choice_minds_the_memory_and_what_stands_in_the_way():
    assert choose(16, 16, 1000, 8, costs(Pace(1, 1), fit=4)).at_once == 4
    assert "so much is free" in choose("auto", 16, 1000, 8, costs(Pace(1, 1), 2.0, fit=3)).why
    assert choose("auto", 16, 1000, 8, costs(Pace(1, 1), fit=1)) == Choice(1, "split to fit: so much is free", 1)
    assert choose(4, 16, 1000, 8, costs(Pace(1, 1), obstacle="it checks")) == Choice(1, "it checks")
