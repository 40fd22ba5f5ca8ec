"""Lists, TensorArrays, calls, branches and loops give what TensorFlow gives (see tests/tf_cases/programs.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework.graph import Graph, Tensor
from framework.graph.graphdef.importing import import_graph_def
from framework.runtime.session import Session

FOLDER = Path(__file__).parents[1] / "tf_cases" / "programs"


def _programs() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.npz")):
        with np.load(path) as file:
            index = json.loads(file["index"].tobytes())
            found += [pytest.param(path, entry, id=f"{path.stem}-{entry['name']}") for entry in index]
    return found


def _values(file: Any, prefix: str, count: int) -> list[np.ndarray]:
    return [file[f"{prefix}/{k}"] for k in range(count)]


def gradients(graph: Graph, y: Tensor, xs: list[Tensor]) -> tuple[Tensor, ...]:
    attrs = {"Tys": [y.dtype], "Txs": [x.dtype for x in xs], "Tgrads": []}
    return graph.add("Gradients", [y, *xs], attrs).outputs


@pytest.mark.parametrize(("path", "entry"), _programs())
def test_a_program_gives_what_tensorflow_gives(path: Path, entry: dict[str, Any]):
    name, graph = entry["name"], Graph()
    with np.load(path) as file:
        import_graph_def(file[f"{name}/graph"].tobytes(), name="", graph=graph)
        feeds = [graph.tensor(f"x{k}:0") for k in range(entry["feeds"])]
        fetches = [graph.tensor(f"y{k}:0") for k in range(entry["fetches"])]
        varied = [feeds[k] for k in entry["varied"]]
        slopes = list(gradients(graph, fetches[0], varied)) if varied else []
        session = Session(graph)
        for run in range(entry["runs"]):
            fed = dict(zip(feeds, _values(file, f"{name}/{run}/feed", len(feeds)), strict=True))
            expected = _values(file, f"{name}/{run}/fetch", len(fetches))
            found = session.run(fetches, fed)
            for one, other in zip(found, expected, strict=True):
                assert one.dtype == other.dtype
                np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-6)
            for one, other in zip(
                session.run(slopes, fed), _values(file, f"{name}/{run}/gradient", len(slopes)), strict=True
            ):
                np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-5)
