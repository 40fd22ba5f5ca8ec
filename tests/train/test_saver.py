"""A Saver keeps the variables of a session, in the format of the trainer's checkpoints."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from framework import files, ops
from framework.build import build
from framework.config.compose import Source
from framework.config.warm_start import WarmStart
from framework.errors import CheckpointError, FailedPreconditionError, NotFoundError
from framework.graph import Graph
from framework.graph.hyper import add_hyper
from framework.launch import prepare
from framework.layers import Mode
from framework.runtime.session import Session
from framework.train import saver as module
from framework.train.past_run import Run
from framework.train.run import run
from framework.train.saver import Saver, checkpoint_exists, latest_checkpoint, list_variables
from framework.train.warm_start import take


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


@pytest.fixture
def variables(graph):
    """A reference, a handle and an integer."""
    w = ops.variable(shape=(2,), dtype="float32", name="w")
    v = graph.add("VarHandleOp", attrs={"dtype": "float32", "shape": (), "shared_name": "deep/v"}, name="v").outputs[0]
    step = ops.variable(shape=(), dtype="int64", name="global_step")
    return w, v, step


def values(**more) -> dict[str, np.ndarray]:
    state = {"w": [1.0, 2.0], "deep/v": 3.0, **more}
    return {**{name: np.asarray(x, np.float32) for name, x in state.items()}, "global_step": np.asarray(7, np.int64)}


@pytest.mark.usefixtures("variables")
def test_a_session_goes_on_where_another_was_saved(graph, tmp_path: Path):
    path = Saver().save(Session(graph, state=values()), tmp_path / "a" / "model")
    assert path == str(tmp_path / "a" / "model")
    session = Session(graph)
    found = Saver().restore(session, path)
    assert sorted(found.taken) == ["deep/v", "global_step", "w"]
    assert (found.missing, found.extra, found.different) == ((), (), {})
    assert session.run("w:0").tolist() == [1.0, 2.0]
    for name, expected in values().items():
        assert session.state[name].dtype == expected.dtype
        np.testing.assert_array_equal(session.state[name], expected)


@pytest.mark.parametrize(
    ("step", "pad", "name"),
    [(None, False, "m"), (0, False, "m-0"), (120, False, "m-120"), (np.int64(120), True, "m-00000120")],
)
@pytest.mark.usefixtures("variables")
def test_the_step_is_in_the_name(graph, tmp_path: Path, step, pad, name):
    saver = Saver(pad_step_number=pad)
    assert saver.save(Session(graph, state=values()), f"{tmp_path}/m", step) == f"{tmp_path}/{name}"
    assert saver.last_checkpoints == [f"{tmp_path}/{name}"]


def test_the_step_may_be_a_variable(graph, variables, tmp_path: Path):
    session = Session(graph, state=values())
    assert Saver().save(session, f"{tmp_path}/m", global_step=variables[2]).endswith("/m-7")
    with pytest.raises(FailedPreconditionError, match="'global_step'"):
        Saver(["w"]).save(Session(graph, state={"w": np.float32([0, 0])}), f"{tmp_path}/m", global_step=variables[2])


def test_a_list_chooses_and_a_mapping_renames(graph, variables, tmp_path: Path):
    w, v, step = variables
    session = Session(graph, state=values())
    chosen = Saver([w, v.op]).save(session, tmp_path / "chosen")
    assert list_variables(chosen) == [("deep/v", []), ("w", [2])]
    renamed = Saver({"old/weights": "w", "old/count": step}).save(session, tmp_path / "renamed")
    assert list_variables(renamed) == [("old/count", []), ("old/weights", [2])]
    other = Session(graph)
    Saver({"old/weights": w}).restore(other, renamed)
    assert list(other.state) == ["w"]
    with pytest.raises(NotFoundError, match=r"'ww'.*did you mean 'w'"):
        Saver(["ww"]).save(session, tmp_path / "x")
    with pytest.raises(NotFoundError, match="'Const:0' is no variable"):
        Saver([ops.constant(1.0)]).save(session, tmp_path / "x")
    with pytest.raises(TypeError, match=r"3\.5"):
        Saver([3.5]).save(session, tmp_path / "x")


@pytest.mark.usefixtures("variables")
def test_variables_without_a_value_are_named_all_at_once(graph, tmp_path: Path):
    with pytest.raises(FailedPreconditionError, match="w, deep/v"):
        Saver().save(Session(graph, state={"global_step": np.int64(0)}), tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_of_nothing_is_a_mistake(graph, tmp_path: Path):
    with pytest.raises(CheckpointError, match="no variable to save"):
        Saver().save(Session(graph), tmp_path / "m")


# -- what does not fit ----------------------------------------------------------------------------------------------


def other_graph() -> Graph:
    """Shares `w` with another shape, `global_step` with another type, and has a variable of its own."""
    with Graph().as_default() as graph:
        ops.variable(shape=(3,), dtype="float32", name="w")
        ops.variable(shape=(), dtype="int32", name="global_step")
        ops.variable(shape=(), dtype="float32", name="new")
        graph.add("VarHandleOp", attrs={"dtype": "float32", "shape": ()}, name="deep/v")
    return graph


@pytest.mark.usefixtures("variables")
def test_all_that_does_not_fit_is_said_at_once_and_nothing_is_restored(graph, tmp_path: Path):
    path = Saver().save(Session(graph, state=values(), files=None), tmp_path / "m")
    session = Session(other_graph(), state={"new": np.float32(5)})
    with pytest.raises(CheckpointError) as error:
        Saver().restore(session, path)
    for said in ("missing: new", "w float32[3] here, float32[2] there", "global_step int32[] here, int64[] there"):
        assert said in str(error.value)
    assert "restored\n" not in str(error.value)
    assert list(session.state) == ["new"]


@pytest.mark.usefixtures("variables")
def test_what_fits_is_taken_when_asked_for(graph, tmp_path: Path):
    state = {**values(), "Train/adam/mu/w": np.zeros(2, np.float32)}
    with graph.as_default():
        ops.variable(shape=(), dtype="float32", name="more")
    path = Saver(["w", "deep/v", "global_step", "more"]).save(
        Session(graph, state={**state, "more": np.float32(0)}), tmp_path / "m"
    )
    session = Session(other_graph())
    found = Saver().restore(session, path, partial=True)
    assert found.taken == ("deep/v",)
    assert found.missing == ("new",)
    assert found.extra == ("more",)
    assert set(found.different) == {"w", "global_step"}
    assert {name: float(x) for name, x in session.state.items()} == {"deep/v": 3.0}
    assert str(found).splitlines()[0] == "1 variable restored"


def test_the_state_of_optimizers_goes_along(graph, tmp_path: Path):
    w = ops.variable(shape=(2,), dtype="float32", name="w")
    loss = ops.reduce_sum(ops.square(w), [0])
    gradient = graph.add("Gradients", [loss, w], {"Tys": [loss.dtype], "Txs": [w.dtype], "Tgrads": []}).outputs[0]
    rate = add_hyper(graph, "learning_rate", 0.1)
    optimizer = json.dumps({"type": "sgd", "arguments": {"momentum": 0.9}})
    attrs = {"T": [w.dtype], "N": 1, "names": ["learning_rate"], "optimizer": optimizer}
    update = graph.add("Update", [w, gradient, rate, loss], attrs)
    first = ops.assign(w, [1.0, 2.0])
    start = graph.add("InitializeUpdate", [first, rate], attrs)

    session = Session(graph)
    session.run([start, first.op])
    session.run(update)
    path = Saver().save(session, tmp_path / "m")
    session.run(update)
    expected = session.run(w)
    other = Session(graph)
    assert any(name.startswith("Train/") for name in Saver().restore(other, path).taken)
    other.run(update)
    np.testing.assert_array_equal(other.run(w), expected)


# -- which stay -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("variables")
def test_the_last_few_are_kept(graph, tmp_path: Path):
    session, saver = Session(graph, state=values()), Saver(max_to_keep=2)
    paths = [saver.save(session, tmp_path / "m", step) for step in (1, 2, 3, 2)]
    assert saver.last_checkpoints == [paths[2], paths[1]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m-2", "m-3"]
    assert latest_checkpoint(tmp_path) == paths[3]
    saver.save(session, tmp_path / "m", 9)
    assert [checkpoint_exists(path) for path in paths[:3]] == [False, True, False]


@pytest.mark.parametrize("most", [None, 0])
@pytest.mark.usefixtures("variables")
def test_all_are_kept_where_no_number_is_given(graph, tmp_path: Path, most):
    saver = Saver(max_to_keep=most)
    for step in range(8):
        saver.save(Session(graph, state=values()), tmp_path / "m", step)
    assert len(list(tmp_path.iterdir())) == len(saver.last_checkpoints) == 8


@pytest.mark.usefixtures("variables")
def test_one_of_each_few_hours_is_kept_for_good(graph, tmp_path: Path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "time", lambda: now[0])
    saver, session = Saver(max_to_keep=1, keep_checkpoint_every_n_hours=2), Session(graph, state=values())
    for half_hours in range(1, 12):
        now[0] = half_hours * 1800.0
        saver.save(session, tmp_path / "m", half_hours)
    # The first that was made after 2 hours, the first after 4, and the last.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m-11", "m-5", "m-9"]


# -- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("variables")
def test_damage_is_found_before_anything_is_restored(graph, tmp_path: Path):
    path = Path(Saver().save(Session(graph, state=values()), tmp_path / "m"))
    file = path / "state.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    session = Session(graph)
    for reader in (lambda: Saver().restore(session, path), lambda: list_variables(path)):
        with pytest.raises(CheckpointError, match=r"'.*m' is damaged"):
            reader()
    assert session.state == {}
    file.unlink()
    with pytest.raises(CheckpointError, match="damaged"):
        Saver().restore(session, path)


@pytest.mark.usefixtures("variables")
def test_a_full_disk_leaves_the_earlier_checkpoint(graph, tmp_path: Path, monkeypatch):
    saver = Saver()
    path = saver.save(Session(graph, state=values()), tmp_path / "m")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full)
        with pytest.raises(CheckpointError, match="No space left"):
            saver.save(Session(graph, state=values(w=[9, 9])), tmp_path / "m")
    session = Session(graph)
    saver.restore(session, path)
    assert session.state["w"].tolist() == [1, 2]
    assert [item.name for item in tmp_path.iterdir()] == ["m"]


@pytest.mark.usefixtures("variables")
def test_what_a_killed_process_left_between_two_names_is_read(graph, tmp_path: Path):
    path = Path(Saver().save(Session(graph, state=values()), tmp_path / "m"))
    path.rename(path.with_name("m.replaced"))
    shutil.copytree(path.with_name("m.replaced"), tmp_path / ".writing-m")
    assert latest_checkpoint(tmp_path) == str(path)
    session = Session(graph)
    Saver().restore(session, path)
    assert session.state["w"].tolist() == [1, 2]
    Saver().save(Session(graph, state=values(w=[4, 5])), path)
    Saver().restore(session, path)
    assert session.state["w"].tolist() == [4, 5]
    assert [item.name for item in tmp_path.iterdir()] == ["m"]


@pytest.mark.usefixtures("variables")
def test_the_latest_is_the_one_written_last(graph, tmp_path: Path):
    assert latest_checkpoint(tmp_path / "none") is None
    assert latest_checkpoint(tmp_path) is None
    session = Session(graph, state=values())
    paths = [Saver().save(session, tmp_path / "m", step) for step in (30, 4)]
    os.utime(Path(paths[0]) / "manifest.json", ns=(0, 10**18))
    (tmp_path / "notes").mkdir()
    assert latest_checkpoint(tmp_path) == paths[1]
    assert list_variables(tmp_path) == [("deep/v", []), ("global_step", []), ("w", [2])]
    assert checkpoint_exists(paths[0])
    assert not checkpoint_exists(tmp_path / "m")
    with pytest.raises(CheckpointError, match="nothing was saved"):
        Saver().restore(session, tmp_path / "m")


# -- the trainer's checkpoints --------------------------------------------------------------------------------------


def test_the_trainer_and_a_saver_read_what_the_other_wrote(tmp_path: Path):
    folder = tmp_path / "run"
    trial = prepare(("model=mlp", "dataset=digits", "trainer.epochs=null", "trainer.steps=10"), Source())
    assert run(trial.experiment, folder, trial.composed) == 0
    built = build(trial.experiment, Mode.PREDICT)

    session = Session(built.graph)
    written = latest_checkpoint(folder / "checkpoints")
    found = Saver().restore(session, written or "")
    assert set(found.taken) == set(built.parameters) | set(built.state)
    assert found.missing == ()
    images = trial.experiment.dataset.load().splits["test"]["image"][:5]
    (name, logits), feed = next(iter(built.outputs.items())), built.features["image"]
    np.testing.assert_allclose(session.run(logits, {feed: images}), Run(folder).predict({"image": images})[name])

    for variable in built.parameters:
        session.state[variable] = np.full_like(session.state[variable], 0.5)
    Saver(pad_step_number=True).save(session, folder / "checkpoints" / "step", 20)
    assert Run(folder).checkpoint.step == 20
    np.testing.assert_allclose(session.run(logits, {feed: images}), Run(folder).predict({"image": images})[name])
    taken = take(WarmStart(run=str(folder), checkpoint="latest"), build(trial.experiment, Mode.TRAIN))
    assert set(taken.arrays) == set(built.parameters) | set(built.state)
    assert all((array == 0.5).all() for name, array in taken.arrays.items() if name in built.parameters)
