"""Graphs with TensorFlow 1's frames, and Keras' recurrent layers, give what TensorFlow gives (see tests/tf_frames)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from jax import export

from framework.graph import Graph
from framework.graph.graphdef.importing import import_graph_def
from framework.kernels import PLATFORMS
from framework.runtime.program import get_program
from framework.runtime.session import Session

FOLDER = Path(__file__).parents[1] / "tf_frames"
NAMES = sorted(path.stem for path in FOLDER.glob("*.npz"))


def _values(file: Any, case: str, kind: str) -> dict[str, np.ndarray]:
    return {key.split("/", 2)[2]: file[key] for key in file if key.startswith(f"{case}/{kind}/")}


@pytest.mark.parametrize("name", NAMES)
def test_a_graph_gives_what_tensorflow_gives(name: str):
    graph = Graph()
    import_graph_def((FOLDER / f"{name}.pb").read_bytes(), name="", graph=graph)
    session = Session(graph)
    with np.load(FOLDER / f"{name}.npz") as file:
        for case in sorted({key.split("/")[0] for key in file}):
            feeds, expected = _values(file, case, "feed"), _values(file, case, "fetch")
            session.run([node.name for node in graph if node.name.endswith("/Assign")])  # first values of variables
            for found, wanted in zip(session.run(list(expected), feeds), expected.values(), strict=True):
                np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
    program = get_program(graph, list(expected), [], list(feeds))
    assert program.op_by_op == ()
    assert program.compilations == 1


def test_lowered_and_functional_layers_are_the_same_graph_of_functions():
    def ops_of(name: str) -> set[str]:
        graph = Graph()
        import_graph_def((FOLDER / f"{name}.pb").read_bytes(), name="", graph=graph)
        return {node.op for body in graph.library.values() for node in body.graph} - {"Identity", "NoOp"}

    for kind in ("lstm", "gru"):
        assert ops_of(f"{kind}_frames") == ops_of(f"{kind}_functions")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_loops_and_branches_lower_for_every_platform(platform: str):
    for name in ("lstm_frames", "cond_in_while", "recurrent"):
        graph = Graph()
        import_graph_def((FOLDER / f"{name}.pb").read_bytes(), name="", graph=graph)
        with np.load(FOLDER / f"{name}.npz") as file:
            feeds = {key: jax.ShapeDtypeStruct(x.shape, x.dtype) for key, x in _values(file, "0", "feed").items()}
            program = get_program(graph, list(_values(file, "0", "fetch")), [], list(feeds), platform)
        step = jax.ShapeDtypeStruct((), np.int32)
        assert export.export(program.step, platforms=[platform])({}, {}, feeds, step).platforms == (platform,)
