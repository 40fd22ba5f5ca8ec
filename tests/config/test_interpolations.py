"""Interpolations give values and run nothing, and nothing grows beyond what a configuration can be."""

from __future__ import annotations

import pytest
from omegaconf import OmegaConf

from framework.config.compose import compose, to_yaml
from framework.config.interpolations import as_plain_text, wrong_with_text
from framework.config.loader import Source
from framework.config.report import screen
from framework.errors import ConfigError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf").mkdir()

    def write(text: str) -> Source:
        (tmp_path / "conf" / "config.yaml").write_text(text)
        return Source(directory=tmp_path / "conf")

    return write


def refused(source: Source, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        compose(overrides, source)
    return screen(caught.value)


def test_what_may_be_written(folder, monkeypatch):
    monkeypatch.setenv("GRAPHWRIGHT_TEST", "7")
    text = (
        "a: {b: 1, c: '${.b}'}\nd: ${a.c}\ne: x${a.b}y\nf: ${oc.env:GRAPHWRIGHT_TEST}\ng: ${oc.env:NO_SUCH,2}\n"
        "h: ${oc.decode:${oc.env:GRAPHWRIGHT_TEST}}\ni: ${oc.select:nothing,3}\nj: ${now:%Y}\nk: \\${a.b}\nl: [4]\n"
        "m: ${l[0]}\n"
    )
    tree = compose([], folder(text)).tree
    assert {**tree, "j": int(tree["j"]) > 2000} == {
        "a": {"b": 1, "c": 1}, "d": 1, "e": "x1y", "f": "7", "g": "2", "h": 7, "i": 3, "j": True, "k": "${a.b}",
        "l": [4], "m": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "${",
        "${a",
        "${a.${b}}",
        "${oc.create:x}",
        "${oc.dict.keys:a}",
        "${oc.decode:x}",
        "${oc.decode:${a}}",
        "${oc.env:${a}}",
        "${mine:1}",
        "x ${a} ${oc.deprecated:a}",
    ],
)
def test_all_else_is_refused(text):
    message, hint = wrong_with_text(text) or ("", "")
    assert message.endswith("is not understood, or refused")
    assert "${oc.env:NAME}" in hint


def test_so_it_is_on_the_command_line(folder):
    text = refused(folder("a: 1\n"), "a='${oc.create:x}'", "b=[{c: '${mine:1}'}]")
    assert text.startswith("command line  a='${oc.create:x}'\n  the interpolation '${oc.create:x}' is not understood")
    assert text.endswith("2 mistakes; nothing was run")


@pytest.mark.parametrize(
    ("first", "next_"),
    [
        ("a0: xxxxxxxxxx", "a{k}: ${{a{j}}}${{a{j}}}"),
        ("a0: [x, x]", "a{k}: ['${{a{j}}}', '${{a{j}}}']"),
        ("a0: {x: 1}", "a{k}: {{x: '${{oc.select:a{j}}}', y: '${{a{j}}}'}}"),
        ("a0: {x: {x: 1}}", "a{k}: {{x: '${{a{j}.x}}', y: '${{a{j}.x}}', z: ['${{a{j}}}', '${{a{j}}}']}}"),
    ],
)
def test_values_that_double_at_every_step(folder, first, next_):
    lines = [first, *(next_.format(k=k, j=k - 1) for k in range(1, 45))]
    text = refused(folder("\n".join(lines)))
    assert "with its interpolations written out, this has" in text


def test_a_chain_without_end(folder):
    chain = "\n".join(["a0: 1", *(f"a{k}: ${{a{k - 1}}}" for k in range(1, 2000))][::-1])
    assert "more than 50 interpolations refer to each other" in refused(folder(chain))


def test_a_run_folder_that_would_double(folder):
    bomb = "a0: xxxxxxxxxx\n" + "".join(f"a{k}: ${{a{k - 1}}}${{a{k - 1}}}\n" for k in range(1, 45))
    text = refused(folder(bomb + "hydra: {run: {dir: '${a44}'}}\n"))
    assert "with its interpolations written out, this has" in text
    assert "hydra.run.dir" in text


def test_nothing_in_a_run_folder_is_resolved(folder, tmp_path):
    tree = {"a": "${oc.env:HOME}", "b": "\\${b}", "c": ["${mine:", "$"]}
    (tmp_path / "config.yaml").write_text(to_yaml(tree))
    assert compose(["d=${a}"], Source(resume=tmp_path)).tree == {**tree, "d": "${oc.env:HOME}"}


@pytest.mark.parametrize("text", ["${a}", "\\${a}", "\\\\${a}", "x\\y", "${a} \\${b} \\\\\\${c}"])
def test_plain_text_stays_as_it_is(text):
    config = OmegaConf.create(as_plain_text({"x": [text]}))
    assert OmegaConf.to_container(config, resolve=True) == {"x": [text]}
