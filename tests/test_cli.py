"""The verbs of `python -m framework`: plan, evaluate, curves, predict, freeze."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from framework.cli import application
from framework.config.loader import ROOT, Source
from framework.graph.graphdef.loading import load_graph
from framework.launch import prepare, start
from framework.runtime.session import Session
from framework.train.past_run import Run

SMALL = ["model=perceptron", "dataset=iris", "trainer.epochs=2", "trainer.device=cpu"]


def call(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(application, list(words), prog_name="python -m framework")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run that was trained."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    assert start(prepare([*SMALL, f"hydra.run.dir={folder}"], Source())) == 0
    return folder


def test_plan_counts_parameters_by_layer():
    status, shown, _ = call("plan", "model=mlp", "model.layers.fc1.units=100")
    assert status == 0
    rows = {line.split()[0]: line.split() for line in shown.splitlines() if line.strip()}
    assert rows["fc1"][-2] != rows["fc2"][-2]
    assert f"{64 * 100 + 100:,}" in rows["fc1"]
    assert f"{100 * 256 + 256:,}" in rows["fc2"]
    assert f"{256 * 10 + 10:,}" in rows["logits"]


def test_plan_of_a_wrong_configuration_is_the_screen_of_its_mistakes():
    status, shown, wrong = call("plan", "model=mpl", "seed=1,2")
    assert (status, shown) == (2, "")
    assert "command line  seed=1,2" in wrong
    status, _, wrong = call("plan", "~model.layers.flatten")
    assert status == 2
    assert wrong.endswith("1 mistake; nothing was run\n")


def test_plan_takes_the_options_of_train(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine.yaml").write_text(
        "layers: {flatten: {type: flatten}, only: {type: dense, units: num_classes}}\noutputs: {logits: only}\n"
    )
    status, shown, _ = call("plan", "--config-dir", str(tmp_path), "model=mine")
    assert status == 0
    assert "only" in shown
    assert "there is no option '--nothing'" in call("plan", "--nothing")[2]
    assert "plan shows one experiment" in call("plan", "-m", "seed=1,2")[2]


def test_plan_answers_at_once_and_without_jax(tmp_path):
    program = (
        "import sys, atexit; sys.argv = ['framework', 'plan'];"
        "atexit.register(lambda: print({'jax', 'optax', 'sklearn'} & sys.modules.keys(), flush=True));"
        f"sys.path.insert(0, {str(ROOT)!r}); import runpy; runpy.run_module('framework', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout.endswith("set()\n")


def test_runs_knows_which_files_a_run_chose(run):
    status, shown, wrong = call("runs", str(run), "model=perceptron", "dataset=iris", "schedule=warmup*")
    assert (status, wrong) == (0, "")
    assert "1 run below" in shown


def test_evaluate_finds_what_the_run_found(run):
    status, shown, _ = call("evaluate", f"run={run}")
    assert status == 0
    found = {line.split()[0]: float(line.split()[1]) for line in shown.splitlines()}
    kept = json.loads((run / "status.json").read_text())["metrics"]
    assert found == pytest.approx(
        {name.removeprefix("test/"): kept[name] for name in kept if name.startswith("test/")}, rel=1e-5
    )


def test_a_run_of_another_machine_is_evaluated_on_what_is_here(run, tmp_path, caplog):
    moved = Path(shutil.copytree(run, tmp_path / "moved"))
    written = moved / "config.yaml"
    written.write_text(written.read_text().replace("device: cpu", "device: tpu"))
    assert call("evaluate", f"run={moved}") == call("evaluate", f"run={run}")
    assert caplog.messages == [f"'{moved}' ran on a tpu, which is not here"]


def test_predict_writes_an_answer_for_each_example(run, tmp_path):
    inputs, answers = tmp_path / "new.npz", tmp_path / "answers.npz"
    np.savez(inputs, features=np.random.default_rng(0).normal(5, 1, (7, 4)).astype(np.float32))
    status, shown, wrong = call("predict", f"run={run}", f"input={inputs}", f"output={answers}")
    assert (status, wrong) == (0, "")
    assert f"written to {answers}" in shown
    with np.load(answers) as found:
        assert found["logits"].shape == (7, 3)
        assert (found["class"] == found["logits"].argmax(1)).all()


def test_curves_are_drawn_anew_as_the_run_drew_them(run, tmp_path):
    drawn = (run / "curves.png").read_bytes()
    (run / "curves.png").unlink()
    assert call("curves", f"run={run}") == (0, f"written to {run / 'curves.png'}\n", "")
    assert (run / "curves.png").read_bytes() == drawn
    assert call("curves", f"run={run}", f"output={tmp_path / 'mine.png'}")[0] == 0
    assert (tmp_path / "mine.png").read_bytes() == drawn


def test_freeze_writes_a_graph_that_says_what_the_run_says(run, tmp_path):
    for ending in (".pb", ".pb.gz", ".pbtxt"):
        status, shown, _ = call("freeze", f"run={run}", f"output={tmp_path / f'model{ending}'}")
        assert status == 0
    assert "input  features  Data/features:0  float32[?, 4]" in shown
    assert "output  logits  outputs/logits:0  float32[?, 3]" in shown
    flowers = np.float32([[5.1, 3.5, 1.4, 0.2], [6.0, 2.2, 5.0, 1.5]])
    expected = Run(run).predict({"features": flowers})["logits"]
    for ending in (".pb", ".pb.gz", ".pbtxt"):
        frozen = Session(load_graph(tmp_path / f"model{ending}"))
        found = frozen.run("outputs/logits:0", {"Data/features:0": flowers})
        np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["evaluate"], 2, "say which run"),
        (["evaluate", "rnu=x"], 2, "there is no option 'rnu'; did you mean 'run'?"),
        (["evaluate", "run=RUN", "checkpoint=newest"], 2, "checkpoint is latest or best, found 'newest'"),
        (["evaluate", "run=RUN", "split=tset"], 2, "there is no split 'tset'; did you mean 'test'?"),
        (["evaluate", "run=RUN/nothing"], 1, "is no run folder"),
        (["curves"], 2, "say which run"),
        (["curves", "run=RUN/nothing"], 1, "is no run folder"),
        (["curves", "run=RUN", "output=RUN/curves.jpg"], 2, "curves.jpg' must end in .png"),
        (["curves", "run=RUN", "output=RUN/none/curves.png"], 1, "cannot write"),
        (["predict", "run=RUN", "input=x.npz"], 2, "predict needs output=FILE"),
        (["predict", "run=RUN", "input=RUN/none.npz", "output=x.npz"], 2, "none.npz"),
        (["freeze", "run=RUN"], 2, "freeze needs output=FILE.pb"),
        (["freeze", "run=RUN", "output=model.onnx"], 2, "'model.onnx' must end in .pb"),
        (["freeze", "run=RUN", "output=RUN/none/model.pb"], 1, "model.pb"),
        (["predict", "run=RUN", "input=RUN/status.json", "output=x.npz"], 2, "status.json"),
    ],
)
def test_mistakes_are_explained(run, words, status, message):
    found, _, wrong = call(*(word.replace("RUN", str(run)) for word in words))
    assert found == status
    assert message in wrong
    assert "Traceback" not in wrong
