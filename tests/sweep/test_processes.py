"""Trials in processes of their own: the same numbers, whatever happens to one of the processes."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import api_pb2, metadata

from framework.config.loader import Source
from framework.launch import prepare
from framework.sweep.isolated import Processes
from framework.sweep.ledger import Ledger
from framework.train.folder import RunFolder
from framework.train.run import run

LONG = ["trainer.epochs=80", "trainer.checkpoint_every=20 epoch", "schedule=constant"]


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The processes of these trials are killed once each, when they have saved something."""
    names, start = [], Processes._process

    def started(self, trial):
        process = start(self, trial)
        if trial.folder in names:
            names.remove(trial.folder)
            while not any((self.path / trial.folder / "checkpoints").glob("step-*")):
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        return process

    monkeypatch.setattr(Processes, "_process", started)
    return names


def outcomes() -> dict[str, str]:
    ledger = Ledger.read(Path("s"))
    return {ledger.frozen[id]["folder"]: outcome.state for id, outcome in ledger.outcomes.items()}


def session(folder: str):
    """How TensorBoard says that a trial ended."""
    content = EventAccumulator(folder).Reload().PluginTagToContent(metadata.PLUGIN_NAME)[metadata.SESSION_END_INFO_TAG]
    return metadata.parse_session_end_info_plugin_data(content).status


def test_a_trial_whose_process_is_killed_fails_alone_and_goes_on_where_it_was(sweep, go_on, small, kills, capsys):
    kills.append("1")
    assert sweep(*LONG, "seed=1,2", "sweep.processes=2") == 1
    assert outcomes() == {"0": "finished", "1": "failed"}
    said = "its process was killed by SIGKILL, as by a system that is out of memory, before it was done"
    assert Path("s/1/error.txt").read_text() == f"{said}\n"
    assert f"trial 1  {said}  (s/1/error.txt)" in capsys.readouterr().out
    assert (session("s/0"), session("s/1")) == (api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE)
    untouched = Path("s/0/metrics.csv").stat().st_mtime_ns
    assert go_on() == 0
    assert "going on from step" in Path("s/1/log.txt").read_text()
    assert not Path("s/1/error.txt").exists()
    assert session("s/1") == api_pb2.STATUS_SUCCESS
    assert Path("s/0/metrics.csv").stat().st_mtime_ns == untouched
    alone = prepare([*small, *LONG, "seed=2"], Source())
    run(alone.experiment, Path("alone"), alone.composed)
    assert Path("s/1/metrics.csv").read_bytes() == Path("alone/metrics.csv").read_bytes()


def test_a_killed_process_is_tried_again(sweep, kills):
    kills.append("0")
    assert sweep(*LONG, "seed=1", "sweep.processes=1", "sweep.retry=1") == 0
    assert [outcome.attempt for outcome in Ledger.read(Path("s")).outcomes.values()] == [2]


def test_a_process_whose_trial_diverges_may_end_the_sweep(sweep):
    words = ["optimizer.learning_rate=1e38,0.1", "schedule=constant", "sweep.processes=1", "sweep.retry=1"]
    assert sweep(*words, "sweep.on_failure=stop") == 1
    assert outcomes() == {"0": "failed", "1": "waiting"}
    assert "DivergenceError" in (next(iter(Ledger.read(Path("s")).outcomes.values())).error or "")


def test_a_process_that_outlived_its_sweep_is_waited_for(sweep, go_on, capsys):
    assert sweep("seed=1,2") == 0
    lines = Path("s/ledger.jsonl").read_text().splitlines(keepends=True)
    Path("s/ledger.jsonl").write_text("".join(lines[:-1]))  # the last trial is running, for all the sweep knows
    with RunFolder(Path("s/1")).locked(resume=True):
        going = threading.Thread(target=go_on)
        going.start()
        going.join(3)
        assert going.is_alive()
    going.join()
    assert "waiting for 's/1'" in capsys.readouterr().out
    assert outcomes() == {"0": "finished", "1": "finished"}
