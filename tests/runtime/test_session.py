"""A Session runs what the fetches need, and holds the variables."""

from __future__ import annotations

import json

import numpy as np
import pytest

from framework import ops
from framework.errors import FailedPreconditionError, GraphError, InvalidArgumentError, NotFoundError
from framework.graph import Graph, Tensor
from framework.graph.hyper import add_hyper
from framework.runtime.program import get_program
from framework.runtime.session import Session


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


def placeholder(shape, name="x", dtype="float32") -> Tensor:
    return ops.placeholder(dtype=dtype, shape=shape, name=name)


def test_fetches_have_any_structure(graph):
    x = placeholder((2,))
    doubled = x * 2.0
    answer = Session(graph).run(
        {"one": doubled, "many": [x, (doubled, doubled.op)], "name": doubled.name}, {x: [1.0, 2.0]}
    )
    assert answer["one"].tolist() == [2.0, 4.0]
    assert answer["many"][0].tolist() == [1.0, 2.0]
    assert isinstance(answer["many"][1], tuple)
    assert answer["many"][1][1] is None
    assert answer["name"].tolist() == [2.0, 4.0]


def test_an_interior_tensor_can_be_fed(graph):
    x = placeholder((2,))
    middle = x + 1.0
    y = middle * 3.0
    assert Session(graph).run(y, {middle: np.float32([10.0, 20.0])}).tolist() == [30.0, 60.0]


@pytest.mark.parametrize(
    ("feeds", "error", "said"),
    [
        ({}, InvalidArgumentError, "'x' float32"),
        ({"x:0": np.zeros(3)}, InvalidArgumentError, r"'x:0' has shape \[2\].*\[3\]"),
        ({"x:0": np.array(["a", "b"])}, InvalidArgumentError, "'x:0' is float32.*<U1"),
        ({"z:0": 1.0}, NotFoundError, "no node 'z'"),
    ],
)
def test_a_feed_that_does_not_fit_is_named(graph, feeds, error, said):
    y = placeholder((2,)) * 2.0
    with pytest.raises(error, match=said):
        Session(graph).run(y, feeds)


def test_a_closed_session_and_another_graph_are_errors(graph):
    y = placeholder((2,)) * 2.0
    with Session(graph) as session:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        session.run(y, {"x:0": [1.0, 2.0]})
    with pytest.raises(GraphError, match="another graph"):
        Session(Graph()).run(y)
    with pytest.raises(TypeError, match="fetch"):
        Session(graph).run(3)


def test_variables_are_initialised_read_and_written(graph):
    w = ops.variable(shape=(2,), dtype="float32", name="w")
    first = ops.assign(w, [1.0, 2.0])
    following = ops.assign(w, w + 1.0)
    session = Session(graph)
    with pytest.raises(FailedPreconditionError, match="'w'"):
        session.run(w)
    session.run(first.op)
    assert session.run(w).tolist() == [1.0, 2.0]
    assert session.run([w, following])[0].tolist() == [1.0, 2.0]  # as it was before the run
    assert session.run(w).tolist() == [2.0, 3.0]


def test_a_control_dependency_orders_a_read_behind_a_write(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    session = Session(graph)
    session.run(ops.assign(w, 1.0).op)
    following = ops.assign(w, w + 1.0)
    with graph.control_dependencies([following]):
        late = ops.identity(w)
    early = ops.identity(w)
    assert [float(v) for v in session.run([late, early])] == [2.0, 1.0]


def test_gradients_share_one_forward_pass(graph):
    x = placeholder((3, 4))
    w = ops.variable(shape=(4, 5), dtype="float32", name="w")
    h = ops.tanh(ops.matmul(x, w))
    y = ops.reduce_sum(h, [0, 1])
    one = gradients(graph, [y], [w])[0]
    both = gradients(graph, [y], [h, w])
    arrays = {w.op.name: np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)}
    fed = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
    program = get_program(graph, [y.name, h.name, one.name, both[0].name, both[1].name], [], ["x:0"])
    text = program.step.lower({}, arrays, {"x:0": fed}, np.int32(0)).compile().as_text()
    products = text.count(" dot(") + text.count('custom_call_target="__onednn$matmul"')
    assert products == 2  # x @ w, and transpose(x) @ gradient
    values, _ = program.run(arrays, {"x:0": fed}, 0)
    tanh = np.tanh(fed @ arrays["w"])
    expected = fed.T @ (1 - tanh**2)
    np.testing.assert_allclose(values[2], expected, rtol=1e-5)
    np.testing.assert_allclose(values[3], np.ones((3, 5)), rtol=1e-6)
    np.testing.assert_allclose(values[4], expected, rtol=1e-5)


