"""Networks that TensorFlow froze give TensorFlow's own numbers."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import framework.ops  # noqa: F401  the declarations
from framework.graph import Graph
from framework.graph.graphdef import to_graph_def
from framework.graph.importing import import_graph_def
from framework.graph.loading import load_graph
from framework.runtime.session import Session

HERE = Path(__file__).parents[1] / "tf_graphs"
SMALL = sorted(path.name.removesuffix(".pb.gz") for path in HERE.glob("*.pb.gz"))
LARGE = Path(os.environ.get("GRAPHWRIGHT_DATA", "data")).parent / "graphs"


def difference(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, in times the scale of what is expected."""
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    if expected.dtype.kind != "f":
        return float(not np.array_equal(found, expected))
    return float(np.abs(found - expected).max(initial=0) / max(np.abs(expected).max(initial=0), 1e-6))


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
    first = to_graph_def(load_graph(HERE / f"{name}.pb.gz")).SerializeToString(deterministic=True)
    graph = Graph()
    import_graph_def(first, "", graph=graph)
    assert to_graph_def(graph).SerializeToString(deterministic=True) == first


@pytest.mark.skipif(not LARGE.is_dir(), reason="the large networks lie beside the data sets, which are not here")
@pytest.mark.parametrize("name", ["mobilenet_v2", "densenet", "bert_ish"])
def test_a_large_network(name: str):
    arrays = np.load(LARGE / f"{name}.npz")
    graph = load_graph(LARGE / f"{name}.pb.gz")
    found = Session(graph).run([str(arrays["out"])], {str(arrays["inp"]): arrays["x"]})[0]
    assert difference(found, arrays["y"]) < 1e-4
