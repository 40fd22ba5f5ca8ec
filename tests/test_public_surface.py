"""What `import framework as fw` gives, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import framework as fw
from framework.errors import ConfigError


def test_importing_it_imports_nothing_else():
    program = "import sys, framework as fw; print([m for m in sys.modules if m in ('jax', 'numpy')], len(fw.__all__))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"[] {len(fw.__all__)}\n"


def test_a_graph_is_built_without_jax():
    program = (
        "import sys, framework as fw; fw.Graph().add('NoOp'); fw.load_graph; fw.save_graph; print('jax' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_every_name_is_what_it_says():
    for name in fw.__all__:
        found = getattr(fw, name)
        assert found.__name__.rpartition(".")[2] == name
        assert name in dir(fw)
    with pytest.raises(AttributeError, match="no attribute 'Grap'"):
        fw.Grap  # noqa: B018


def test_the_names_do_what_they_say(tmp_path):
    graph = fw.Graph()
    with graph.as_default():
        x = graph.add("Placeholder", attrs={"dtype": "float32", "shape": (2,)}, name="x").outputs[0]
        y = graph.add("Neg", [x], name="y").outputs[0]
    assert (type(x), type(y.op)) == (fw.Tensor, fw.Operation)
    fw.save_graph(graph, tmp_path / "graph.pb")
    read = fw.load_graph(tmp_path / "graph.pb")
    with read.as_default():
        fw.import_graph_def(graph.as_graph_def(), name="again")
    session = fw.Session(graph=read)
    assert session.run(["y:0", "again/y:0"], {"x:0": [1, 2], "again/x:0": [3, 4]})[1].tolist() == [-3, -4]
    assert len(fw.freeze_graph(session, ["y:0"])) == 2
    assert fw.eager.negative(2.0) == -2


def test_an_experiment_is_composed_as_on_the_command_line():
    experiment = fw.Experiment.compose("model=mlp", "optimizer=sgd", "optimizer.learning_rate=0.25")
    assert experiment.optimizer.hyper()["learning_rate"] == 0.25
    assert list(experiment.model.layers) == ["flatten", "fc1", "fc2", "logits"]
    with pytest.raises(ConfigError, match="did you mean 'learning_rate'"):
        fw.Experiment.compose("optimizer.learning_rte=1")
