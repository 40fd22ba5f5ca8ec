"""The tour of the README works as it is written."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from framework.config.compose import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Every line of the `sh` blocks, in order."""
    return [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.strip().splitlines()]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    words = [sys.executable if word == "python" else word for word in words]
    words = [str(ROOT / word) if word == "train.py" else word for word in words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=180)


def test_the_tour(tmp_path: Path):
    assert len(commands()) >= 9
    for command in commands():
        done = run(command, tmp_path)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    runs = [path.parent for path in tmp_path.glob("multirun/*/*/*/status.json")]
    assert sorted(path.name for path in runs) == ["0", "1", "2", "3", "4", "5"]  # two rates by three seeds
    assert (tmp_path / "answers.csv").read_text().startswith("age,city,income,")


def test_the_graph_by_itself():
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(code) == 2
    assert code[1] == (ROOT / "experiments/extending/squared_relu.py").read_text(encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", code[0]], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout == "True\n", done.stderr


def test_the_screen_of_a_mistake_is_shown_as_it_is():
    command, screen = re.findall(r"```text\n\$ (.*?)\n(.*?)```", README, re.DOTALL)[0]
    done = run(command, ROOT)
    assert done.returncode == 2
    assert done.stderr == screen


def test_the_two_commands_and_the_files_that_are_named():
    assert "pip install -e . && python train.py" in README
    assert "pip install -e '.[test]' && pytest" in README
    for path in re.findall(r"`((?:framework|conf|docs)/[\w/.]+)`|\]\(((?:docs|experiments)/[\w/.]+)\)", README):
        assert (ROOT / (path[0] or path[1])).exists(), path


def test_the_network_that_is_shown_is_the_one_that_is_shipped():
    shown = re.search(r"# conf/model/cnn.yaml\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    assert (ROOT / "conf/model/cnn.yaml").read_text().endswith(shown[1])
