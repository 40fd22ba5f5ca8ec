"""What a file with a graph holds, on one screen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from framework.errors import GraphError
from framework.graph import Graph, convert_to_tensor
from framework.graph.graphdef.saving import save_graph
from framework.plan.inspection import inspect, render_inspection

NETWORKS = Path(__file__).parents[1] / "tf_graphs"


@pytest.fixture
def dense(tmp_path: Path) -> Path:
    """x [?, 3] times w [3, 5] plus b [5], and a node that nothing here knows when `Relu` is renamed."""
    graph = Graph()
    x = graph.add("Placeholder", attrs={"dtype": "float32", "shape": (None, 3)}, name="x").outputs[0]
    graph.add("Placeholder", attrs={"dtype": "float32", "shape": ()}, name="unread")
    w = convert_to_tensor(np.ones((3, 5), np.float32), graph, name="w")
    b = convert_to_tensor(np.ones(5, np.float32), graph, name="b")
    y = graph.add("BiasAdd", [graph.add("MatMul", [x, w], name="product").outputs[0], b], name="biased")
    graph.add("Relu", y.outputs, name="y")
    save_graph(graph, tmp_path / "dense.pb")
    return tmp_path / "dense.pb"


def test_the_facts_of_a_graph(dense: Path):
    found = inspect(dense)
    assert found.nodes == 7
    assert found.ops == {"Placeholder": 2, "Const": 2, "MatMul": 1, "BiasAdd": 1, "Relu": 1}
    assert found.inputs == {"x:0": "float32[?, 3]"}
    assert found.outputs == {"y:0": "float32[?, 5]"}
    assert found.parameters == {"constant": (2, 20, 80)}
    assert found.flops == 2 * 3 * 5 + 5 + 5
    assert (found.uncounted, found.functions, found.unsupported) == (0, {}, {})


def test_ops_that_are_unknown_are_told_and_the_rest_all_the_same(dense: Path):
    dense.write_bytes(dense.read_bytes().replace(b"Relu", b"Rulu").replace(b"BiasAdd", b"BiesAdd"))
    found = inspect(dense)
    assert found.unsupported == {"BiesAdd": 1, "Rulu": 1}
    assert found.inputs == {"x:0": "float32[?, 3]"}
    assert found.outputs == {"y:0": "float32<unknown>"}
    assert found.flops is None
    assert "unsupported  BiesAdd (1), Rulu (1)\n" in render_inspection(found)


def test_functions_and_loops_are_counted():
    found = inspect(NETWORKS / "lstm.pb.gz")
    assert len(found.functions) == 2
    assert found.ops["While"] == 1
    assert found.ops["Tanh"] == 2  # in the body of the loop
    assert found.uncounted > 0


def test_frames_are_shown_as_they_were_written():
    found = inspect(NETWORKS / "gru_frames.pb.gz")
    assert found.ops["NextIteration"] == 12
    assert found.inputs.keys() == {"input_0:0"}
    assert found.outputs == {"Identity:0": "float32[?, 3]"}


def test_the_screen_is_one_screen():
    for name in ("attention", "branching", "gru_frames", "pyramid"):
        lines = render_inspection(inspect(NETWORKS / f"{name}.pb.gz")).splitlines()
        assert len(lines) < 45
        assert max(len(line) for line in lines[1:]) < 120


def test_a_graph_that_cannot_be_is_refused(dense: Path):
    dense.write_bytes(dense.read_bytes().replace(b"product", b"proauct", 1))
    with pytest.raises(GraphError, match=r"biased: it reads 'product', .*did you mean 'proauct'.* in .*dense\.pb"):
        inspect(dense)


def verb(*words: str) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys\nfrom framework.cli import main\n"
        "try:\n    main()\nfinally:\n    print('jax' in sys.modules, file=sys.stderr)\n"
    )
    return subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False)


def test_the_verb_needs_no_jax(dense: Path):
    answer = verb("inspect", str(dense))
    assert answer.returncode == 0
    assert answer.stdout.startswith(f"{dense}: 7 nodes, GraphDef version 1087\n")
    assert "parameters   20 in 2 constants, 80 B\n" in answer.stdout
    assert answer.stderr.strip() == "False"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["absent.pb"], "absent.pb: cannot be read: No such file or directory"),
        ([], "inspect takes one file; found 0 words"),
        ([__file__], "no GraphDef as text"),
    ],
)
def test_what_cannot_be_inspected_is_one_screen(words: list[str], expected: str):
    answer = verb("inspect", *words)
    assert answer.returncode == 2
    assert expected in answer.stderr
    assert "Traceback" not in answer.stderr
