"""Networks that TensorFlow froze give TensorFlow's own numbers."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import framework.ops  # noqa: F401  the declarations
from framework.errors import GraphError
from framework.graph import Graph
from framework.graph.graphdef.importing import import_graph_def, unsupported
from framework.graph.graphdef.loading import load_graph, read_graph_def
from framework.graph.graphdef.saving import save_graph
from framework.runtime.session import Session

HERE = Path(__file__).parents[2] / "tf_graphs"


def small(path: Path) -> Any:
    """A network by name; while the vocabulary lacks some of its ops, its tests are expected to fail."""
    lacking = ", ".join(unsupported(read_graph_def(path)))
    marks = [pytest.mark.xfail(reason=f"there is no {lacking}", raises=GraphError)] if lacking else []
    return pytest.param(path.name.removesuffix(".pb.gz"), marks=marks)


SMALL = [small(path) for path in sorted(HERE.glob("*.pb.gz"))]
LARGE = Path(os.environ.get("GRAPHWRIGHT_DATA", "data")).parent / "graphs"


def difference(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, in times the scale of what is expected."""
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    if expected.dtype.kind != "f":
        return float(not np.array_equal(found, expected))
    return float(np.abs(found - expected).max(initial=0) / max(np.abs(expected).max(initial=0), 1e-6))


def written(graph: Graph) -> bytes:
    return graph.as_graph_def().SerializeToString(deterministic=True)


def require_fixed_point(graph: Graph) -> None:
    again = Graph()
    import_graph_def(written(graph), "", graph=again)
    assert written(again) == written(graph)


@pytest.mark.parametrize("name", SMALL)
def test_a_small_network(name: str):
    arrays = np.load(HERE / f"{name}.npz")
    expected = {key.removeprefix("fetch/"): arrays[key] for key in arrays if key.startswith("fetch/")}
    feeds = {key.removeprefix("feed/"): arrays[key] for key in arrays if key.startswith("feed/")}
    found = Session(load_graph(HERE / f"{name}.pb.gz")).run(list(expected), feeds)
    for key, value in zip(expected, found, strict=True):
        assert difference(np.asarray(value), expected[key]) < 1e-5, key


@pytest.mark.parametrize("name", SMALL)
def test_what_is_written_again_is_a_fixed_point(name: str):
    require_fixed_point(load_graph(HERE / f"{name}.pb.gz"))


@pytest.mark.parametrize("name", ["attention", "gru", "functions", "v1_loops"])
def test_text_and_binary_say_the_same(name: str, tmp_path: Path):
    graph = load_graph(HERE / f"{name}.pb.gz")
    save_graph(graph, tmp_path / "graph.pbtxt")
    assert written(load_graph(tmp_path / "graph.pbtxt")) == written(graph)


@pytest.mark.skipif(not LARGE.is_dir(), reason="the large networks lie beside the data sets, which are not here")
@pytest.mark.parametrize("name", ["mobilenet_v2", "densenet", "bert_ish"])
def test_a_large_network(name: str):
    arrays = np.load(LARGE / f"{name}.npz")
    graph = load_graph(LARGE / f"{name}.pb.gz")
    found = Session(graph).run([str(arrays["out"])], {str(arrays["inp"]): arrays["x"]})[0]
    assert difference(found, arrays["y"]) < 1e-4
    require_fixed_point(graph)


@pytest.mark.usefixtures("uncollected")
def test_four_thousand_nodes_are_imported_in_two_seconds():
    part, message = load_graph(HERE / "pyramid.pb.gz"), Graph()
    for k in range(14):
        import_graph_def(part.as_graph_def(), f"part{k}", graph=message)
    began = time.process_time()
    graph = Graph()
    import_graph_def(written(message), "", graph=graph)
    assert len(graph) > 4500
    assert time.process_time() - began < 2
