"""A Session runs what the fetches need, and holds the variables."""

from __future__ import annotations

import collections
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import jax.numpy as jnp
import numpy as np
import pytest

from framework import ops
from framework.errors import FailedPreconditionError, GraphError, InvalidArgumentError, NotFoundError
from framework.graph import Graph, Tensor
from framework.graph.defaults import get_default_session
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
    for wrong in (3, None, np.zeros(2), [y, {1}]):
        with pytest.raises(TypeError, match="a fetch is a tensor, an operation or a name; found"):
            Session(graph).run(wrong)


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


# -- names, structures, types ---------------------------------------------------------------------------------------


def test_any_tensor_can_be_fed_by_name_and_without_its_index(graph):
    x = placeholder((2,))
    doubled = ops.multiply(x, 2.0, name="doubled")
    y = doubled + 1.0
    session = Session(graph)
    assert session.run(y, {"x": [1.0, 2.0]}).tolist() == [3.0, 5.0]
    assert session.run(y, {"doubled": [1.0, 2.0]}).tolist() == [2.0, 3.0]
    assert session.run(x, {x: [1.0, 2.0]}).tolist() == [1.0, 2.0]
    with pytest.raises(InvalidArgumentError, match="fed twice"):
        session.run(y, {x: [1.0, 2.0], "x:0": [1.0, 2.0]})


def test_one_output_of_a_node_is_fed_while_another_is_computed(graph):
    x = placeholder((2, 3))
    parts = ops.unpack(x, 2) if hasattr(ops, "unpack") else ops.unstack(x, 2)
    fed = np.zeros((2, 3), np.float32)
    found = Session(graph).run([parts[0], parts[1]], {x: fed, parts[0]: [7.0, 8.0, 9.0]})
    assert found[0].tolist() == [7.0, 8.0, 9.0]
    assert found[1].tolist() == [0.0, 0.0, 0.0]


def test_structures_nest_and_repeat(graph):
    Pair = collections.namedtuple("Pair", "left right")
    a, b = ops.constant(1.0, name="a"), ops.constant([2, 3], name="b")
    answer = Session(graph).run(Pair([a, a, (b,)], {"none": a.op, "empty": [], "name": "b:0"}))
    assert isinstance(answer, Pair)
    assert answer.left[:2] == [1.0, 1.0]
    assert answer.left[2][0].tolist() == [2, 3]
    assert answer.right["none"] is None
    assert answer.right["empty"] == []
    assert answer.right["name"].tolist() == [2, 3]
    assert Session(graph).run([]) == []
    assert Session(graph).run("a") is None


def test_scalars_and_arrays_are_the_callers_own(graph):
    w = ops.variable(shape=(2,), dtype="float32", name="w")
    session = Session(graph, {"w": jnp.asarray([1.0, 2.0])})
    before, scalar = session.run([w, ops.reduce_sum(w, [0])])
    before += 10.0
    session.run(ops.assign(w, w + 1.0).op)
    assert before.tolist() == [11.0, 12.0]
    assert session.run(w).tolist() == [2.0, 3.0]
    assert f"{scalar:.2f}" == "3.00"
    assert isinstance(scalar, np.float32)


@pytest.mark.parametrize(
    "dtype",
    [
        *("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"),
        *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
    ],
)
def test_values_keep_the_declared_type(graph, dtype):
    x = placeholder((3,), dtype=dtype)
    same = ops.identity(x)
    stored = ops.variable(shape=(3,), dtype=dtype, name="stored")
    constant = ops.constant(np.asarray([1, 0, 1]).astype(x.dtype.numpy))
    assign = ops.assign(stored, x)
    session = Session(graph)
    fed = np.asarray([1, 0, 3]).astype(x.dtype.numpy)
    found = session.run([x, same, constant, assign], {x: fed})
    assert [value.dtype for value in found] == [x.dtype.numpy] * 4
    assert session.run(stored).dtype == x.dtype.numpy
    np.testing.assert_array_equal(found[1], fed)
    if dtype != "bool":
        np.testing.assert_array_equal(session.run(x + x, {x: fed}), fed + fed)


def test_64_bit_values_are_exact(graph):
    large, fine = 2**40 + 1, 1.0 + 2.0**-40
    x, y = placeholder((), dtype="int64"), placeholder((), "y", "float64")
    found = Session(graph).run([x * 3, y * 2.0, ops.constant(np.int64(large))], {x: large, y: fine})
    assert found[0] == 3 * large
    assert found[1] == 2.0 * fine
    assert found[2] == large
    w = ops.variable(shape=(), dtype="float64", name="w")
    session = Session(graph)
    session.run(ops.assign(w, np.float64(fine)).op)
    assert session.run(w) == fine
    narrow = placeholder((), "narrow")
    assert session.run(narrow * 2.0, {narrow: 1.5}).dtype == np.float32


