"""The verbs that show what there is, as they are typed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from framework.cli import application
from framework.config.loader import ROOT, Source
from framework.launch import prepare, start

SMALL = ["model=perceptron", "dataset=iris", "trainer.epochs=2", "trainer.device=cpu"]


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
        (["runs", "nothing_here"], "'nothing_here' is neither a folder nor a condition"),
        (["runs", "compare"], "compare takes two run folders or more, found 0"),
        (["runs", "compare", "a", "b"], "'a' is no run folder"),
    ],
)
def test_mistakes_are_explained(words, message):
    status, shown, wrong = call(*words)
    assert (status, shown) == (2, "")
    assert message in wrong
    assert "Traceback" not in wrong


@pytest.mark.parametrize("words", [["list", "ops"], ["describe", "adam"], ["runs"]])
def test_they_answer_without_jax(words, tmp_path):
    program = (
        f"import sys, atexit; sys.argv = ['framework', *{words!r}];"
        "atexit.register(lambda: print({'jax', 'optax', 'sklearn'} & sys.modules.keys(), flush=True));"
        f"sys.path.insert(0, {str(ROOT)!r}); import runpy; runpy.run_module('framework', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("set()\n")


def test_runs_shows_what_came_of_them(tmp_path):
    folder = tmp_path / "run"
    assert start(prepare([*SMALL, f"hydra.run.dir={folder}"], Source()), Source()) == 0
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "status.json").write_text("")
    status, shown, wrong = call("runs", str(tmp_path), "model=perceptron", "dataset=iris")  # the files that were chosen
    assert (status, wrong) == (0, "")
    assert "finished" in shown
    assert "1 run below" in shown
    assert "damaged" in call("runs", str(tmp_path))[1]
    status, shown, _ = call("runs", "compare", str(folder), str(folder))
    assert status == 0
    assert "they do not differ" in shown
