"""A sample of what experiments/fuzzing tries: no mutant of a configuration and no damaged file may crash anything."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from experiments.fuzzing import report as reports
from experiments.fuzzing.configurations import Fuzzer
from experiments.fuzzing.readers import fuzz
from experiments.fuzzing.report import Report, Unanswered, record, recorded
from experiments.fuzzing.targets import READERS


def test_mutants_of_configurations_are_planned_or_answered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = Report(11)
    Fuzzer(tmp_path / "fuzz", report, steps=0).run(100)
    assert report.failures == []
    assert report.tried == 100
    assert min(report.counts["accepted"], report.counts["refused"]) > 5


NAMES = (
    "checkpoint", "status.json", "data.json", "config.yaml", "metrics.csv", "conf/*.yaml", "overrides", "expression",
    "csv", "parquet", "npz", "idx", "tar", "images", "text",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_readers_read_damaged_files_or_refuse_them(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging.getLogger("framework"), "disabled", True)
    folder, report = Path(tmp_path, "input"), Report(11)
    folder.mkdir()
    fuzz(READERS[name](), report, 100, folder)
    assert report.failures == []
    assert (report.tried, report.counts["accepted"] + report.counts["refused"]) == (100, 100)
    assert report.counts["refused"] > 0 or name == "metrics.csv"  # what is damaged there is left out


@pytest.mark.parametrize("name", NAMES)
def test_what_readers_are_given_to_damage_is_valid(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reader = READERS[name]()
    for number, files in enumerate(reader.seeds):
        folder = tmp_path / str(number)
        for file, content in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content)
        reader.read(folder)


def test_every_reader_is_tried():
    assert {*NAMES, "graphdef"} == READERS.keys()  # the latter in test_hostile.py


def hang():
    while True:
        pass


def wrong():
    raise Unanswered("no place")


def test_a_report_counts_what_answers_and_keeps_what_does_not(monkeypatch, capfd):
    monkeypatch.setattr(reports, "HANGS_AFTER", 0.2)
    report = Report(1)
    for name, action in (("a", lambda: "accepted"), ("b", lambda: 1 / 0), ("c", hang), ("d", wrong)):
        report.attempt(name, action)
    assert (report.tried, report.counts) == (4, {"accepted": 1})
    beginnings = ("b: ZeroDivisionError: 'division by zero' in a library", "c: hangs in a library", "d: no place")
    assert tuple(report.failures) == beginnings
    assert report.slowest_name == "c"
    assert report.slowest > 0.1  # the alarm's clock and the report's differ by some milliseconds


def test_reports_go_on_and_their_rows_stand_beside_those_of_others(tmp_path, monkeypatch):
    monkeypatch.setattr(reports, "RESULTS", tmp_path / "results.json")
    (tmp_path / "README.md").write_text("before\n\n<!-- readers -->\nold\n<!-- /readers -->\n\nafter\n")
    first, second = Report(7), Report(7)
    for report in (first, second):
        report.attempt("a", lambda: "accepted")
    record("readers: csv", first)
    record("readers: npz", second)
    found = recorded("readers: csv", 7)
    assert found == first
    found.attempt("b", lambda: "refused")
    record("readers: csv", found)
    assert recorded("readers: csv", 8) == Report(8)
    assert recorded("readers: csv", 7).tried == 2
    assert json.loads((tmp_path / "results.json").read_text()).keys() == {"readers: csv", "readers: npz"}
    text = (tmp_path / "README.md").read_text()
    assert "| csv | 7 | 2 | 1 | 1 | 0 |" in text
    assert "| npz | 7 | 1 | 1 | 0 | 0 |" in text
    assert "old" not in text
    assert (text.startswith("before"), text.endswith("after\n")) == (True, True)
