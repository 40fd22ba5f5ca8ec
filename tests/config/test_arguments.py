"""The words of the command line are sorted, wherever the options stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from framework.config.arguments import parse
from framework.config.loader import ROOT
from framework.errors import ConfigError


def test_nothing_is_the_default_run():
    found = parse([])
    assert found.overrides == ()
    assert (found.source.directory, found.source.name, found.source.resume) == (ROOT / "conf", "config", None)
    assert (found.is_sweep, found.shows, found.wants_help) == (False, False, False)


@pytest.mark.parametrize("words", [["-m", "a=1", "b=2"], ["a=1", "-m", "b=2"], ["a=1", "b=2", "--multirun"]])
def test_options_may_stand_anywhere(words):
    found = parse(words)
    assert found.is_sweep
    assert found.overrides == ("a=1", "b=2")


def test_overrides_are_kept_as_typed():
    words = ["~model.layers.drop", "++a=-1", "x={a: b, c: [1]}", "y='p q'", "model@left=cnn"]
    assert parse(words).overrides == tuple(words)


def test_where_the_configuration_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = parse(["--config-path", "a", "-cd", "b", "--config-dir=c", "-cn", "mine.yaml"]).source
    assert found.directory == tmp_path / "a"
    assert found.extra == (tmp_path / "b", tmp_path / "c")
    assert found.name == "mine"


def test_a_run_to_go_on_with():
    found = parse(["resume=outputs/x", "trainer.epochs=9"])
    assert found.source.resume == Path("outputs/x")
    assert found.overrides == ("trainer.epochs=9",)


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help(word):
    assert parse(["a=1", word]).wants_help


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--multrun"], "there is no option '--multrun'; did you mean '--multirun'?"),
        (["-x", "a=1"], "there is no option '-x'"),
        (["--cfg", "all"], "invalid choice: 'all'"),
        (["--config-name"], "expected one argument"),
    ],
)
def test_options_that_do_not_exist(words, message):
    with pytest.raises(ConfigError) as caught:
        parse(words)
    assert message in caught.value.mistakes[0].message
