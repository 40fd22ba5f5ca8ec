"""The picture of a run is drawn of what its table holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.image import imread

from framework.errors import RunFolderError
from framework.train.curves import Curves, draw, read_curves
from framework.train.observer import Moment

TABLE = """step,epoch,train/loss,train/accuracy,validation/loss,learning_rate
2,1,2.0,nan,,0.1
4,1,1.0,0.5,1.5,0.1
6,2,inf,0.75,,0.1
8,2,0.5,0.875,1.25,0.1
"""


def test_curves_are_finite_points_by_number_and_split(tmp_path: Path):
    (tmp_path / "metrics.csv").write_text(TABLE)
    assert read_curves(tmp_path / "metrics.csv") == {
        "loss": {"train": [(2, 2.0), (4, 1.0), (8, 0.5)], "validation": [(4, 1.5), (8, 1.25)]},
        "accuracy": {"train": [(4, 0.5), (6, 0.75), (8, 0.875)]},
    }


def test_both_splits_are_in_the_picture(tmp_path: Path):
    (tmp_path / "metrics.csv").write_text(TABLE)
    Curves(tmp_path / "metrics.csv", tmp_path / "curves.png", "a run").end(Moment(8, 8, 4))
    pixels = (imread(tmp_path / "curves.png")[..., :3] * 255).round().astype(int).reshape(-1, 3)
    for colour in ([0x8D, 0x99, 0xAE], [0xD1, 0x49, 0x5B]):
        assert (pixels == colour).all(axis=1).sum() > 100


@pytest.mark.parametrize("table", ["", "step,epoch,train/loss\n", "step,epoch,train/loss\n1,1,nan\n"])
def test_nothing_is_drawn_of_nothing(tmp_path: Path, table: str):
    (tmp_path / "metrics.csv").write_text(table)
    Curves(tmp_path / "metrics.csv", tmp_path / "curves.png", "a run").end(Moment(1, 1, 1))
    assert not (tmp_path / "curves.png").exists()


@pytest.mark.parametrize("title", ["a$^$", "$\\frac$", "50% {x}_y"])
def test_a_title_is_no_formula(tmp_path: Path, title: str):
    (tmp_path / "metrics.csv").write_text(TABLE.replace("accuracy", title))
    draw(tmp_path / "metrics.csv", tmp_path / "curves.png", title)
    assert imread(tmp_path / "curves.png").size


def test_a_picture_that_cannot_be_written_is_a_mistake_of_the_user(tmp_path: Path):
    (tmp_path / "metrics.csv").write_text(TABLE)
    with pytest.raises(RunFolderError, match=r"cannot write '.*curves\.png': No such file or directory"):
        draw(tmp_path / "metrics.csv", tmp_path / "gone" / "curves.png", "a run")


def test_five_numbers_take_two_rows(tmp_path: Path):
    names = [f"train/m{k}" for k in range(5)]
    rows = [",".join(["step", "epoch", *names]), "1,1,1,2,3,4,5", "2,1,2,3,4,5,6"]
    (tmp_path / "metrics.csv").write_text("\n".join(rows) + "\n")
    Curves(tmp_path / "metrics.csv", tmp_path / "curves.png", "a run").end(Moment(2, 2, 2))
    height, width = imread(tmp_path / "curves.png").shape[:2]
    assert width > 1.5 * height > 0
    assert height > 900


def test_importing_a_run_loads_no_matplotlib():
    code = "import sys, framework.train.curves; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
