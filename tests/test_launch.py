"""From arguments to checked runs: nothing is made on disk, and a sweep is checked as a whole."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from framework.config.arguments import parse
from framework.config.loader import ROOT, Source
from framework.config.report import screen
from framework.errors import CheckpointError, ConfigError, DataError, Mistake, RunFolderError
from framework.launch import answer, new_folder, prepare, prepare_sweep


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def refused(*words: str) -> str:
    arguments = parse(words)
    with pytest.raises(ConfigError) as caught:
        prepare_sweep(arguments) if arguments.is_sweep else prepare(arguments.overrides, arguments.source)
    return screen(caught.value)


def test_a_shape_mistake_is_placed_at_both_layers():
    assert refused("~model.layers.flatten").startswith(
        "conf/model/cnn.yaml:8:3  model.layers.fc\n"
        "  dense needs a rank-2 input [batch, features], found float32 [64, 4, 4, 64], from 'pool'  "
        "(conf/model/cnn.yaml:6:3)\n"
        "  insert a layer {type: flatten} between them"
    )


def test_mistakes_of_options_and_of_shapes_are_shown_together_where_neither_follows_from_the_other():
    text = refused("~model.layers.flatten", "optimizer.learning_rte=0.1", "trainer.keep=0", "nothing=1")
    assert "dense needs a rank-2 input" in text
    assert text.endswith("4 mistakes; nothing was run")
    text = refused("~model.layers.flatten", "model.layers.conv1.padding=smae")
    assert text.endswith("\n1 mistake; nothing was run")


@pytest.mark.parametrize(
    ("override", "heading"),
    [
        ("loss.classification.labels=lable", "command line  loss.classification.labels=lable"),
        ("metrics.accuracy.labels=lable", "command line  metrics.accuracy.labels=lable"),
        ("model.outputs.logits=logit", "command line  model.outputs.logits=logit"),
        ("model.layers.fc.inputs=[pol]", "command line  model.layers.fc.inputs=[pol]  model.layers.fc.inputs.0"),
        ("model.layers.conv1.inputs=[fc]", "command line  model.layers.conv1.inputs=[fc]  model.layers.conv1.inputs.0"),
        ("model.layers.logits.units=num_clases", "command line  model.layers.logits.units=num_clases"),
    ],
)
def test_mistakes_that_only_the_graph_shows_have_places_too(override, heading):
    assert heading in refused(override).splitlines()


def test_missing_data_are_the_data_sets_mistake(tmp_path):
    text = refused("dataset=npz", f"dataset.path={tmp_path}/none.npz")
    assert text.startswith(f"command line  dataset.path={tmp_path}/none.npz\n")
    assert "none.npz" in text


def test_a_sweep_is_checked_as_a_whole_and_each_mistake_has_its_own_place():
    text = refused("-m", "seed=1,a,b", "trainer.keep=0")
    assert text == (
        "command line  trainer.keep=0\n  must be at least 1, found 0\n"
        "command line  seed=a\n  must be an integer, found 'a'\n"
        "command line  seed=b\n  must be an integer, found 'b'\n"
        "3 mistakes; nothing was run"
    )


def test_a_sweep_over_files_with_one_that_is_not_there():
    assert "there is no 'mpl' in model; did you mean 'mlp'?" in refused("-m", "model=mlp,mpl")


def test_a_sweep_gives_every_combination():
    words = ["-m", "model=mlp,perceptron", "optimizer=sgd", "optimizer.learning_rate=0.1,0.2"]
    runs = prepare_sweep(parse(words)).trials
    found = [(run.choices["model"], run.tree["optimizer"]["learning_rate"]) for run in runs]
    assert found == [("mlp", 0.1), ("mlp", 0.2), ("perceptron", 0.1), ("perceptron", 0.2)]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigError([Mistake((), "wrong")]), 2),
        (DataError("wrong"), 2),
        (CheckpointError("wrong"), 1),
        (RunFolderError("wrong"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_exit_statuses(error, status, capsys):
    def action() -> int:
        raise error

    assert answer(action) == status
    assert "Traceback" not in capsys.readouterr().err


def test_a_mistake_of_our_own_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        answer(lambda: 1 // 0)


@pytest.mark.parametrize(
    ("overrides", "name"),
    [([], "cnn-digits"), (["model=mlp", "dataset=wine"], "mlp-wine"), (["name=mine.1"], "mine.1")],
)
def test_a_run_folder_bears_the_time_and_what_was_chosen(overrides, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    moment = datetime(2026, 1, 31, 12, 0, 5)
    trial = prepare(overrides, Source())
    folders = [new_folder(trial, moment) for _ in range(3)]
    first = Path("outputs/2026-01-31/12-00-05-" + name)
    assert folders == [first, first.with_name(f"{first.name}-2"), first.with_name(f"{first.name}-3")]


def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outputs").write_text("a file")
    with pytest.raises(RunFolderError, match=r"choose another with hydra\.run\.dir"):
        new_folder(prepare([], Source()), datetime.now())


def test_checking_needs_neither_jax_nor_optax():
    program = (
        "import sys; from framework.launch import prepare; from framework.config.loader import ROOT, Source;"
        "from framework.plan import plan; plan(prepare([], Source()).experiment);"
        "print({'jax', 'optax', 'sklearn', 'matplotlib', 'tensorboard', 'rich', 'typer'} & sys.modules.keys())"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
