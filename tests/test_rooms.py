"""The rooms of the source keep their lines, and one value walks through them in order."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from framework.config.compose import compose
from framework.config.loader import ROOT, Source
from framework.launch import checked
from framework.train.engine import RATE, Engine

SOURCES = [*ROOT.glob("framework/**/*.py"), *ROOT.glob("models/**/*.py"), ROOT / "train.py"]
GENERATED = ROOT / "framework" / "ops" / "wrappers.py"


def test_imports_go_one_way():
    tool = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or "lint-imports"
    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 kept, 0 broken" in done.stdout


def test_no_file_is_over_500_lines():
    long = {path.name for path in SOURCES if len(path.read_text(encoding="utf-8").splitlines()) > 500}
    assert long <= {GENERATED.name}  # one function an op, written by the generator and read by editors


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_executed_from_text(path: Path):
    text = path.read_text(encoding="utf-8")
    # A method may be called `eval`, as that of a tensor is; Python's own may not be called.
    forbidden = r"^\s*assert |\bpickle\.|(?<!\.)(?<!def )\b(?:eval|exec)\(|allow_pickle=True|utils\.instantiate"
    assert re.findall(forbidden, re.sub(r"`[^`]*`", "", text), re.MULTILINE) == []


def test_the_learning_rate_walks_from_yaml_to_the_program():
    rate = 0.0390625  # a number that nothing else has, exact in float32
    composed = compose([f"optimizer.learning_rate={rate}", "model=perceptron", "schedule=constant"], Source())
    place = composed.origins.locate(("optimizer", "learning_rate"))
    assert place is not None
    assert "command line" in str(place)

    trial = checked(composed)
    assert composed.tree["optimizer"]["learning_rate"] == trial.experiment.optimizer.hyper()["learning_rate"] == rate

    engine = Engine(trial.experiment, trial.experiment.dataset.load())
    graph = engine.built.graph
    assert float(graph.nodes["Hyper/optimizer/learning_rate/default"].attrs["value"]) == rate
    update = next(node for node in graph if node.op == "Update")
    assert RATE in update.inputs
    assert RATE in engine.feeds

    # The program takes it as an argument: its text is the same for another rate, and the number stands nowhere in it.
    rows = engine.sampler.epoch(0)
    feeds = {**engine.hyper, **{t: a[rows.rows[0]] for t, a in engine._features("train").items()}}
    if engine.built.weights and rows.weights is not None:
        feeds[engine.built.weights] = rows.weights[0]
    state = engine.initialize()
    variables = engine.program.lowering.variables
    replaced = {name: state[name] for name in variables.read if name in variables.written}
    kept = {name: state[name] for name in variables.read if name not in variables.written}
    lowered = engine.program.step.lower(replaced, kept, feeds, np.int32(0))
    assert str(rate) not in lowered.as_text()
    moved, _ = engine.advance(engine.initialize(), 0, 1, lambda: False)
    for name in engine.built.parameters:
        assert not np.array_equal(moved[name], engine.initialize()[name])
