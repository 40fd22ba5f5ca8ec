"""What no compiled program can hold runs op by op, before it or behind it, with the same values."""

from __future__ import annotations

import logging

import jax.numpy as jnp
import numpy as np
import pytest

from framework import ops
from framework.errors import FailedPreconditionError, GraphError
from framework.graph import OPS, Graph, Tensor, register_op
from framework.kernels.registry import KERNELS, register_kernel, static
from framework.runtime.program import Source, get_program
from framework.runtime.session import Session


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


@pytest.fixture(autouse=True, scope="module")
def _ops():
    """Ops of this file alone: sizes from values, files, strings, and one that finds out only while it is traced."""
    declared = {
        "Positive": ("x: T", "index: int32", "T: type", False, lambda attrs, x: np.flatnonzero(np.asarray(x) > 0)),
        "Compact": ("x: float, index: int32", "y: float", "", False, lambda attrs, x, index: x[np.asarray(index)]),
        "Load": ("path: string", "y: float", "", False, lambda attrs, path: np.float32([len(path.item()), 2.0])),
        "Spell": ("x: float", "y: string", "", False, lambda attrs, x: np.array(str(float(x)).encode(), object)),
        "Repeated": ("x: float, n: int32", "y: float", "", True, lambda attrs, x, n: jnp.tile(x, int(static(n, "n")))),
    }
    for name, (inputs, outputs, attrs, traceable, kernel) in declared.items():
        register_op(
            name, inputs=inputs, outputs=outputs, attrs=attrs, traceable=traceable, shape=lambda call: [None], doc="-"
        )
        register_kernel(name)(kernel)
    yield
    for name in declared:
        del OPS._entries[name], KERNELS[name]


def add(op: str, *inputs: Tensor, graph: Graph) -> Tensor:
    return graph.add(op, inputs).outputs[0]


def program_of(graph: Graph, *fetches: Tensor, feeds: tuple[str, ...] = ()):
    return get_program(graph, [fetch.name for fetch in fetches], [], feeds)


def test_what_follows_from_a_size_that_follows_from_values_runs_behind_the_program(graph, caplog):
    x = ops.placeholder(dtype="float32", shape=(4,), name="x")
    doubled = ops.multiply(x, 2.0, name="doubled")
    index = add("Positive", doubled, graph=graph)
    chosen = ops.gather(doubled, index, axis=0, name="chosen")
    beside = ops.reduce_sum(doubled, [0])
    with caplog.at_level(logging.INFO, "framework"):
        found = Session(graph).run([chosen, beside, index], {x: [1.0, -1.0, 3.0, -4.0]})
    assert found[0].tolist() == [2.0, 6.0]
    assert found[1] == -2.0
    assert found[2].tolist() == [0, 2]
    program = program_of(graph, chosen, beside, index, feeds=("x:0",))
    assert program.op_by_op == ("Positive", "chosen")
    assert {node.name for node in program.stages.compiled} >= {"doubled", "Sum"}
    assert "op by op" in caplog.text
    assert "'Positive', 'chosen'" in caplog.text
    assert program.compilations == 1


def test_a_file_is_read_before_the_program(graph):
    loaded = add("Load", ops.constant("name"), graph=graph)
    w = ops.variable(shape=(2,), dtype="float32", name="w")
    stored = ops.assign(w, loaded * 10.0)
    session = Session(graph)
    session.run(stored.op)
    assert session.run(w).tolist() == [40.0, 20.0]
    program = get_program(graph, [], [stored.op.name], [])
    assert program.op_by_op == ("Load",)
    assert "Assign" in {node.name for node in program.stages.compiled}


def test_a_fed_string_is_for_what_runs_before_the_program(graph):
    path = ops.placeholder(dtype="string", shape=(), name="path")
    y = add("Load", path, graph=graph) + 1.0
    assert Session(graph).run(y, {path: b"abc"}).tolist() == [4.0, 3.0]
    assert Session(graph).run([path, y], {path: "four"})[1].tolist() == [5.0, 3.0]


def test_strings_come_out_behind_the_program(graph):
    text = add("Spell", ops.constant(1.0) + 1.5, graph=graph)
    constant = ops.constant("as it is")
    spelled, same = Session(graph).run([text, constant])
    assert spelled == b"2.5"
    assert same == b"as it is"


