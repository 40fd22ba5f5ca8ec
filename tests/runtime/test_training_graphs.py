"""Training graphs that TensorFlow 1 wrote run here as they ran there: see tests/tf_cases/training_graphs.py."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.compat.proto.summary_pb2 import Summary  # pyright: ignore[reportAttributeAccessIssue]

from framework.errors import FailedPreconditionError
from framework.graph import Graph
from framework.graph.graphdef.importing import import_graph_def
from framework.runtime.session import Session

FOLDER = Path(__file__).parents[1] / "tf_cases" / "training_graphs"
NUMBERS: dict[str, dict[str, Any]] = json.loads((FOLDER / "numbers.json").read_text())


@cache
def graph(name: str) -> Graph:
    found = Graph()
    import_graph_def(gzip.decompress((FOLDER / f"{name}.pb.gz").read_bytes()), name="", graph=found)
    return found


def batches(name: str) -> list[dict[str, np.ndarray]]:
    numbers = NUMBERS[name]
    return [
        {"x:0": np.asarray(x, np.float32), "y:0": np.asarray(y, np.int32)}
        for x, y in zip(numbers["x"], numbers["y"], strict=True)
    ]


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_losses_and_variables_are_tensorflows(name: str) -> None:
    session = Session(graph(name))
    session.run("init")
    losses = [session.run(["train", "loss:0"], batch)[1] for batch in batches(name)]
    np.testing.assert_allclose(losses, NUMBERS[name]["losses"], rtol=1e-5)
    assert set(session.state) == set(NUMBERS[name]["variables"])
    for variable, expected in NUMBERS[name]["variables"].items():
        np.testing.assert_allclose(session.state[variable], expected, rtol=1e-4, atol=1e-6, err_msg=variable)
    assert session.state["global_step"].dtype == np.int64


@pytest.mark.parametrize("name", ["references_adam", "handles_adam"])
def test_its_own_saver_and_summaries_run(name: str, tmp_path: Path) -> None:
    first, batch = Session(graph(name), files=tmp_path), batches(name)[0]
    first.run("init")
    first.run("train", batch)
    summaries = Summary.FromString(first.run("summaries/summaries:0", batch)).value
    assert [value.tag for value in summaries] == ["cost", "weights"]
    assert summaries[0].simple_value == first.run("loss:0", batch)
    assert (summaries[1].histo.num, summaries[1].histo.max) == (12, np.max(first.state["w"]))

    assert first.run("save/control_dependency:0", {"save/Const:0": "model-1"}) == b"model-1"
    second = Session(graph(name), files=tmp_path)
    second.run("save/restore_all", {"save/Const:0": "model-1"})
    assert second.run(["loss:0", "train"], batch)[0] == first.run(["loss:0", "train"], batch)[0]
    for variable, value in first.state.items():
        np.testing.assert_array_equal(second.state[variable], value)


@pytest.mark.parametrize("name", ["references_momentum", "handles_momentum"])
def test_nothing_trains_before_the_variables_have_values(name: str) -> None:
    with pytest.raises(FailedPreconditionError, match="has no value yet"):
        Session(graph(name)).run("train", batches(name)[0])
