"""A sample of what experiments/fuzzing tries: no mutant of a configuration and no damaged file may crash anything."""

from __future__ import annotations

import importlib
import logging
import sys
from pathlib import Path

import pytest

from framework.config.loader import ROOT

FOLDER = ROOT / "experiments" / "fuzzing"


@pytest.fixture(scope="module")
def fuzzing(tmp_path_factory):
    """The modules of the folder, while it is on the path and no timer is left behind."""
    before = list(sys.path)
    sys.path.insert(0, str(FOLDER))
    yield lambda name: importlib.import_module(name)
    sys.path[:] = before


def test_mutants_of_configurations_are_planned_or_answered(fuzzing, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = fuzzing("configurations").Fuzzer(tmp_path / "fuzz", 11, steps=0).run(0, 100)
    assert report.failures == []
    assert report.tried == 100
    assert min(report.planned, report.refused) > 5


NAMES = (
    "checkpoint", "status.json", "data.json", "config.yaml", "metrics.csv", "conf/*.yaml", "overrides", "expression",
    "csv", "parquet", "npz", "idx", "tar", "images", "text",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_readers_read_damaged_files_or_refuse_them(name, fuzzing, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging.getLogger("framework"), "disabled", True)
    count = 25 if name in ("config.yaml", "expression") else 100
    folder = Path(tmp_path, "input")
    folder.mkdir()
    report = fuzzing("readers").fuzz(fuzzing("reader_targets").READERS[name](), count, 11, folder)
    assert report.crashes == []
    assert (report.tried, report.accepted + report.refused) == (count, count)
    assert report.refused > 0 or name == "metrics.csv"  # what is damaged there is left out


def test_every_reader_is_tried(fuzzing):
    assert {*NAMES, "graphdef"} == fuzzing("reader_targets").READERS.keys()  # the latter in test_hostile.py