def test_what_holds_no_array_is_neither_fetched_nor_fed(graph):
    handle = graph.add("VarHandleOp", attrs={"dtype": "float32", "shape": (2,)}, name="handle").outputs[0]
    with pytest.raises(InvalidArgumentError, match=r"'handle:0' is a resource.*fetch"):
        Session(graph).run(handle)
    with pytest.raises(InvalidArgumentError, match=r"'handle:0' is a resource.*fed"):
        Session(graph).run(ops.constant(1.0), {handle: 1})


def test_integers_that_do_not_fit_and_tensors_are_no_feeds(graph):
    x = placeholder((), dtype="int8")
    with pytest.raises(InvalidArgumentError, match=r"'x:0' is int8.*hold"):
        Session(graph).run(x, {x: 300})
    with pytest.raises(InvalidArgumentError, match="has no value; run it first"):
        Session(graph).run(x, {x: ops.constant(1)})
    with pytest.raises(InvalidArgumentError, match="is no array"):
        Session(graph).run(x, {x: [[1], [2, 3]]})
    with pytest.raises(InvalidArgumentError, match="only tensors can be fed; 'x' is an operation"):
        Session(graph).run(x, {x.op: 1})
    with pytest.raises(NotFoundError, match="did you mean 'x'"):
        Session(graph).run("xx:0")


def test_a_graph_may_grow_between_runs(graph):
    x = placeholder((2,))
    y = x * 2.0
    session = Session(graph)
    assert session.run(y, {x: [1.0, 2.0]}).tolist() == [2.0, 4.0]
    z = y + 1.0
    assert session.run(y, {x: [1.0, 2.0]}).tolist() == [2.0, 4.0]
    assert session.run(z, {x: [1.0, 2.0]}).tolist() == [3.0, 5.0]


def test_what_the_fetches_do_not_need_is_not_run(graph):
    x = placeholder((2,))
    ops.multiply(x, placeholder((2,), "unfed"))
    w = ops.variable(shape=(2,), dtype="float32", name="w")
    ops.assign(w, w + 1.0)
    session = Session(graph)
    assert session.run(x + 1.0, {x: [1.0, 2.0]}).tolist() == [2.0, 3.0]
    assert session.state == {}


# -- the default session --------------------------------------------------------------------------------------------


def test_tensors_are_evaluated_and_operations_run_in_the_default_session(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    first, doubled = ops.assign(w, 3.0), w * 2.0
    with pytest.raises(ValueError, match="needs a session"):
        doubled.eval()
    with Session(graph) as session:
        assert get_default_session() is session
        assert first.op.run() is None
        assert doubled.eval() == 6.0
        assert doubled.eval({w: 5.0}) == 10.0
        other = Session(graph, {"w": np.float32(1.0)})
        assert doubled.eval(session=other) == 2.0
        with other.as_default():
            assert doubled.eval() == 2.0
        assert get_default_session() is session
        with pytest.raises(ValueError, match="another graph"):
            doubled.eval(session=Session(Graph()))
    assert get_default_session() is None
    with pytest.raises(RuntimeError, match="closed"):
        doubled.eval(session=session)
    for use in (session.list_devices, session.__enter__, lambda: session.partial_run_setup(w)):
        with pytest.raises(RuntimeError, match="closed"):
            use()
    assert other.run(w) == 1.0


def test_a_session_entered_makes_its_graph_the_default_one():
    graph = Graph()
    with Session(graph) as session:
        assert session.run(ops.constant(2.0) + 1.0) == 3.0
    assert len(graph) == 3


def test_each_thread_has_its_own_default_session(graph):
    seen = []
    with Session(graph):
        thread = threading.Thread(target=lambda: seen.append(get_default_session()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_devices_have_tensorflows_names(graph):
    with graph.device("/device:GPU:7"):
        y = ops.constant(1.0) + 1.0
    session = Session(graph)
    assert session.run(y) == 2.0  # a device that is not here is no error
    first = session.list_devices()[0]
    assert first.name == "/job:localhost/replica:0/task:0/device:CPU:0"
    assert first.device_type == "CPU"
    assert first.memory_limit_bytes > 1 << 28


def test_a_callable_takes_its_feeds_in_order(graph):
    x, y = placeholder((), "x"), placeholder((), "y")
    difference = Session(graph).make_callable(x - y, [x, y])
    assert difference(5.0, 3.0) == 2.0
    assert difference(3.0, 5.0) == -2.0


def test_threads_share_a_session(graph):
    w = ops.variable(shape=(100,), dtype="float32", name="w")
    step = ops.assign(w, w + 1.0)
    session = Session(graph, {"w": np.zeros(100, np.float32)})
    session.run(step)
    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(lambda k: session.run(step if k % 2 else w)[0], range(400)))
    assert session.run(w).tolist() == [201.0] * 100
    assert sorted(written[1::2]) == [float(k) for k in range(2, 202)]
