"""`python train.py`, as a user runs it from a folder of their own: screens, exit statuses, and what is on disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from framework.config.compose import compose
from framework.config.loader import ROOT

ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
SMALL = ["model=perceptron", "dataset=iris", "trainer.epochs=2", "trainer.device=cpu"]


def train(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "train.py"), *words]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)


def light(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """As `train`, and writes a last line that says whether JAX was imported."""
    program = (
        f"import atexit, runpy, sys; sys.argv = ['train.py', *{list(words)!r}];"
        "atexit.register(lambda: print('jax' in sys.modules, flush=True));"
        f"sys.path.insert(0, {str(ROOT)!r}); runpy.run_path({str(ROOT / 'train.py')!r}, run_name='__main__')"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.stdout.endswith("False\n"), "JAX was imported"
    assert not list(folder.iterdir()), "something was written"
    return done


def test_help_lists_every_group_within_80_columns(tmp_path):
    done = light(tmp_path, "--help")
    assert done.returncode == 0
    for group in (ROOT / "conf").iterdir():
        assert group.is_file() or f"\n  {group.name} " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_configuration_is_shown_as_yaml(tmp_path):
    done = light(tmp_path, "--cfg", "job", "model=mlp", "optimizer.b1=0.5")
    assert done.returncode == 0
    assert yaml.safe_load(done.stdout.removesuffix("False\n")) == compose(["model=mlp", "optimizer.b1=0.5"]).tree


def test_a_wrong_configuration_is_shown_too_so_that_one_can_look(tmp_path):
    done = light(tmp_path, "--cfg", "job", "optimizer.learning_rte=0.1")
    assert done.returncode == 2
    assert "learning_rte: 0.1" in done.stdout
    assert "did you mean 'learning_rate'?" in done.stderr


@pytest.mark.parametrize(
    ("words", "screen"),
    [
        (
            ["optimizer.learning_rte=0.1", "~model.layers.drop", "trainer.batch_size=most"],
            "command line  optimizer.learning_rte=0.1\n"
            "  optimizer adam has no option 'learning_rte'; did you mean 'learning_rate'?  options: clip, "
            "groups, learning_rate, b1, b2, eps, eps_root, mu_dtype, nesterov\n"
            "command line  trainer.batch_size=most\n"
            "  must be an integer or 'all', found 'most'\n"
            "2 mistakes; nothing was run\n",
        ),
        (
            ["-m", "seed=1,2", "loss.classification.weight=-1,1"],
            "command line  loss.classification.weight=-1\n  must be at least 0, found -1\n1 mistake; nothing was run\n",
        ),
        (
            ["~model.layers.flatten"],
            f"{ROOT}/conf/model/cnn.yaml:8:3  model.layers.fc\n"
            "  dense needs a rank-2 input [batch, features], found float32 [64, 4, 4, 64], from 'pool'  "
            f"({ROOT}/conf/model/cnn.yaml:6:3)\n"
            "  insert a layer {type: flatten} between them\n"
            "1 mistake; nothing was run\n",
        ),
        (
            ["resume=nowhere"],
            "command line  resume=nowhere\n  'nowhere' is no run folder: it holds no config.yaml\n"
            "1 mistake; nothing was run\n",
        ),
    ],
)
def test_a_mistake_is_one_screen_and_status_2(tmp_path, words, screen):
    done = light(tmp_path, *words)
    assert (done.returncode, done.stderr) == (2, screen)


def test_a_run_and_going_on_with_it(tmp_path):
    done = train(tmp_path, *SMALL)
    assert done.returncode == 0, done.stderr
    (folder,) = tmp_path.glob("outputs/*/*-perceptron-iris")
    of_a_run = {key: held for key, held in compose(SMALL).tree.items() if key != "sweep"}
    assert yaml.safe_load((folder / "config.yaml").read_text()) == of_a_run
    assert json.loads((folder / "status.json").read_text())["state"] == "finished"

    assert train(tmp_path, f"resume={folder}", "trainer.epochs=4").returncode == 0
    status = json.loads((folder / "status.json").read_text())
    assert status["step"] == 4 * status["steps_per_epoch"]
    assert len(list(tmp_path.glob("outputs/*/*"))) == 1

    done = train(tmp_path, f"resume={folder}", "model.layers.logits.use_bias=false")
    assert done.returncode == 2
    assert done.stderr == (
        "command line  model.layers.logits.use_bias=false\n"
        f"  model.layers.logits.use_bias was true when '{folder}' began, found false: what was saved would not fit\n"
        "  take it back, or start a new run; warm_start takes over what this one has learned\n"
        "1 mistake; nothing was run\n"
    )


def test_a_sweep_keeps_a_folder_for_each_run_and_goes_on_after_one_that_failed(tmp_path):
    (tmp_path / "sweep" / "1").mkdir(parents=True)
    (tmp_path / "sweep" / "1" / "status.json").write_text("{}")  # taken, so that the second run fails
    done = train(
        tmp_path, "-m", *SMALL, "optimizer=sgd", "optimizer.learning_rate=0.1,0.2,0.3", "hydra.sweep.dir=sweep"
    )
    assert done.returncode == 1, done.stderr
    assert "2/3  learning_rate=0.2  failed: RunFolderError: 'sweep/1' holds a run already" in done.stdout
    assert "Traceback" not in done.stderr
    assert "3/3  learning_rate=0.3  best validation/loss" in done.stdout
    assert (tmp_path / "sweep" / "1" / "status.json").read_text() == "{}"
    rates = {
        file.parent.name: yaml.safe_load(file.read_text())["optimizer"]["learning_rate"]
        for file in tmp_path.glob("sweep/*/config.yaml")
    }
    assert rates == {"0": 0.1, "2": 0.3}


WRONG_OF_HYDRA = [
    "hydra.launcher.n_jobs=2", "hydra.sweep.dir=${nope}", "hydra.sweep.subdir=${nope}", "hydra.sweep.dir=",
    "hydra.sweep.subdir=",
]  # fmt: skip


@pytest.mark.parametrize("option", WRONG_OF_HYDRA)
def test_an_option_of_hydra_that_cannot_be_is_a_mistake_as_well(tmp_path, option):
    done = light(tmp_path, "-m", *SMALL, "seed=1,2", option)
    assert done.returncode == 2
    assert done.stderr.startswith(f"command line  {option}\n")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["trainer.device=tpu"], ["-m", "seed=1,2", "trainer.device=tpu"]])
def test_a_device_that_is_not_here_is_refused_where_it_was_asked_for(tmp_path, words):
    done = train(tmp_path, *SMALL, *words)
    assert done.returncode == 2
    assert done.stderr == (
        "command line  trainer.device=tpu\n"
        "  trainer.device is 'tpu', but JAX sees no such device here; found: cpu\n"
        "  trainer.device=auto, or install JAX for it (https://docs.jax.dev/en/latest/installation.html)\n"
        "1 mistake; nothing was run\n"
    )
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process can catch")
def test_a_signal_ends_the_whole_sweep_and_not_one_run(tmp_path):
    command = [sys.executable, str(ROOT / "train.py"), "-m", *SMALL, "trainer.epochs=100000", "seed=1,2"]
    command.append("sweep.vectorize=off")  # or both might run at once, where that was measured to be faster
    process = subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("multirun/*/*/0/validation/*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    (folder,) = tmp_path.glob("multirun/*/*/[0-9]")
    assert json.loads((folder / "status.json").read_text())["state"] == "stopped"
