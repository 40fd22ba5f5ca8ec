"""CheckNumerics and Assert fail the run, wherever they stand, and leave the variables as they were."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ops
from framework.errors import InvalidArgumentError
from framework.graph import Graph
from framework.runtime.program import Source, get_program
from framework.runtime.session import Session


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


def test_numbers_that_are_not_finite_are_named(graph):
    x = ops.placeholder(dtype="float32", shape=(2,), name="x")
    checked = ops.check_numerics(ops.divide(x, 1.0), message="of the layer", name="guard")
    session = Session(graph)
    assert session.run(checked, {x: [1.0, 2.0]}).tolist() == [1.0, 2.0]
    with pytest.raises(InvalidArgumentError, match=r"guard: of the layer : tensor '.*' had NaN values"):
        session.run(checked, {x: [1.0, np.nan]})
    with pytest.raises(InvalidArgumentError, match="had Inf and NaN values"):
        session.run(checked, {x: [-np.inf, np.nan]})
    assert session.run(checked, {x: [3.0, 4.0]}).tolist() == [3.0, 4.0]


def test_an_assertion_shows_its_data(graph):
    x = ops.placeholder(dtype="int32", shape=(5,), name="x")
    check = ops.assert_that(ops.reduce_all(ops.less(x, 10), [0]), ["x must be below 10, found", x], name="small")
    with graph.control_dependencies([check]):
        y = ops.identity(x)
    session = Session(graph)
    assert session.run(y, {x: np.arange(5)}).tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(InvalidArgumentError, match=r"small: .*\[x must be below 10, found\] \[7 8 9\.\.\.\]"):
        session.run(y, {x: np.arange(7, 12)})


def test_a_failed_run_leaves_the_variables_as_they_were(graph):
    w = ops.variable(shape=(2,), dtype="float32", name="w")
    x = ops.placeholder(dtype="float32", shape=(2,), name="x")
    following = ops.assign(w, ops.check_numerics(w + x, message="w"))
    session = Session(graph)
    session.run(ops.assign(w, [1.0, 2.0]).op)
    with pytest.raises(InvalidArgumentError):
        session.run(following, {x: [np.inf, 0.0]})
    assert session.run(w).tolist() == [1.0, 2.0]
    assert session.run(following, {x: [1.0, 1.0]}).tolist() == [2.0, 3.0]
    assert session.run(w).tolist() == [2.0, 3.0]


def test_a_check_is_differentiated_through_and_looked_at(graph):
    x = ops.placeholder(dtype="float32", shape=(), name="x")
    y = ops.check_numerics(ops.log(x), message="log", name="guard")
    gradient = graph.add("Gradients", [y, x], {"Tys": [y.dtype], "Txs": [x.dtype], "Tgrads": []}).outputs[0]
    assert Session(graph).run(gradient, {x: 4.0}) == 0.25
    with pytest.raises(InvalidArgumentError, match="guard: log"):
        Session(graph).run(gradient, {x: -4.0})


def test_a_stretch_of_steps_is_looked_at_when_it_is_over(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    x = ops.placeholder(dtype="float32", shape=(), name="x")
    following = ops.assign(w, ops.check_numerics(w + x, message="w"))
    program = get_program(graph, [following.name], [], ["x:0"])
    state = {"w": np.float32(1.0)}
    buffers = [np.zeros(4, np.float32)]
    filled, _ = program.stretch(state, Source({}, None, {"x:0": np.float32([1, 2, 3, 4])}, {}), buffers, 0, 0, 4)
    assert np.asarray(filled[0]).tolist() == [2.0, 4.0, 7.0, 11.0]
    bad = Source({}, None, {"x:0": np.float32([1, 2, np.nan, 4])}, {})
    with pytest.raises(InvalidArgumentError, match="step 12"):
        program.stretch(state, bad, [np.zeros(4, np.float32)], 10, 0, 4)
