"""The screen of mistakes, as a user sees it."""

from __future__ import annotations

import io

import pytest

from framework.config.origins import Origins, PlacedError
from framework.config.report import print_screen, screen
from framework.errors import ConfigError, DataError, GraphError, Mistake, RunFolderError


@pytest.fixture
def origins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf").mkdir()
    file = tmp_path / "conf" / "cnn.yaml"
    file.write_text("layers:\n  pool2: {type: max_pool2d}\n  fc1: {type: dense, units: '${width}'}\nwidth: 0\n")
    found = Origins()
    found.read_file(file, ["model"])
    found.read_file(file)
    found.read_override("optimizer.learning_rte", 0.1, "optimizer.learning_rte=0.1")
    found.read_override("trainer", {"keep": 0}, "trainer={keep: 0}")
    return found


def test_the_screen_of_the_manual(origins):
    error = ConfigError(
        [
            Mistake(("optimizer", "learning_rte"), "optimizer sgd has no option 'learning_rte'"),
            Mistake(
                ("model", "layers", "fc1"),
                "dense needs a rank-2 input, but 'pool2' gives [batch, 7, 7, 64]",
                hint="insert a layer {type: flatten} between them",
                related=("model", "layers", "pool2"),
            ),
        ]
    )
    assert screen(error, origins) == (
        "conf/cnn.yaml:3:3  model.layers.fc1\n"
        "  dense needs a rank-2 input, but 'pool2' gives [batch, 7, 7, 64]  (conf/cnn.yaml:2:3)\n"
        "  insert a layer {type: flatten} between them\n"
        "command line  optimizer.learning_rte=0.1\n"
        "  optimizer sgd has no option 'learning_rte'\n"
        "2 mistakes; nothing was run"
    )


def test_a_value_that_is_taken_from_elsewhere_names_both_places(origins):
    error = ConfigError([Mistake(("model", "layers", "fc1", "units"), "must be at least 1, found 0")])
    assert screen(error, origins) == (
        "conf/cnn.yaml:3:22  model.layers.fc1.units\n"
        "  must be at least 1, found 0\n"
        "  the value is taken from width  (conf/cnn.yaml:4:1)\n"
        "1 mistake; nothing was run"
    )


def test_mistakes_of_one_place_stand_under_one_heading_in_the_order_of_the_file(origins):
    mistakes = [
        Mistake(("width",), "third"),
        Mistake(("layers", "fc1"), "second"),
        Mistake(("layers", "pool2"), "first, one"),
        Mistake(("layers", "pool2"), "first, two"),
    ]
    lines = screen(ConfigError(mistakes), origins).splitlines()
    assert [line for line in lines if line.startswith(" ")] == ["  first, one", "  first, two", "  second", "  third"]
    assert sum(line.endswith("layers.pool2") for line in lines) == 1


def test_an_override_of_a_whole_section_says_which_option_of_it(origins):
    text = screen(ConfigError([Mistake(("trainer", "keep"), "must be at least 1")]), origins)
    assert text.startswith("command line  trainer={keep: 0}  trainer.keep\n")


def test_what_cannot_be_shown_is_escaped():
    error = ConfigError(
        [Mistake((), "there is no layer 'a\nb\x1b[2J'", hint="not\rthis", place="command line  x=a\nb")]
    )
    assert screen(error) == (
        "command line  x=a\\nb\n"
        "  there is no layer 'a\\nb\\x1b[2J'\n"
        "  not\\rthis\n"
        "1 mistake; nothing was run"
    )  # fmt: skip
    assert screen(RunFolderError("two\n  lines\x07")) == "two\n  lines\\x07"


def test_what_was_written_nowhere_is_named_by_its_path():
    assert screen(ConfigError([Mistake(("loss",), "needed")])).startswith("loss\n  needed\n")
    assert screen(ConfigError([Mistake((), "needed")])).startswith("configuration\n")
    assert screen(ConfigError([Mistake(("a",), "bad", place="data.npz")])).startswith("data.npz\n")


def test_each_mistake_of_a_sweep_is_placed_in_its_own_run_and_a_shared_one_is_said_once():
    def run(value: str) -> Origins:
        found = Origins()
        found.read_override("seed", value, f"seed={value}")
        found.read_override("name", 1, "name=1")
        return found

    placed = [
        (mistake, run(value))
        for value in ("a", "b")
        for mistake in (Mistake(("seed",), f"found '{value}'"), Mistake(("name",), "must be text"))
    ]
    assert screen(PlacedError(placed)) == (
        "command line  seed=a\n  found 'a'\ncommand line  name=1\n  must be text\n"
        "command line  seed=b\n  found 'b'\n3 mistakes; nothing was run"
    )


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DataError("data.npz is cut short", "fetch it again"), "data.npz is cut short\n  fetch it again"),
        (GraphError("no such op", node="a/b", hint="look"), "a/b: no such op\n  look"),
        (RunFolderError("'x' is in use"), "'x' is in use"),
    ],
)
def test_errors_that_have_no_place_in_the_configuration(error, text):
    assert screen(error) == text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_only(monkeypatch, origins):
    error = ConfigError([Mistake(("width",), "too wide [bold]", "make it smaller")])
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for stream, is_coloured in ((io.StringIO(), False), (Terminal(), True)):
        monkeypatch.setattr("sys.stderr", stream)
        print_screen(error, origins)
        assert ("\x1b[" in stream.getvalue()) == is_coloured
        assert "too wide [bold]" in stream.getvalue()


def test_long_messages_are_wrapped_and_stay_indented_on_a_terminal(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    print_screen(ConfigError([Mistake(("a",), "word " * 30)]))
    body = stream.getvalue().splitlines()[1:-1]
    assert len(body) > 3
    assert all(line.startswith("  word") for line in body)
