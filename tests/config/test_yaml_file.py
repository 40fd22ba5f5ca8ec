"""Files of configurations hold plain values: all else is refused, at its place, and constructs nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from framework.config.report import screen
from framework.config.yaml_file import LARGEST, parse, plain
from framework.errors import ConfigError


@pytest.fixture
def refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def read(content: str | bytes) -> str:
        file = Path("a.yaml")
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(ConfigError) as caught:
            parse(file)
        return screen(caught.value)

    return read


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system [echo]",
        "!!python/name:os.system ''",
        "!!python/module:this ''",
        "!!python/object/apply:pathlib.Path [a]",
        "!!binary aGk=",
        "!!timestamp 2020-01-01",
        "!!set {a, b}",
        "!mine x",
    ],
)
def test_tags_construct_nothing(refused, tag):
    text = refused(f"seed: 1\nname: {tag}\n")
    assert text.startswith(f"a.yaml:2:7\n  the tag '{tag.split()[0]}' is refused: a configuration holds plain values")
    assert "this" not in sys.modules


def test_aliases_that_stand_for_billions_of_values(refused):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 10)]
    assert "a.yaml:1:1\n  with every alias written out, this holds 12,345,679,0" in refused("\n".join(lines))


def test_a_mapping_that_holds_itself(refused):
    assert refused("a: &a\n  b: *a\n").startswith("a.yaml:1:4\n  this holds itself\n")


@pytest.mark.parametrize("text", ["a: " + "[" * 60 + "]" * 60, "[" * 30_000, "- " * 30_000 + "x"])
def test_levels_without_end(refused, text):
    assert "this has more than 50 levels" in refused(text)


def test_a_file_that_is_too_large(refused):
    assert refused("#" * (LARGEST + 1)).startswith(
        "a.yaml:1:1\n  a file of a configuration has at most 1,048,576 bytes"
    )


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", "3:2", "this is not YAML"),
        ("a: 1\n\tb: 2\n", "2:1", "this is not YAML: found character '\\t' that cannot start any token"),
        ("a: 1\nb: x\0y\n", "2:5", "this is not YAML: the character #x0000 cannot be in it"),
        (b"a: 1\nname: \xe9\n", "2:7", "this is not UTF-8: byte 0xe9"),
        ("- 1\n", "1:1", "this holds no mapping of options to values"),
        ("null: 1\n", "1:1", "a key is a name, found 'null'"),
        ("[a, b]: 1\n", "1:1", "a key is a name, found none"),
        ("a: =\n", "1:4", "'=' alone has a meaning of its own in YAML"),
        ("a: !!int x\n", "1:4", "this is no integer that can be read: x"),
        (f"a: {'9' * 5000}\n", "1:4", "this is no integer that can be read: 999"),
        ("a: {<<: 3}\n", "1:5", "'<<' takes over the options of a mapping"),
        ("a: {x: 1, y: 2, x: 3}\n", "1:17", "'x' is written twice in this mapping; first at a.yaml:1:5"),
        ("a: ${b\n", "1:4", "the interpolation '${b' is not understood, or refused"),
        ("a: '${oc.create:{b: 1}}'\n", "1:4", "the interpolation '${oc.create:{b: 1}}' is not understood, or refused"),
        ("a: ${mine:x}\n", "1:4", "the interpolation '${mine:x}' is not understood, or refused"),
    ],
)
def test_whatever_is_wrong_has_a_place(refused, content, place, message):
    assert refused(content).startswith(f"a.yaml:{place}\n  {message}")


def test_all_that_is_wrong_is_said_at_once(refused):
    assert refused("a: !x 1\nb: {c: 1, c: 2}\nd: =\n").endswith("3 mistakes; nothing was run")


def test_what_is_resolved_already_is_text(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("a: ${oc.env:HOME}\nb: 2020-01-01\nc: &x {d: 1}\ne: {<<: *x}\n")
    assert plain(file) == {"a": "${oc.env:HOME}", "b": "2020-01-01", "c": {"d": 1}, "e": {"d": 1}}
