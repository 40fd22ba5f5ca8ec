"""SaveV2 and RestoreV2 keep what they are given, and reach one folder at most."""

from __future__ import annotations

import os
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from framework import ops
from framework.errors import CheckpointError, InvalidArgumentError, NotFoundError
from framework.graph import Graph
from framework.runtime.saved_state import load
from framework.runtime.session import Session

ARRAYS = {
    "w": np.arange(6, dtype=np.float32).reshape(2, 3),
    "half": np.linspace(-1, 1, 3).astype(ml_dtypes.bfloat16),
    "count": np.int64(2**40),
    "flags": np.array([True, False]),
    "none": np.zeros((0, 2), np.float64),
}


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


def save(arrays, prefix="model", slices=None):
    return ops.save_v2(prefix, list(arrays), slices or [""] * len(arrays), list(arrays.values()))


def restore(*names: str, dtypes=("float32",), prefix="model", slices=None):
    return ops.restore_v2(prefix, list(names), slices or [""] * len(names), dtypes=dtypes)


def test_tensors_come_back_as_they_were(graph, tmp_path: Path):
    dtypes = [array.dtype for array in ARRAYS.values()]
    session = Session(graph, files=tmp_path)
    session.run(save(ARRAYS))
    found = session.run(restore(*ARRAYS, dtypes=dtypes))
    for array, expected in zip(found, ARRAYS.values(), strict=True):
        assert array.dtype == expected.dtype
        np.testing.assert_array_equal(array, expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_variables_are_saved_and_restored_through_the_graph(graph, tmp_path: Path):
    w = ops.variable(shape=(2,), dtype="float32", name="w")
    v = graph.add("VarHandleOp", attrs={"dtype": "float32", "shape": ()}, name="v").outputs[0]
    prefix = ops.placeholder("string", (), name="prefix")
    saving = ops.save_v2(prefix, ["w", "v"], ["", ""], [w, ops.read_variable_op(v, dtype="float32")])
    with graph.control_dependencies([saving]):
        done = ops.identity(prefix)
    values = restore("w", "v", dtypes=["float32", "float32"], prefix=prefix)
    restoring = [ops.assign(w, values[0]).op, ops.assign_variable_op(v, values[1])]

    first = Session(graph, state={"w": np.float32([1, 2]), "v": np.float32(3)}, files=tmp_path)
    assert first.run(done, {prefix: "a/model"}) == b"a/model"
    second = Session(graph, files=str(tmp_path))
    second.run(restoring, {prefix: "a/model"})
    assert second.state["w"].tolist() == [1, 2]
    assert second.state["v"] == 3


def test_what_was_saved_there_is_replaced(graph, tmp_path: Path):
    session = Session(graph, files=tmp_path)
    for value in (1.0, 2.0):
        session.run(save({"x": np.float32(value)}))
    assert session.run(restore("x")[0]) == 2.0
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_part_is_restored(graph, tmp_path: Path):
    session = Session(graph, files=tmp_path)
    session.run(save({"w": ARRAYS["w"]}))
    (part,) = session.run(restore("w", slices=["2 3 0,2:1,2"]))
    np.testing.assert_array_equal(part, ARRAYS["w"][:, 1:3])
    (part,) = session.run(restore("w", slices=["2 3 1,1:-"]))
    np.testing.assert_array_equal(part, ARRAYS["w"][1:])
    for wrong in ("3 3 0,2:-", "2 3 0,2", "two"):
        with pytest.raises(InvalidArgumentError, match=wrong):
            session.run(restore("w", slices=[wrong]))


# -- what a graph may reach -----------------------------------------------------------------------------------------


def test_a_session_allows_no_file_unless_it_says_so(graph, tmp_path: Path):
    for operation in (save({"x": np.float32(1)}, prefix=f"{tmp_path}/x"), restore("x", prefix=f"{tmp_path}/x")):
        with pytest.raises(InvalidArgumentError, match=r"allows it none.*Session\(graph, files=folder\)"):
            Session(graph).run(operation)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["{outside}", "../outside", "a/../../outside", "link/x", ".", "", "/etc/passwd"])
def test_nothing_but_what_is_below_the_folder_is_reached(graph, tmp_path: Path, name: str):
    allowed, outside = tmp_path / "allowed", tmp_path / "outside"
    allowed.mkdir()
    outside.mkdir()
    os.symlink(outside, allowed / "link")
    name = name.format(outside=outside)
    session = Session(graph, files=allowed)
    for operation in (save({"x": np.float32(1)}, prefix=name), restore("x", prefix=name)):
        with pytest.raises(InvalidArgumentError, match="is not below"):
            session.run(operation)
    assert list(outside.iterdir()) == []


def test_an_absolute_name_below_the_folder_is_reached(graph, tmp_path: Path):
    session = Session(graph, files=tmp_path)
    session.run(save({"x": np.float32(1)}, prefix=f"{tmp_path}/deep/er"))
    assert load(tmp_path / "deep/er").state["x"] == 1


def test_what_is_no_saved_state_is_left_alone(graph, tmp_path: Path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "thesis.txt").write_text("years of work")
    with pytest.raises(CheckpointError, match="was not saved by this"):
        Session(graph, files=tmp_path).run(save({"x": np.float32(1)}))
    assert (tmp_path / "model" / "thesis.txt").read_text() == "years of work"


# -- what cannot be -------------------------------------------------------------------------------------------------


def test_what_is_missing_damaged_or_of_another_type_is_named(graph, tmp_path: Path):
    session = Session(graph, files=tmp_path)
    with pytest.raises(CheckpointError, match=r"nothing was saved in '.*model'"):
        session.run(restore("w"))
    session.run(save({"weights": ARRAYS["w"]}))
    with pytest.raises(NotFoundError, match=r"'model' holds no weight.*weights"):
        session.run(restore("weight"))
    with pytest.raises(InvalidArgumentError, match="'weights' was saved as float32, but is restored as int32"):
        session.run(restore("weights", dtypes=["int32"]))
    file = tmp_path / "model" / "state.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(CheckpointError, match=r"'.*model' is damaged: state\.safetensors"):
        session.run(restore("weights"))


def test_a_type_that_cannot_be_saved_is_named(graph, tmp_path: Path):
    with pytest.raises(CheckpointError, match="'z' is complex128"):
        Session(graph, files=tmp_path).run(save({"z": np.complex128(1j)}))


def test_a_part_is_not_saved(graph, tmp_path: Path):
    with pytest.raises(InvalidArgumentError, match="whole tensors"):
        Session(graph, files=tmp_path).run(save({"w": ARRAYS["w"]}, slices=["4 3 0,2:-"]))


def test_a_restored_value_must_fit_its_variable(graph, tmp_path: Path):
    w = ops.variable(shape=(3,), dtype="float32", name="w")
    session = Session(graph, files=tmp_path)
    session.run(save({"w": ARRAYS["w"]}))
    with pytest.raises(InvalidArgumentError, match=r"'w' \[3\] cannot take a value \[2, 3\]"):
        session.run(ops.assign(w, restore("w")[0]).op)
