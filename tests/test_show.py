"""The verbs that show what there is, as they are typed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from framework.cli import application
from framework.config.compose import compose, to_yaml
from framework.config.loader import ROOT, Source
from framework.train.folder import RunFolder
from framework.train.status import Status, now


def call(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(application, list(words), prog_name="python -m framework")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def folder(tmp_path):
    """The folder of a finished run."""
    path = tmp_path / "outputs" / "run"
    composed = compose(["model=perceptron", "dataset=iris"], Source())
    choices = {"model": "perceptron", "dataset": "iris"}
    Status("finished", 10, 10, metrics={"test/loss": 0.5}, choices=choices, started=now()).write(RunFolder(path))
    (path / "config.yaml").write_text(to_yaml(composed.tree))
    return path


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
        (["schema", "group=modle"], "there is no group 'modle'; did you mean 'model'?"),
        (["schema", "ouput=x"], "there is no option 'ouput'; did you mean 'output'?"),
        (["diff"], "diff compares two experiments; found 0 words"),
        (["diff", "seed=1", "seed=2", "seed=3"], "put vs between them"),
        (["diff", "model=cnm"], "there is no 'cnm' in model; did you mean 'cnn'?"),
        (["diff", "nothing", "seed=1"], "such as nothing=value"),
    ],
)
def test_mistakes_are_explained(words, message):
    status, shown, wrong = call(*words)
    assert (status, shown) == (2, "")
    assert message in wrong
    assert "Traceback" not in wrong


def test_they_answer_without_jax(tmp_path):
    verbs = [["list", "ops"], ["describe", "adam"], ["schema"], ["runs"], ["diff", "seed=1"]]
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from framework.cli import application\n"
        f"statuses = [application(words, standalone_mode=False) for words in {verbs!r}]\n"
        "print(statuses, {'jax', 'optax', 'sklearn', 'matplotlib'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("[0, 0, 0, 0, 0] set()\n")


def test_schema_is_json_that_knows_the_plugins(tmp_path):
    status, shown, _ = call("schema")
    assert status == 0
    assert "stochastic_depth" in json.loads(shown)["$defs"]["Layer"]["properties"]["type"]["anyOf"][0]["enum"]
    assert call("schema", "group=loss", f"output={tmp_path}/loss.json")[1].startswith("written to")


def test_runs_shows_what_came_of_them(folder):
    outputs = folder.parent
    (outputs / "broken").mkdir()
    (outputs / "broken" / "status.json").write_text("")
    status, shown, wrong = call("runs", str(outputs), "model=perceptron", "dataset=iris")  # the files that were chosen
    assert (status, wrong) == (0, "")
    assert "finished" in shown
    assert "1 run below" in shown
    assert "damaged" in call("runs", str(outputs))[1]
    status, shown, _ = call("runs", "compare", str(folder), str(folder))
    assert status == 0
    assert "they do not differ" in shown


def test_diff_takes_folders_and_options(folder):
    status, shown, wrong = call("diff", str(folder), "vs", str(folder), "optimizer.learning_rate=0.5")
    assert (status, wrong) == (0, "")
    assert "optimizer.learning_rate" in shown
    assert "recompiles  no" in shown
    status, shown, _ = call("diff", "model=perceptron", "dataset=iris", "vs", str(folder))
    assert status == 0
    assert "no option is different" in shown
    assert "recompiles  yes" in call("diff", "model=perceptron", "model=mlp")[1]
    assert call("diff", "seed=3")[1].startswith("A  the defaults\nB  seed=3\n")
