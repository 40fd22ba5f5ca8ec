"""The verbs that show what there is, as they are typed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from framework.cli import application
from framework.config.loader import ROOT


def call(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(application, list(words), prog_name="python -m framework")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_list_counts_and_names():
    status, shown, _ = call("list")
    assert status == 0
    assert "optimizers" in shown
    status, shown, _ = call("list", "initializers", "schedule")
    assert status == 0
    assert "he_normal" in shown
    assert "13 schedules" in shown


def test_describe_shows_every_kind_of_that_name():
    status, shown, _ = call("describe", "mean_squared_error")
    assert status == 0
    assert "loss mean_squared_error" in shown
    assert "metric mean_squared_error" in shown
    assert "loss mean" not in call("describe", "metric", "mean_squared_error")[1]


def test_the_components_of_plugins_are_known():
    assert "stochastic_depth" in call("list", "layers")[1]
    status, _, wrong = call("list", "layers", "plugins=[none_of_that_name]")
    assert status == 2
    assert "the plugin 'none_of_that_name' cannot be imported" in wrong


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["list", "layrs"], "did you mean 'layers'?"),
        (["describe"], "describe takes a name, or a kind and a name; found 0 words"),
        (["describe", "a", "b", "c"], "found 3 words"),
        (["describe", "conv2dd"], "did you mean 'conv2d'?"),
    ],
)
def test_mistakes_are_explained(words, message):
    status, shown, wrong = call(*words)
    assert (status, shown) == (2, "")
    assert message in wrong
    assert "Traceback" not in wrong


@pytest.mark.parametrize("words", [["list", "ops"], ["describe", "adam"]])
def test_they_answer_without_jax(words, tmp_path):
    program = (
        f"import sys, atexit; sys.argv = ['framework', *{words!r}];"
        "atexit.register(lambda: print({'jax', 'optax', 'sklearn'} & sys.modules.keys(), flush=True));"
        f"sys.path.insert(0, {str(ROOT)!r}); import runpy; runpy.run_module('framework', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("set()\n")
