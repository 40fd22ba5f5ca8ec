"""What the framework says reaches the terminal and the log, whenever it is said."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from framework.errors import RunFolderError
from framework.train.log import logged, remembered

LOG = logging.getLogger("framework")


def test_warnings_are_on_the_terminal_once_and_all_is_in_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "log.txt"
    with remembered() as said:
        LOG.warning("before there is a folder")
        LOG.info("for the file alone")
        with logged(path, said):
            LOG.warning("while it runs")
    assert capsys.readouterr().err == "before there is a folder\nwhile it runs\n"
    lines = [line.split(" ", 2)[2] for line in path.read_text().splitlines()]
    assert lines == ["WARNING before there is a folder", "INFO for the file alone", "WARNING while it runs"]


def test_nothing_is_heard_any_more_afterwards(tmp_path: Path):
    before = list(LOG.handlers)
    with logged(tmp_path / "log.txt"):
        assert LOG.handlers != before
    assert LOG.handlers == before


def test_a_log_that_cannot_be_written_is_one_mistake(tmp_path: Path):
    with pytest.raises(RunFolderError, match="cannot write"), logged(tmp_path / "no folder" / "log.txt"):
        pass
