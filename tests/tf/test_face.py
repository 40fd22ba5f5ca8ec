"""Names, scopes, operators and errors of the define-and-run face, as users of TensorFlow 1 know them."""

from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest

import framework.tf as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def run(fetches, feeds=None):
    with tf.Session() as session:
        return session.run(fetches, feeds)


def test_importing_it_needs_no_jax():
    program = "import sys, framework.tf as tf; tf.matmul([[1.0]], tf.Variable([[2.0]])); print('jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# -- names ----------------------------------------------------------------------------------------------------------


def test_names_are_unique_and_scopes_nest():
    a = tf.constant(1.0, name="a")
    again = tf.constant(1.0, name="a")
    with tf.name_scope("outer") as scope:
        b = tf.constant(1.0, name="b")
        with tf.name_scope("inner"):
            c = tf.add(a, b, name="c")
    with tf.name_scope("outer"):
        other = tf.constant(1.0, name="b")
    with tf.name_scope(scope):
        same = tf.constant(1.0, name="d")
    assert [t.name for t in (a, again, b, c, other, same)] == [
        "a:0", "a_1:0", "outer/b:0", "outer/inner/c:0", "outer_1/b:0", "outer/d:0"
    ]  # fmt: skip


def test_each_thread_has_a_default_graph_of_its_own(graph):
    found = []
    thread = threading.Thread(target=lambda: found.append(tf.get_default_graph()))
    thread.start()
    thread.join()
    assert tf.get_default_graph() is graph
    assert found[0] is not graph


def test_the_default_graph_can_begin_anew(graph):
    with pytest.raises(RuntimeError, match="cannot begin anew inside"):
        tf.reset_default_graph()


def test_graphs_are_looked_up_by_name(graph):
    x = tf.placeholder(tf.float32, (None, 2), name="x")
    y = tf.negative(x, name="y")
    assert graph.get_tensor_by_name("y:0") == y
    assert graph.get_operation_by_name("y").type == "Neg"
    assert [op.name for op in graph.get_operations()] == ["x", "y"]
    assert x.consumers() == [y.op]
    assert x.get_shape() == (None, 2)
    graph.finalize()
    with pytest.raises(RuntimeError, match="finalized"):
        tf.constant(1)


def test_devices_and_control_dependencies():
    first = tf.Variable(1.0)
    with tf.device("/cpu:0"), tf.control_dependencies([first.assign(5.0)]):
        late = first.value()
    assert late.op.node.device == "/cpu:0"
    assert run(late) == 5
    assert run(tf.group(late, first)) is None


# -- tensors --------------------------------------------------------------------------------------------------------