def test_a_node_that_turns_out_untraceable_is_taken_out(graph, caplog):
    x = ops.placeholder(dtype="float32", shape=(2,), name="x")
    n = ops.placeholder(dtype="int32", shape=(), name="n")
    y = add("Repeated", x * 2.0, n + 1, graph=graph)
    z = ops.negative(y) if hasattr(ops, "negative") else -y
    with caplog.at_level(logging.WARNING, "framework"):
        assert Session(graph).run(z, {x: [1.0, 2.0], n: 1}).tolist() == [-2.0, -4.0, -2.0, -4.0]
        assert Session(graph).run(z, {x: [1.0, 2.0], n: 0}).tolist() == [-2.0, -4.0]
    assert caplog.text.count("Repeated") == 1 + caplog.text.count("'Repeated'")  # one line
    assert "must be known" in caplog.text
    program = program_of(graph, z, feeds=("x:0", "n:0"))
    assert program.op_by_op[0] == "Repeated"
    assert len(program.op_by_op) == 2
    known = add("Repeated", x, ops.constant(2), graph=graph)
    Session(graph).run(known, {x: [1.0, 2.0]})
    assert program_of(graph, known, feeds=("x:0",)).op_by_op == ()


def test_many_untraceable_nodes_are_given_up_together(graph):
    n = ops.placeholder(dtype="int32", shape=(), name="n")
    parts = [add("Repeated", ops.constant([float(k)]), n, graph=graph) for k in range(24)]
    total = ops.add_n([ops.reduce_sum(part, [0]) for part in parts])
    assert Session(graph).run(total, {n: 3}) == 3 * sum(range(24))


def test_gradients_pass_through_nodes_that_run_op_by_op(graph):
    w = ops.variable(shape=(4,), dtype="float32", name="w")
    squared = w * w
    chosen = add("Compact", squared, add("Positive", w, graph=graph), graph=graph)
    loss = ops.reduce_sum(chosen * 3.0, [0])
    attrs = {"Tys": [loss.dtype], "Txs": [w.dtype], "Tgrads": []}
    gradient = graph.add("Gradients", [loss, w], attrs).outputs[0]
    step = ops.assign(w, w - gradient)
    session = Session(graph, {"w": jnp.asarray([1.0, -2.0, 3.0, -4.0])})
    value, found, _ = session.run([loss, gradient, step.op])
    assert value == 30.0
    assert found.tolist() == [6.0, 0.0, 18.0, 0.0]  # 6 w where w > 0
    assert session.run(w).tolist() == [-5.0, -2.0, -15.0, -4.0]


def test_a_variable_written_in_any_stage_lands_in_the_state(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    v = ops.variable(shape=(2,), dtype="float32", name="v")
    x = ops.placeholder(dtype="float32", shape=(3,), name="x")
    compiled = ops.assign(w, ops.reduce_sum(x, [0]))
    behind = ops.assign(v, add("Compact", x, add("Positive", x, graph=graph), graph=graph))
    session = Session(graph)
    with pytest.raises(FailedPreconditionError, match="'w'"):
        session.run([w, behind], {x: [1.0, -2.0, 3.0]})
    session.run([compiled.op, behind.op], {x: [1.0, -2.0, 3.0]})
    assert session.run([w, v])[0] == 2.0
    assert session.run(v).tolist() == [1.0, 3.0]
    # A read that is ordered behind a write in another stage sees what was written.
    with graph.control_dependencies([compiled]):
        late = add("Positive", ops.expand_dims(w, 0), graph=graph)
    assert session.run(late, {x: [-5.0, 1.0, 1.0]}).tolist() == []


def test_a_loop_refuses_what_it_cannot_hold(graph):
    x = ops.placeholder(dtype="float32", shape=(4,), name="x")
    index = ops.size(add("Positive", x, graph=graph))
    program = program_of(graph, index, feeds=("x:0",))
    source = Source({}, None, {}, {"x:0": np.ones(4, np.float32)})
    with pytest.raises(GraphError, match=r"'Positive'.*trainer.execution=step"):
        program.stretch({}, source, [np.zeros(3, np.int32)], 0, 0, 3)
    n = ops.placeholder(dtype="int32", shape=(), name="n")
    y = add("Repeated", x, n, graph=graph)
    program = program_of(graph, y, feeds=("x:0", "n:0"))
    source = Source({}, None, {}, {"x:0": np.ones(4, np.float32), "n:0": np.int32(1)})
    with pytest.raises(GraphError, match=r"Repeated.*trainer.execution=step"):
        program.stretch({}, source, [np.zeros((3, 4), np.float32)], 0, 0, 3)
