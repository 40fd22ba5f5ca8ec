"""The metrics table: a row a step, the same bytes for the same run, no gap and nothing twice after a resume."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest

from framework.errors import RunFolderError
from framework.train.observer import Moment, Reports
from framework.train.table import Table, last_numbers, read

COLUMNS = ["train/loss", "validation/loss", "learning_rate"]


def one(step: int, means: dict[str, float]) -> Reports:
    """A single report."""
    return Reports(np.array([step]), {name: np.array([number]) for name, number in means.items()})


def play(table: Table, first: int, last: int) -> None:
    """Reports every 2 steps, evaluates every 4, ten steps an epoch."""
    for step in range(first, last + 1):
        moment = Moment(step, 20, 10, examples_per_second=1000.0 * step)
        table.advanced(moment, {"loss": 9.0})
        if step % 2 == 0:
            table.reported(moment, one(step, {"train/loss": 1 / step, "learning_rate": 0.1}))
        if step % 4 == 0:
            table.evaluated(moment, {"validation/loss": 2 / step, "validation/unknown": 1.0})


def test_a_row_a_step_with_every_digit(tmp_path: Path):
    table = Table(tmp_path / "metrics.csv", COLUMNS)
    play(table, 1, 12)
    table.end(Moment(12, 20, 10))
    assert (tmp_path / "metrics.csv").read_text().splitlines() == [
        "step,epoch,train/loss,validation/loss,learning_rate",
        "2,1,0.5,,0.1",
        "4,1,0.25,0.5,0.1",
        "6,1,0.16666666666666666,,0.1",
        "8,1,0.125,0.25,0.1",
        "10,1,0.1,,0.1",
        "12,2,0.08333333333333333,0.16666666666666666,0.1",
    ]


def test_every_row_is_in_the_file_at_once(tmp_path: Path):
    table = Table(tmp_path / "metrics.csv", COLUMNS)
    moment = Moment(4, 20, 10)
    table.reported(moment, one(4, {"train/loss": 1.0}))
    assert read(tmp_path / "metrics.csv")[-1]["train/loss"] == "1.0"
    table.evaluated(moment, {"validation/loss": 2.0})
    (row,) = read(tmp_path / "metrics.csv")
    assert (row["train/loss"], row["validation/loss"]) == ("1.0", "2.0")


def test_many_reports_at_once_are_the_rows_of_as_many_calls(tmp_path: Path):
    single, joined = Table(tmp_path / "single.csv", COLUMNS), Table(tmp_path / "joined.csv", COLUMNS)
    play(single, 1, 20)
    for last in range(4, 24, 4):
        steps, moment = np.array([last - 2, last]), Moment(last, 20, 10)
        joined.reported(moment, Reports(steps, {"train/loss": 1 / steps, "learning_rate": np.array([0.1, 0.1])}))
        joined.evaluated(moment, {"validation/loss": 2 / last})
    assert (tmp_path / "joined.csv").read_bytes() == (tmp_path / "single.csv").read_bytes()


@pytest.mark.parametrize("stopped", [13, 16, 17, 19])
def test_a_resumed_run_writes_the_file_of_an_unbroken_one(tmp_path: Path, stopped: int):
    whole = Table(tmp_path / "whole.csv", COLUMNS)
    play(whole, 1, 20)
    broken = Table(tmp_path / "broken.csv", COLUMNS)
    play(broken, 1, stopped)
    with (tmp_path / "broken.csv").open("a") as stream:
        stream.write("18,2,0.0")  # killed in the middle of a row
    resumed = Table(tmp_path / "broken.csv", COLUMNS, resumed_step=12)
    assert [row["step"] for row in read(tmp_path / "broken.csv")] == ["2", "4", "6", "8", "10", "12"]
    play(resumed, 13, 20)
    assert (tmp_path / "broken.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_new_run_starts_with_an_empty_table(tmp_path: Path):
    play(Table(tmp_path / "metrics.csv", COLUMNS), 1, 20)
    Table(tmp_path / "metrics.csv", COLUMNS)
    assert read(tmp_path / "metrics.csv") == []
    assert read(tmp_path / "no.csv") == []


@pytest.mark.parametrize(
    "damage", [b"\0\0\0\0\n", b"\xff\xfe,1,2,3,4\n", b"8,2,1.0\n", b"8,2,1.0,,0.1,7\n", b"8,2,1.0,#,0.1\n", b"\n", b"8"]
)
def test_a_row_that_a_crash_of_the_machine_damaged_is_left_out(tmp_path: Path, damage: bytes):
    header = b"step,epoch,train/loss,validation/loss,learning_rate\n"
    rows = b"2,1,0.5,,0.1\n4,1,nan,0.5,0.1\n"
    path = tmp_path / "metrics.csv"
    path.write_bytes(header + rows + damage)
    assert [row["step"] for row in read(path)] == ["2", "4"]
    Table(path, COLUMNS, resumed_step=12)
    assert path.read_bytes() == header + rows


def test_the_last_number_of_each_column(tmp_path: Path):
    (tmp_path / "metrics.csv").write_text("step,epoch,train/loss,validation/loss,rate\n4,1,0.5,0.75,\n6,1,0.25,,\n")
    assert last_numbers(tmp_path / "metrics.csv") == {"train/loss": 0.25, "validation/loss": 0.75}
    assert last_numbers(tmp_path / "no.csv") == {}


def test_numbers_that_are_not_finite_are_written(tmp_path: Path):
    table = Table(tmp_path / "metrics.csv", COLUMNS)
    table.reported(Moment(1, 20, 10), one(1, {"train/loss": float("inf"), "learning_rate": float("nan")}))
    assert (tmp_path / "metrics.csv").read_text().splitlines()[1] == "1,1,inf,,nan"


def test_a_disk_that_takes_no_more_is_a_mistake_of_the_user(tmp_path: Path):
    table = Table(tmp_path / "metrics.csv", COLUMNS)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60, before[1]))
    try:
        with pytest.raises(RunFolderError, match=r"cannot write '.*metrics\.csv': File too large"):
            play(table, 1, 20)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="cannot write"):
        Table(tmp_path / "file" / "metrics.csv", COLUMNS)
