"""A run in several parts feeds and fetches in stages, and runs each node once."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ops
from framework.errors import FailedPreconditionError, InvalidArgumentError
from framework.graph import Graph
from framework.runtime.session import Session


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


def scalar(name: str):
    return ops.placeholder(dtype="float32", shape=(), name=name)


def test_feeds_and_fetches_come_in_stages(graph):
    a, b, c = scalar("a"), scalar("b"), scalar("c")
    r1 = a + b
    r2 = r1 * c
    session = Session(graph)
    handle = session.partial_run_setup([r1, r2], [a, b, c])
    assert session.partial_run(handle, r1, {a: 1.0, b: 2.0}) == 3.0
    assert session.partial_run(handle, r2, {c: 17.0}) == 51.0


def test_an_interior_tensor_can_be_fed_between(graph):
    a, b = scalar("a"), scalar("b")
    r1 = a + b
    r2 = r1 * 10.0
    session = Session(graph)
    handle = session.partial_run_setup({"first": a * 2.0, "second": [r2]}, [a, r1])
    first = [name for name in graph.nodes if graph.nodes[name].op == "Mul"][-1]
    assert session.partial_run(handle, f"{first}:0", {a: 1.0}) == 2.0
    assert session.partial_run(handle, {"x": r2}, {r1: 7.0}) == {"x": 70.0}


def test_each_node_runs_once(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    drawn = ops.random_uniform([3], dtype="float32", name="drawn")
    increment = ops.assign(w, w + 1.0)
    x = scalar("x")
    later = ops.reduce_sum(drawn, [0]) + x
    with graph.control_dependencies([increment]):
        behind = x * 2.0
    session = Session(graph, {"w": np.float32(4.0)})
    handle = session.partial_run_setup([drawn, increment, later, behind], [x])
    first = session.partial_run(handle, [drawn, increment])
    assert first[1] == 5.0
    assert session.run(w) == 5.0
    total, twice = session.partial_run(handle, [later, behind], {x: 1.0})
    np.testing.assert_allclose(total, first[0].sum() + 1.0, rtol=1e-6)
    assert twice == 2.0
    assert session.run(w) == 5.0  # not incremented again
    np.testing.assert_array_equal(session.partial_run(handle, drawn), first[0])


def test_a_gradient_may_come_after_what_it_is_taken_of(graph):
    x, weight = scalar("x"), scalar("weight")
    y = x * x * x
    gradient = graph.add("Gradients", [y, x, weight], {"Tys": [y.dtype], "Txs": [x.dtype], "Tgrads": [y.dtype]})
    session = Session(graph)
    handle = session.partial_run_setup([y, gradient.outputs[0]], [x, weight])
    assert session.partial_run(handle, y, {x: 2.0}) == 8.0
    assert session.partial_run(handle, gradient.outputs[0], {weight: 10.0}) == 120.0


def test_what_was_not_declared_or_comes_twice_is_refused(graph):
    a, b = scalar("a"), scalar("b")
    r1, r2 = a + 1.0, a + b
    session = Session(graph)
    handle = session.partial_run_setup([r1, r2], [a, b])
    with pytest.raises(InvalidArgumentError, match="'mul:0' was not among the fetches"):
        session.partial_run(handle, a * 2.0, {a: 1.0})
    with pytest.raises(InvalidArgumentError, match=r"'add:0' was not among the feeds"):
        session.partial_run(handle, r2, {r1: 1.0})
    with pytest.raises(InvalidArgumentError, match="'a:0', which was not fed yet"):
        session.partial_run(handle, r1)
    assert session.partial_run(handle, r1, {a: 1.0}) == 2.0
    with pytest.raises(InvalidArgumentError, match="'a:0' was fed before"):
        session.partial_run(handle, r1, {a: 1.0})
    with pytest.raises(InvalidArgumentError, match="'b:0', which was not fed yet"):
        session.partial_run(handle, r2)
    assert session.partial_run(handle, r2, {b: 5.0}) == 6.0
    with pytest.raises(InvalidArgumentError, match="need a value for 'b'"):
        session.partial_run_setup(r2, [a])


def test_a_variable_needs_a_value_and_64_bits_are_kept(graph):
    w = ops.variable(shape=(), dtype="int64", name="w")
    session = Session(graph)
    with pytest.raises(FailedPreconditionError, match="'w'"):
        session.partial_run_setup(w)
    x = ops.placeholder(dtype="int64", shape=(), name="x")
    handle = session.partial_run_setup([x + 1], [x])
    name = list(graph.nodes)[-1]
    assert session.partial_run(handle, f"{name}:0", {x: 2**40}) == 2**40 + 1
