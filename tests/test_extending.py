"""An op that a user declares in a file of their own is used from YAML and from Python.

Each example runs in a process of its own, so that the vocabulary of the other tests stays what it is.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from framework.config.compose import ROOT

README = (ROOT / "experiments" / "extending" / "README.md").read_text(encoding="utf-8")
PLUGIN = ROOT / "experiments" / "extending" / "squared_relu.py"


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


def python(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    return subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True)


def test_from_yaml(tmp_path: Path):
    words = shlex.split(block("sh"))
    assert words[:2] == ["python", "train.py"]
    done = python([str(ROOT / "train.py"), *words[2:], "hydra.run.dir=run", "trainer.epochs=1"], tmp_path)
    assert done.returncode == 0, done.stderr
    status = json.loads((tmp_path / "run" / "status.json").read_text())
    assert status["state"] == "finished"
    assert status["metrics"]["test/accuracy"] > 0.5
    assert b"SquaredRelu" in (tmp_path / "run" / "graph.pb").read_bytes()


def test_from_python(tmp_path: Path):
    done = python(["-c", block("python")], tmp_path)
    assert done.stdout == block("text"), done.stderr


def test_what_does_not_fit_is_refused(tmp_path: Path):
    program = """
import experiments.extending.squared_relu
import framework.tf as tf
for features, attributes in [(1.0, {"scal": 2.0}), (1.0, {"scale": "two"}), (1, {})]:
    try:
        tf.raw_ops.SquaredRelu(features=features, **attributes)
    except tf.errors.GraphError as error:
        print(error)
"""
    done = python(["-c", program], tmp_path)
    first, second, third = done.stdout.splitlines()
    assert "SquaredRelu has no attribute 'scal'; did you mean 'scale'?" in first
    assert "attribute 'scale' must be float, found 'two'" in second
    assert "int32" in third


def test_a_kernel_for_another_platform(tmp_path: Path):
    program = PLUGIN.read_text().replace('@register_kernel("SquaredRelu")', '@register_kernel("SquaredRelu", "tpu")')
    program += """
import framework.tf as tf
y = tf.raw_ops.SquaredRelu(features=1.0)
try:
    tf.Session().run(y)
except tf.errors.GraphError as error:
    print(error)
"""
    done = python(["-c", program], tmp_path)
    assert done.stdout == "no kernel on cpu for SquaredRelu (1 node; it has one for tpu)\n", done.stderr


def test_the_example_is_short():
    assert len(PLUGIN.read_text().splitlines()) < 30
