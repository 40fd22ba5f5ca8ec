"""Conditions and loops written with Python functions: structures, shapes, captures, and what is refused."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError
from framework.graph import Graph, Operation, get_default_graph
from framework.graph.fingerprint import fingerprint
from framework.ops.functional import case, cond, switch_case, while_loop


class Pair(NamedTuple):
    first: object
    second: object


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


@pytest.fixture
def p(graph):
    return ops.placeholder(dtype="bool", shape=(), name="p")


@pytest.fixture
def x(graph):
    return ops.placeholder(dtype="float32", shape=(2, 3), name="x")


def test_what_a_branch_reads_becomes_an_argument(graph, p, x):
    y = x * 2.0
    result = cond(p, lambda: y + x, lambda: x, name="choose")
    node = result.op.node
    assert node.op == "StatelessIf"
    assert node.inputs == ("p:0", "mul:0", "x:0")
    assert result.shape == (2, 3)
    for name in ("choose_true_fn", "choose_false_fn"):
        body = graph.library[name]
        assert [body.graph.spec(tensor).shape for tensor in body.inputs] == [(2, 3), (2, 3)]
    assert "AddV2" not in {node.op for node in graph}


def test_the_structure_of_a_branch_comes_back(p, x):
    def branch(y):
        return {"a": y, "b": [Pair(y, (y,)), None], "c": ()}

    found = cond(p, lambda: branch(x), lambda: branch(x * 2.0))
    assert list(found) == ["a", "b", "c"]
    assert isinstance(found["b"][0], Pair)
    assert isinstance(found["b"][0].second, tuple)
    assert found["b"][1] is None
    assert found["c"] == ()


def test_branches_agree_as_far_as_their_shapes_do(p, x):
    assert cond(p, lambda: x, lambda: ops.concat([x, x], 0)).shape == (None, 3)
    assert cond(p, lambda: x, lambda: ops.constant(0.0)).shape is None


def test_a_branch_that_gives_nothing_is_an_operation(graph, p):
    w = ops.variable(shape=(), dtype="float32", name="w")
    found = cond(p, lambda: ops.assign(w, 1.0).op, lambda: None)
    assert isinstance(found, Operation)
    assert found.type == "If"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p, x: cond(p, lambda: x, lambda: (x, x)), r"true_fn gives \., but false_fn gives \(\., \.\)"),
        (lambda p, x: cond(p, lambda: {"a": x}, lambda: {"b": x}), r"true_fn gives \{'a': \.\}.*\{'b': \.\}"),
        (lambda p, x: cond(p, lambda: x, lambda: 3), r"result 0 is float32\[2, 3\] from true_fn, but int32\[\] from"),
        (lambda p, x: cond(x, lambda: x, lambda: x), r"'pred' must be a scalar bool, found float32\[2, 3\]"),
        (lambda p, x: switch_case(p, [lambda: x]), "'branch_index' must be a scalar int32, found bool"),
        (lambda p, x: switch_case(0, []), "at least one function"),
        (lambda p, x: case([]), "at least one pair"),
        (lambda p, x: while_loop(lambda i: p, lambda i: (i, i), (0,)), r"'body' gives \(\., \.\).*are \(\.\)"),
        (
            lambda p, x: while_loop(lambda i: p, lambda i: x, (0,)),
            r"variable 0 is int32\[\], but 'body' makes it float",
        ),
        (lambda p, x: while_loop(lambda i: i, lambda i: i, 0), r"'cond' must give a scalar bool, found int32"),
        (
            lambda p, x: while_loop(lambda y: p, lambda y: ops.concat([y, y], 0), x, (2, 3)),
            r"'body' makes variable 0 \[4, 3\], but its 'shape_invariants' say \[2, 3\]",
        ),
        (
            lambda p, x: while_loop(lambda y: p, lambda y: y, x, (7, 3)),
            r"begins with shape \[2, 3\], which does not fit",
        ),
        (lambda p, x: while_loop(lambda y, z: p, lambda y, z: (y, z), (x, x), (None,)), "must have the structure"),
        (lambda p, x: cond(p, lambda: x, lambda: _foreign()), "belongs to another graph"),
    ],
)
def test_what_does_not_fit_is_said(p, x, make, message):
    with pytest.raises(GraphError, match=message):
        make(p, x)


def _foreign():
    with Graph().as_default():
        other = ops.constant(np.ones((2, 3), np.float32))
    return other * 2.0


def test_a_loop_widens_what_its_body_changes(graph, x):
    i, y, z = while_loop(lambda i, y, z: ops.less(i, 4), lambda i, y, z: (i + 1, ops.concat([y, z], 0), z), [0, x, x])
    assert (i.shape, y.shape, z.shape) == ((), (None, 3), (2, 3))
    body = graph.library["while_body"]
    assert body.graph.spec(body.inputs[1]).shape == (None, 3)
    assert sorted(graph.library) == ["while_body", "while_cond"]  # nothing of the first attempt is left


def test_invariants_are_the_shapes_of_all_turns(x):
    y = while_loop(lambda y: ops.less(ops.reduce_sum(y, [0, 1]), 9.0), lambda y: y * 2.0, x, (None, 3))
    assert y.shape == (None, 3)


def test_loop_variables_keep_their_structure(x):
    start = {"y": x, "pair": Pair(0, [x])}

    def body(state, k):
        return {"y": state["y"] * 2.0, "pair": Pair(state["pair"].first + 1, state["pair"].second)}, k

    state, k = while_loop(lambda state, k: ops.less(state["pair"].first, k), body, (start, 3))
    assert list(state) == ["y", "pair"]
    assert isinstance(state["pair"], Pair)
    assert isinstance(state["pair"].second, list)
    assert k.shape == ()


def test_a_loop_within_a_branch_within_a_loop_captures_through_all(graph, p, x):
    def body(i, y):
        return i + 1, cond(p, lambda: while_loop(lambda z: p, lambda z: z + x, y), lambda: y * x)

    _, y = while_loop(lambda i, y: ops.less(i, 3), body, (0, x))
    assert y.op.node.inputs[2:] == ("p:0", "x:0") or y.op.node.inputs[2:] == ("x:0", "p:0")


def test_operations_around_a_function_run_before_it(graph, p, x):
    checked = ops.check_numerics(x, "x")

    def branch():
        with get_default_graph().control_dependencies([checked]):
            return ops.constant(1.0)

    found = cond(p, branch, lambda: ops.constant(2.0))
    assert found.op.node.control_inputs == (checked.op.name,)
    assert all(not node.control_inputs for body in graph.library.values() for node in body.graph)


def test_a_graph_with_another_function_has_another_fingerprint():
    def built(factor):
        with Graph().as_default() as graph:
            x = ops.placeholder(dtype="float32", shape=(), name="x")
            while_loop(lambda y: ops.less(y, 9.0), lambda y: y * factor, x)
        return fingerprint(graph)

    assert built(2.0) == built(2.0)
    assert built(2.0) != built(3.0)


@pytest.mark.parametrize(
    ("attrs", "message"),
    [
        ({"then_branch": "nowhere"}, "the library holds no function 'nowhere'"),
        ({"then_branch": "while_body"}, r"If.*function 'while_body' takes \(float32, bool\), but is given \(float32\)"),
        ({"Tout": ["int32"]}, r"function 'cond_true_fn' gives \(float32\), but the node must give \(int32\)"),
        ({"output_shapes": [(7,)]}, r"output 0 has shape \[2, 3\], but attribute 'output_shapes' says \[7\]"),
    ],
)
def test_a_function_that_does_not_fit_its_node_is_refused(graph, p, x, attrs, message):
    cond(p, lambda: x * 2.0, lambda: x)
    while_loop(lambda y: p, lambda y: cond(p, lambda: y, lambda: y), x)
    fitting = {"then_branch": "cond_true_fn", "else_branch": "cond_false_fn", "Tout": ["float32"]}
    graph.add("If", [p, x], fitting)
    with pytest.raises(GraphError, match=message):
        graph.add("If", [p, x], {**fitting, **attrs}, name="If")
    with pytest.raises(
        GraphError, match=r"argument 0 of function 'cond_true_fn' has shape \[2, 3\], but is given \[3\]"
    ):
        graph.add("If", [p, ops.constant([1.0, 2.0, 3.0])], fitting)
