"""Branches and loops over state, random numbers and checks; in one program, in a stretch of steps, and op by op."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ops
from framework.errors import FailedPreconditionError, GraphError, InvalidArgumentError
from framework.graph import Graph, Tensor, get_default_graph
from framework.graph.passes.freeze import freeze
from framework.ops.functional import cond, switch_case, while_loop
from framework.runtime.program import Source, get_program
from framework.runtime.session import Session


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


def gradient(y: Tensor, x: Tensor) -> Tensor:
    attrs = {"Tys": [y.dtype], "Txs": [x.dtype], "Tgrads": []}
    return y.graph.add("Gradients", [y, x], attrs).outputs[0]


def op_by_op(graph: Graph, *fetches: Tensor, feeds: tuple[str, ...]) -> tuple[str, ...]:
    return get_program(graph, [fetch.name for fetch in fetches], [], feeds).op_by_op


def test_a_loop_is_one_program_whatever_its_number_of_turns(graph):
    n = ops.placeholder(dtype="int32", shape=(), name="n")
    x = ops.placeholder(dtype="float32", shape=(2,), name="x")
    _, y = while_loop(lambda i, y: ops.less(i, n), lambda i, y: (i + 1, y * 2.0), (0, x))
    session = Session(graph)
    assert [session.run(y, {n: k, x: [1.0, 3.0]}).tolist() for k in (0, 1, 4)] == [[1, 3], [2, 6], [16, 48]]
    program = get_program(graph, [y.name], [], ("n:0", "x:0"))
    assert program.op_by_op == ()
    assert program.compilations == 1


def test_a_known_predicate_takes_its_branch_while_the_program_is_made(graph):
    x = ops.placeholder(dtype="float32", shape=(None,), name="x")
    is_wide = ops.greater(ops.size(x), 1)
    y = cond(is_wide, lambda: x * 2.0, lambda: ops.reshape(x, [7]))  # the other branch cannot even be computed
    assert Session(graph).run(y, {x: [1.0, 2.0]}).tolist() == [2.0, 4.0]


def test_only_one_branch_runs(graph):
    p = ops.placeholder(dtype="bool", shape=(), name="p")
    w = ops.variable(shape=(), dtype="float32", name="w")
    initial = ops.assign(w, 1.0)
    change = cond(p, lambda: ops.assign_add(w, 10.0).op, lambda: None)
    swapped = cond(p, lambda: ops.assign(w, 5.0), lambda: ops.assign_sub(w, 2.0))
    session = Session(graph)
    with pytest.raises(FailedPreconditionError, match="'w'"):
        session.run(change, {p: True})
    session.run(initial.op)
    for value, expected in ((True, 11.0), (False, 11.0)):
        session.run(change, {p: value})
        assert session.run(w) == expected
    assert session.run(swapped, {p: False}) == 9.0
    assert session.run(swapped, {p: True}) == 5.0
    assert session.run(w) == 5.0


@pytest.mark.parametrize("is_bounded", [True, False])
def test_a_loop_reads_what_it_wrote(graph, is_bounded):
    """As a compiled loop, and op by op, where a size changes from turn to turn."""
    n = ops.placeholder(dtype="int32", shape=(), name="n")
    w = ops.variable(shape=(), dtype="float32", name="w")
    initial = ops.assign(w, 1.0)

    def body(i, seen):
        before = ops.identity(w)
        after = ops.assign(w, before * 3.0)
        with get_default_graph().control_dependencies([after]):
            grown = seen + before if is_bounded else ops.concat([seen, ops.expand_dims(before, 0)], 0)
            return i + 1, grown

    start = ops.constant(0.0 if is_bounded else np.zeros(0, np.float32))
    _, seen = while_loop(lambda i, _: ops.less(i, n), body, (0, start))
    session = Session(graph)
    session.run(initial.op)
    found = session.run(seen, {n: 3})
    assert (found == 13.0) if is_bounded else (found.tolist() == [1.0, 3.0, 9.0])
    assert session.run(w) == 27.0
    assert bool(op_by_op(graph, seen, feeds=("n:0",))) != is_bounded


def test_variables_by_handle_are_carried_through_loops_and_branches(graph):
    n = ops.placeholder(dtype="int32", shape=(), name="n")
    handle = graph.add("VarHandleOp", attrs={"dtype": "float32", "shape": (2,)}, name="v").outputs[0]
    session = Session(graph, {"v": np.float32([1.0, 2.0])})

    def body(i):
        def double():
            value = graph.add("ReadVariableOp", [handle], {"dtype": "float32"}).outputs[0]
            return graph.add("AssignAddVariableOp", [handle, value])

        cond(ops.equal(ops.floormod(i, 2), 0), double, lambda: None)
        return i + 1

    turns = while_loop(lambda i: ops.less(i, n), body, 0)
    assert session.run(turns, {n: 5}) == 5
    read = graph.add("ReadVariableOp", [handle], {"dtype": "float32"}).outputs[0]
    assert read.shape == (2,)
    assert session.run(read).tolist() == [8.0, 16.0]  # doubled in the turns 0, 2 and 4


def test_random_ops_differ_from_turn_to_turn_and_are_deterministic(graph):
    def drawn(most):
        def body(i, found):
            return i + 1, ops.concat([ops.slice(found, [1], [3]), ops.random_uniform([1], dtype="float32")], 0)

        return while_loop(lambda i, found: ops.less(i, most), body, (0, np.zeros(4, np.float32)))[1]

    n = ops.placeholder(dtype="int32", shape=(), name="n")
    known, fed, other = drawn(4), drawn(n), ops.random_uniform([4], dtype="float32")
    first = Session(graph).run([known, fed, other], {n: 4})
    again = Session(graph).run([known, fed, other], {n: 4})
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, same)
        assert len(np.unique(one)) == 4
    assert not np.intersect1d(first[0], first[1]).size  # two loops
    session = Session(graph)
    assert not np.array_equal(*[session.run(fed, {n: 4}) for _ in range(2)])  # two runs


def test_random_ops_within_functions_follow_the_seed_of_the_graph(graph):
    seed = graph.add("PlaceholderWithDefault", [ops.constant(0)], {"shape": ()}, name="Hyper/seed").outputs[0]
    graph.seed_node = seed.op.name
    p = ops.placeholder(dtype="bool", shape=(), name="p")
    y = while_loop(
        lambda y: ops.less(y, 1.0),
        lambda y: y + cond(p, lambda: ops.reshape(ops.random_uniform([1], dtype="float32"), []), lambda: 1.0),
        0.0,
        maximum_iterations=1,
    )
    found = [float(Session(graph).run(y, {p: True, seed: value})) for value in (1, 2, 1)]
    assert found[0] == found[2] != found[1]


def test_gradients_reach_what_a_loop_and_its_branches_read(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    c = ops.constant(2.0, name="c")
    p = ops.placeholder(dtype="bool", shape=(), name="p")
    _, y = while_loop(lambda i, y: ops.less(i, 3), lambda i, y: (i + 1, cond(p, lambda: y * w, lambda: y + c)), (0, c))
    session = Session(graph, {"w": np.float32(3.0)})
    fetches = [y, gradient(y, w), gradient(y, c)]
    assert session.run(fetches, {p: True}) == [54.0, 54.0, 27.0]  # c w^3
    assert session.run(fetches, {p: False}) == [8.0, 0.0, 4.0]  # 4 c
    assert op_by_op(graph, *fetches, feeds=("p:0",)) == ()


def test_a_gradient_of_a_loop_without_a_bound_runs_op_by_op(graph):
    x = ops.placeholder(dtype="float32", shape=(), name="x")
    y = while_loop(lambda y: ops.less(y, 100.0), lambda y: y * x, x)
    bounded = while_loop(lambda y: ops.less(y, 100.0), lambda y: y * x, x, maximum_iterations=20)
    free, masked = [y, gradient(y, x)], [bounded, gradient(bounded, x)]
    session = Session(graph)
    for value, power in ((2.0, 7), (5.0, 3), (101.0, 1)):
        for fetches in (free, masked):
            assert session.run(fetches, {x: value}) == [value**power, power * value ** (power - 1)]
    assert "while" in op_by_op(graph, *free, feeds=("x:0",))[0]
    assert op_by_op(graph, *masked, feeds=("x:0",)) == ()
    session.run(y, {x: 2.0})
    assert op_by_op(graph, y, feeds=("x:0",)) == ()


def test_a_loop_runs_in_a_stretch_of_steps(graph):
    rows = ops.placeholder(dtype="float32", shape=(2,), name="rows")
    w = ops.variable(shape=(), dtype="float32", name="w")
    total = while_loop(lambda i, s: ops.less(s, 10.0), lambda i, s: (i + 1, s + ops.reduce_sum(rows, [0])), (0, 0.0))
    step = ops.assign_add(w, total[1])
    program = get_program(graph, [total[0].name], [step.op.name], ["rows:0"])
    data = np.float32([[1, 2], [5, 6], [2, 2]])
    source = Source({}, None, {"rows:0": data}, {})
    buffers, state = program.stretch({"w": np.float32(0)}, source, [np.zeros(3, np.int32)], 0, 0, 3)
    assert np.asarray(buffers[0]).tolist() == [4, 1, 3]
    assert float(state["w"]) == 12.0 + 11.0 + 12.0


def test_a_check_within_a_loop_or_a_branch_fails_the_run(graph):
    x = ops.placeholder(dtype="float32", shape=(), name="x")
    p = ops.placeholder(dtype="bool", shape=(), name="p")

    def checked():
        return graph.add("CheckNumerics", [ops.log(x)], {"message": "of a logarithm"}).outputs[0]

    def asserted(i):
        ops.assert_that(ops.less(i, 3), [ops.constant("turn"), i])
        return i + 1

    y = cond(p, checked, lambda: x)
    turns = while_loop(lambda i: ops.less(ops.cast(i, "float32"), x), asserted, 0)
    session = Session(graph)
    assert session.run(y, {x: -1.0, p: False}) == -1.0
    with pytest.raises(InvalidArgumentError, match=r"of a logarithm.*NaN"):
        session.run(y, {x: -1.0, p: True})
    assert session.run(turns, {x: 2.5}) == 3
    with pytest.raises(InvalidArgumentError, match=r"\[turn\] \[3\]"):
        session.run(turns, {x: 6.0})


def test_an_index_outside_takes_the_last_branch(graph):
    index = ops.placeholder(dtype="int32", shape=(), name="index")
    y = switch_case(index, [lambda: ops.constant(0.0), lambda: ops.constant(1.0), lambda: ops.constant(2.0)])
    session = Session(graph)
    assert [session.run(y, {index: k}) for k in (-7, 0, 1, 2, 3)] == [2, 0, 1, 2, 2]


def test_branches_of_two_sizes_run_op_by_op(graph):
    p = ops.placeholder(dtype="bool", shape=(), name="p")
    y = cond(p, lambda: ops.constant([1.0, 2.0]), lambda: ops.constant([3.0]))
    assert y.shape == (None,)
    session = Session(graph)
    assert session.run(y * 2.0, {p: True}).tolist() == [2.0, 4.0]
    assert session.run(y * 2.0, {p: False}).tolist() == [6.0]


def test_frames_are_refused_outside_of_an_import(graph):
    x = ops.placeholder(dtype="float32", shape=(2,), name="x")
    p = ops.placeholder(dtype="bool", shape=(), name="p")
    y = graph.add("Switch", [x, p], name="switch").outputs[1]
    assert y.shape == (2,)
    with pytest.raises(GraphError, match=r"switch: Switch has a meaning only where a graph is imported.*cond"):
        Session(graph).run(y, {x: [1.0, 2.0], p: True})


def test_what_loops_and_branches_read_is_frozen_with_the_rest(graph):
    p = ops.placeholder(dtype="bool", shape=(), name="p")
    w = ops.variable(shape=(), dtype="float32", name="w")
    handle = graph.add("VarHandleOp", attrs={"dtype": "float32", "shape": ()}, name="v").outputs[0]

    def read():
        return graph.add("ReadVariableOp", [handle], {"dtype": "float32"}).outputs[0]

    _, y = while_loop(
        lambda i, y: ops.less(i, 3), lambda i, y: (i + 1, cond(p, lambda: y * read(), lambda: y + w)), (0, 1.0)
    )
    frozen = freeze(graph, {"w": np.float32(10.0), "v": np.float32(2.0)}, [y.name])
    kinds = {node.op for graph in (frozen, *(b.graph for b in frozen.library.values())) for node in graph}
    assert not kinds & {"VariableV2", "VarHandleOp", "ReadVariableOp"}
    assert [Session(frozen).run(y.name, {"p:0": value}) for value in (True, False)] == [8.0, 31.0]
    assert "VarHandleOp" in {node.op for body in graph.library.values() for node in body.graph}
    stepped = while_loop(lambda i: ops.less(i, 3.0), lambda i: ops.assign_add(w, i), 1.0)
    with pytest.raises(GraphError, match="changes with the variables"):
        freeze(graph, {"w": np.float32(10.0)}, [stepped.name])
