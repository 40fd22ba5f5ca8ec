"""A launcher of Hydra's that fails: what still runs is waited for, what has not begun is given up."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
from hydra.core.hydra_config import HydraConfig

from framework import launch
from framework.sweep.ledger import Ledger
from framework.train.folder import is_locked

LONG = ["trainer.epochs=80", "schedule=constant"]


class OneWorkerDies:
    """Never begins the first job, and fails for that while the second runs; the third comes after that."""

    def __init__(self, task, monkeypatch: pytest.MonkeyPatch):
        self.task, self.monkeypatch = task, monkeypatch
        self.others, self.answers = Thread(target=self._run_others), []

    def launch(self, job_overrides, initial_job_idx):
        self.others.start()
        while not is_locked(Path("s/1")):
            time.sleep(0.01)
        raise RuntimeError("the worker died")

    def _run_others(self) -> None:
        for number in (1, 2):
            config = SimpleNamespace(job=SimpleNamespace(num=number))
            self.monkeypatch.setattr(HydraConfig, "get", lambda config=config: config)
            self.answers.append(self.task(None))


def test_when_a_launcher_fails_trials_that_run_are_waited_for_and_none_begins(sweep, go_on, monkeypatch, capsys):
    folder = Path.cwd()
    launchers: list[OneWorkerDies] = []

    def made(task) -> OneWorkerDies:
        launchers.append(OneWorkerDies(task, monkeypatch))
        return launchers[-1]

    monkeypatch.setattr(launch, "_launcher_of", lambda config, loader: made)
    monkeypatch.setattr(logging.getLogger("framework"), "propagate", True)  # and so it is afterwards
    assert sweep(*LONG, "seed=1,2,3") == 1
    launchers[0].others.join()
    ledger = Ledger.read(Path("s"))
    states = {ledger.frozen[id]["folder"]: outcome.state for id, outcome in ledger.outcomes.items()}
    assert states == {"0": "failed", "1": "finished", "2": "failed"}
    assert launchers[0].answers == [0, 1]
    assert not Path("s/1/error.txt").exists()
    assert not Path("s/2/status.json").exists()
    assert "the launcher failed: RuntimeError: the worker died" in Path("s/log.txt").read_text()
    assert "1 finished" in capsys.readouterr().out
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert go_on() == 0
    assert not Path("s/2/error.txt").exists()