def test_gradients_of_gradients(graph):
    x = placeholder(())
    y = ops.pow(x, 4.0)
    (first,) = gradients(graph, [y], [x])
    (second,) = gradients(graph, [first], [x])
    (third,) = gradients(graph, [second * first], [x])
    found = Session(graph).run([y, first, second, third], {x: 2.0})
    # y = x^4, y' = 4x^3, y'' = 12x^2, (y'' y')' = (48 x^5)' = 240 x^4
    assert [float(v) for v in found] == [16.0, 32.0, 48.0, 3840.0]


def test_a_gradient_by_weights_and_by_several(graph):
    a, b = placeholder((2, 2), "a"), placeholder((2,), "b")
    y = a * ops.reshape(b, [1, 2])
    found = gradients(graph, [y], [a, b], [ops.reshape(b, [1, 2]) + a])
    values = {"a:0": np.float32([[1, 2], [3, 4]]), "b:0": np.float32([5, 6])}
    by_a, by_b = Session(graph).run(list(found), values)
    weights = values["b:0"] + values["a:0"]
    np.testing.assert_allclose(by_a, weights * values["b:0"])
    np.testing.assert_allclose(by_b, (weights * values["a:0"]).sum(0))


def test_runtime_values_do_not_recompile(graph):
    x = placeholder((2,))
    y = x * add_hyper(graph, "rate", 3.0)
    session = Session(graph)
    assert session.run(y, {x: [1.0, 2.0]}).tolist() == [3.0, 6.0]
    assert session.run(y, {x: [1.0, 2.0], "Hyper/rate:0": 5.0}).tolist() == [5.0, 10.0]
    assert get_program(graph, [y.name], [], ["x:0", "Hyper/rate:0"]).compilations == 1


def test_random_values_follow_from_seed_step_and_name_alone(graph):
    add_hyper(graph, "seed", 7)
    graph.seed_node = "Hyper/seed"
    drawn = ops.random_uniform([3], dtype="float32", name="drawn")
    other = ops.random_uniform([3], dtype="float32", name="other")
    first, second = Session(graph).run([drawn, other]), Session(graph).run([drawn, other])
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first[0], first[1])
    session = Session(graph)
    assert not np.array_equal(session.run(drawn), session.run(drawn))
    assert not np.array_equal(Session(graph).run(drawn, {"Hyper/seed:0": 8}), first[0])

    with Graph().as_default() as larger:
        ops.fill([3], 1.0)
        add_hyper(larger, "seed", 7)
        larger.seed_node = "Hyper/seed"
        same = ops.random_uniform([3], dtype="float32", name="drawn")
    np.testing.assert_array_equal(Session(larger).run(same), first[0])


def test_the_optimizers_step_is_a_fetch(graph):
    w = ops.variable(shape=(3,), dtype="float32", name="w")
    first = ops.assign(w, [1.0, -2.0, 3.0])
    loss = ops.reduce_sum(ops.square(w), [0])
    (gradient,) = gradients(graph, [loss], [w])
    rate = add_hyper(graph, "learning_rate", 0.1)
    attrs = {
        "T": [w.dtype], "N": 1, "names": ["learning_rate"],
        "optimizer": json.dumps({"type": "sgd", "arguments": {}}),
    }  # fmt: skip
    update = graph.add("Update", [w, gradient, rate, loss], attrs)
    init = graph.add("InitializeUpdate", [first, rate], attrs)
    session = Session(graph)
    session.run([init, first.op])
    assert float(session.run([update, loss])[1]) == 14.0
    np.testing.assert_allclose(session.run(w), [0.8, -1.6, 2.4], rtol=1e-6)


def gradients(graph: Graph, ys, xs, weights=()):
    attrs = {"Tys": [y.dtype for y in ys], "Txs": [x.dtype for x in xs], "Tgrads": [w.dtype for w in weights]}
    return graph.add("Gradients", [*ys, *xs, *weights], attrs).outputs