def test_operators():
    x, y = tf.constant([7, -7]), tf.constant([2, 2])
    found = run([x + 1, 1 - x, x * y, x // y, x % y, -x, abs(x), x**2, 2**y, x / y, x < y, x >= 7, 3 // y])
    expected = [[8, -6], [-6, 8], [14, -14], [3, -4], [1, 1], [-7, 7], [7, 7], [49, 49], [4, 4], [3.5, -3.5]]
    expected += [[False, True], [True, False], [1, 1]]
    for value, wanted in zip(found, expected, strict=True):
        np.testing.assert_array_equal(value, wanted)
    m = tf.constant(np.arange(12, dtype=np.float32).reshape(2, 3, 2))
    np.testing.assert_array_equal(run(m @ np.ones((2, 1), np.float32)), m.eval(session=tf.Session()).sum(2)[..., None])
    t, f = tf.constant(True), tf.constant(False)
    assert run([t & f, t | f, t ^ t, ~f]) == [False, True, False, True]
    assert (x == x, x == y) == (True, False)
    assert run(tf.equal(x, y)).tolist() == [False, False]


@pytest.mark.parametrize(
    "key",
    [0, -1, slice(None), slice(1, None), slice(None, None, -1), (0, slice(None), -2), (..., 1), (slice(None), None, 0),
     (None, ..., slice(0, 4, 2)), (slice(-2, None), slice(None, -1))],
    ids=str,
)  # fmt: skip
def test_indexing_is_numpys(key):
    array = np.arange(24).reshape(2, 3, 4).astype(np.float32)
    tensor = tf.constant(array)[key]
    np.testing.assert_array_equal(run(tensor), array[key])
    assert tensor.shape == array[key].shape


def test_indexing_by_tensors():
    array = np.arange(12).reshape(3, 4)
    k = tf.placeholder(tf.int32, (), name="k")
    np.testing.assert_array_equal(run(tf.constant(array)[k], {k: 2}), array[2])
    np.testing.assert_array_equal(run(tf.constant(array)[:, 3], {k: 2}), array[:, 3])
    for key in ([0, 1], "x", 1.5, tf.constant(1.0)):
        with pytest.raises(TypeError, match="a tensor is indexed by"):
            tf.constant(array)[key]


@pytest.mark.parametrize("ask", [bool, len, iter, np.asarray, float, int], ids=lambda f: f.__name__)
def test_a_tensor_has_no_value(ask):
    with pytest.raises(TypeError, match="symbolic"):
        ask(tf.constant([1.0, 2.0]))


def test_functions_with_arguments_as_users_write_them():
    x = tf.constant(np.arange(6, dtype=np.float32).reshape(2, 3))
    a, b = tf.split(x, [1, 2], axis=1)
    first, second = tf.unstack(x)
    zero, three = tf.zeros([2]), tf.range(3)
    found = run([a, b, first, second, zero, three, tf.argmax(x, 1), tf.one_hot([1], 3), tf.squeeze(a, 1)])
    expected = [[[0], [3]], [[1, 2], [4, 5]], [0, 1, 2], [3, 4, 5], [0, 0], [0, 1, 2], [2, 2], [[0, 1, 0]], [0, 3]]
    for value, wanted in zip(found, expected, strict=True):
        np.testing.assert_array_equal(value, wanted)
    assert run([tf.div(-7, 2), tf.div(-7.0, 2.0), tf.truediv(-7, 2), tf.mod(-7, 2)]) == [-4, -3.5, -3.5, 1]
    assert run(tf.pad(x, [[0, 0], [1, 0]], constant_values=9.0)).tolist()[0] == [9, 0, 1, 2]
    assert run(tf.where(tf.constant([True, False]), 1.0, 2.0)).tolist() == [1, 2]
    clipped, norm = run(tf.clip_by_global_norm([tf.constant([3.0]), tf.constant([4.0])], 1.0))
    assert norm == 5
    np.testing.assert_allclose(clipped, [[0.6], [0.8]], rtol=1e-6)


def test_a_separable_convolution_is_two():
    rng = np.random.default_rng(0)
    x, depth, point = (rng.normal(size=s).astype("f") for s in ((2, 5, 5, 3), (3, 3, 3, 2), (1, 1, 6, 4)))
    found = tf.nn.separable_conv2d(x, depth, point, strides=[1, 2, 2, 1], padding="SAME")
    whole = np.einsum("hwcm,cmf->hwcf", depth, point[0, 0].reshape(3, 2, 4))  # one filter from the two
    one, two = run([found, tf.nn.conv2d(x, whole, strides=[1, 2, 2, 1], padding="SAME")])
    np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(run(tf.nn.swish([0.0, 2.0])), [0.0, 2.0 / (1.0 + np.exp(-2.0))], rtol=1e-6)


def test_random_numbers_have_their_distribution_and_change():
    uniform = tf.random_uniform([4000], 2.0, 6.0)
    normal = tf.random_normal([4000], mean=3.0, stddev=2.0)
    with tf.Session() as session:
        first, second = session.run([uniform, normal]), session.run([uniform, normal])
    assert 2 <= first[0].min() <= first[0].max() < 6
    assert abs(first[0].mean() - 4) < 0.1
    assert abs(first[1].mean() - 3) < 0.2
    assert abs(first[1].std() - 2) < 0.1
    assert not np.array_equal(first[0], second[0])


def test_a_seed_of_the_graph_decides_what_is_drawn():
    def drawn(seed):
        with tf.Graph().as_default():
            tf.set_random_seed(seed)
            return run(tf.random_normal([3])).tolist()

    assert drawn(1) == drawn(1) != drawn(2)


# -- variables ------------------------------------------------------------------------------------------------------


def test_variables():
    v = tf.Variable([1.0, 2.0], name="v")
    w = tf.Variable(lambda: tf.ones([2]) * 3.0, name="w", trainable=False)
    assert [x.name for x in tf.global_variables()] == ["v:0", "w:0"]
    assert [x.name for x in tf.trainable_variables()] == ["v:0"]
    assert (v.trainable, w.trainable) == (True, False)
    total = v + w
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(total).tolist() == [4, 5]
        assert session.run(v.assign_add([1.0, 1.0])).tolist() == [2, 3]
        assert session.run(w.assign_sub(v)).tolist() == [1, 0]
        v.load([7.0, 7.0], session)
        assert v.eval().tolist() == [7, 7]
    with pytest.raises(tf.errors.GraphError, match="the shape of the initial value"):
        tf.Variable(tf.placeholder(tf.float32), name="unknown")


def test_a_variable_is_fed_and_evaluated_in_a_session():
    w = tf.Variable(1.0, name="w")
    doubled, after = w * 2.0, w.assign(5.0)
    with tf.control_dependencies([after]):
        behind = w * 1.0
    session = tf.Session()
    assert session.run([doubled, w], {w: 4.0}) == [8.0, 4.0]  # no value is needed
    assert session.run([doubled, behind], {w: 4.0}) == [8.0, 4.0]  # what is fed is read, and the write kept
    assert w.eval(session) == 5.0


def test_uninitialised_closed_unfed_and_absent():
    x = tf.placeholder(tf.float32, (2,), name="x")
    v = tf.Variable([1.0, 2.0], name="v")
    y = tf.multiply(x, v, name="y")
    session = tf.Session()
    feeds = {x: [1.0, 1.0]}
    for fetch, fed, error, message in [
        (y, feeds, tf.errors.FailedPreconditionError, "variable 'v'"),
        (y, {}, tf.errors.InvalidArgumentError, "'x' float32"),
        (y, {x: [1.0]}, tf.errors.InvalidArgumentError, r"'x:0' has shape \[2\], but it was fed \[1\]"),
        (y, {x: ["a", "b"]}, tf.errors.InvalidArgumentError, "'x:0' is float32"),
        ("yy:0", feeds, tf.errors.NotFoundError, "did you mean 'y'"),
    ]:
        with pytest.raises(error, match=message):
            session.run(fetch, fed)
    session.close()
    with pytest.raises(RuntimeError, match="closed"):
        session.run(y, feeds)


def test_variables_without_a_value_are_reported():
    w, b = tf.Variable(1.0, name="w"), tf.Variable([2.0], name="b")
    missing, of_one = tf.report_uninitialized_variables(), tf.report_uninitialized_variables([w])
    with tf.Session() as session:
        assert session.run(missing).tolist() == [b"w", b"b"]
        session.run(w.initializer)
        assert [session.run(x).tolist() for x in (missing, of_one)] == [[b"b"], []]
        session.run(b.initializer)
        assert session.run(missing).tolist() == []


def test_constant_text_is_fetched_alone_and_beside_numbers():
    text, number = tf.constant("a"), tf.constant(2.0)
    assert run(text) == b"a"
    assert run([text, number * 2.0, text]) == [b"a", 4.0, b"a"]


def test_text_is_picked_by_position():
    names = tf.constant(np.array([[b"a", b"b"], [b"c", b"d"]], object))
    rows = tf.placeholder(tf.int32, [None])
    found = run([tf.gather(names, rows), tf.gather(names, rows, axis=1), tf.gather_nd(names, [[1, 0]])], {rows: [1]})
    assert [x.tolist() for x in found] == [[[b"c", b"d"]], [[b"b"], [b"d"]], [b"c"]]


def test_two_graphs_do_not_mix():
    x = tf.constant(1.0, name="mine")
    with tf.Graph().as_default():
        y = tf.constant(1.0)
        with pytest.raises(tf.errors.GraphError, match="another graph"):
            tf.add(y, x)
        with pytest.raises(tf.errors.GraphError, match="another graph"):
            tf.Session().run(x)


# -- gradients ------------------------------------------------------------------------------------------------------


def test_the_gradient_of_a_quadratic_form():
    A, b = np.float32([[1, 2], [3, 4]]), np.float32([5, 6])
    x = tf.placeholder(tf.float32, (2,))
    column = tf.reshape(x, [2, 1])
    y = tf.reduce_sum(tf.matmul(column, tf.matmul(A, column), transpose_a=True)) + tf.reduce_sum(x * b) + 7.0
    (gradient,) = tf.gradients(y, x)
    at = np.float32([0.5, -2])
    np.testing.assert_allclose(run(gradient, {x: at}), (A + A.T) @ at + b, rtol=1e-6)
    (second,) = tf.gradients(gradient, x)
    np.testing.assert_allclose(run(second, {x: at}), (A + A.T).sum(0), rtol=1e-6)


def test_gradients_are_weighted_or_none():
    x, z, k = tf.constant([1.0, 2.0]), tf.constant(3.0), tf.constant(2)
    y = x * x
    assert run(tf.gradients(y, [x], grad_ys=[tf.constant([10.0, 1.0])]))[0].tolist() == [20, 4]
    assert tf.gradients(y, [z]) == [None]
    assert tf.gradients(tf.stop_gradient(y), [x]) == [None]
    assert tf.gradients(tf.cast(k, tf.float32) * y, [k])[0] is None
    mixed = tf.gradients([y, z * 2.0], [x, z, k])
    assert mixed[2] is None
    assert run(mixed[1]) == 2


# -- summaries ------------------------------------------------------------------------------------------------------


def test_some_gradients_are_weighted_and_the_others_count_once():
    x = tf.constant([1.0, 2.0])
    weights = tf.constant([1.0, 10.0])
    np.testing.assert_array_equal(run(tf.gradients([x * x, x], x, [weights, None]))[0], [3.0, 41.0])
    with pytest.raises(tf.errors.GraphError, match="2 ys take as many grad_ys, found 1"):
        tf.gradients([x * x, x], x, [weights])


def test_summaries_have_unique_tags(tmp_path):
    first, second = tf.summary.scalar("loss", 1.0), tf.summary.scalar("loss", 2.0)
    with tf.name_scope("layer"):
        tf.summary.histogram("weights", tf.constant([1.0, 2.0, 3.0]))
    tf.summary.image("picture", tf.zeros([1, 4, 4, 3]))
    tf.summary.text("note", tf.constant("**bold**"))
    merged = tf.summary.merge_all()
    from tensorboard.compat.proto.summary_pb2 import Summary

    tags = [value.tag for value in Summary.FromString(run(merged)).value]
    assert tags == ["loss", "loss_1", "layer/weights", "picture/image/0", "note"]
    assert (first.op.name, second.op.name) == ("loss", "loss_1")
    with tf.summary.FileWriter(tmp_path / "logs") as writer:
        writer.add_summary(run(merged), global_step=3)
        with pytest.raises(ValueError, match="a summary is what a run of a summary gave"):
            writer.add_summary("text")
    with pytest.raises(RuntimeError, match="was closed"):
        writer.add_summary(run(merged))
