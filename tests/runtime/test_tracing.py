"""A traced run gives the same values, and says of each node what it took."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ops
from framework.errors import FailedPreconditionError, InvalidArgumentError
from framework.graph import Graph
from framework.ops.functional import while_loop
from framework.runtime.session import Session
from framework.runtime.tracing import RunMetadata, RunOptions

FULL = RunOptions(trace_level=RunOptions.FULL_TRACE)


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


def test_every_node_has_its_time_and_memory(graph):
    x = ops.placeholder(dtype="float32", shape=(None, 300), name="x")
    w = ops.variable(shape=(300, 300), dtype="float32", name="w")
    product = ops.matmul(x, w, name="product")
    loss = ops.reduce_sum(ops.tanh(product, name="squashed"), [0, 1], name="loss")
    attrs = {"Tys": [loss.dtype], "Txs": [w.dtype], "Tgrads": []}
    gradient = graph.add("Gradients", [loss, w], attrs, name="gradient").outputs[0]
    step = ops.assign(w, w - gradient, name="step")
    rng = np.random.default_rng(0)
    start, fed = rng.normal(size=(300, 300)).astype(np.float32), rng.normal(size=(64, 300)).astype(np.float32)
    metadata = RunMetadata()
    traced, plain = Session(graph, {"w": start}), Session(graph, {"w": start})
    found = traced.run([loss, gradient, step], {x: fed}, options=FULL, run_metadata=metadata)
    expected = plain.run([loss, gradient, step], {x: fed})
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(traced.run(w), plain.run(w), rtol=1e-3, atol=1e-4)

    (device,) = metadata.step_stats.dev_stats
    assert device.device == "/job:localhost/replica:0/task:0/device:CPU:0"
    by_name = {stats.node_name: stats for stats in device.node_stats}
    assert len(by_name) == len(device.node_stats)
    assert {"w", "product", "squashed", "loss", "gradient", "sub", "step"} <= by_name.keys()
    assert all(stats.all_end_rel_micros >= 1 for stats in device.node_stats)
    product_stats = by_name["product"]
    assert product_stats.memory[0].total_bytes == 64 * 300 * 4
    assert [dim.size for dim in product_stats.output[0].tensor_description.shape.dim] == [64, 300]
    assert by_name["gradient"].memory[0].total_bytes == 300 * 300 * 4
    assert all(output.tensor_description.HasField("shape") for stats in device.node_stats for output in stats.output)
    starts = [by_name[name].all_start_micros for name in ("product", "squashed", "loss", "gradient", "step")]
    assert starts == sorted(starts)
    assert product_stats.all_start_micros + product_stats.all_end_rel_micros <= by_name["squashed"].all_start_micros + 1


def test_the_time_of_a_function_is_that_of_its_call(graph):
    x = ops.placeholder(dtype="float32", shape=(), name="x")
    y = while_loop(lambda turn, _: ops.less(turn, 5), lambda turn, a: (turn + 1, a * 2.0), [ops.constant(0), x])[1]
    gradient = graph.add("Gradients", [y * y, x], {"Tys": [y.dtype], "Txs": [x.dtype], "Tgrads": []}).outputs[0]
    metadata = RunMetadata()
    assert Session(graph).run([y, gradient], {x: 1.0}, FULL, metadata) == [32.0, 2048.0]  # (32 x)^2
    names = [stats.node_name for stats in metadata.step_stats.dev_stats[0].node_stats]
    assert len(names) == len(set(names))
    assert set(names) <= graph.nodes.keys()
    assert any("while" in name for name in names)


def test_a_run_without_a_trace_level_is_a_plain_run(graph):
    y, metadata = ops.constant(1.0) + 1.0, RunMetadata()
    assert Session(graph).run(y, options=RunOptions(), run_metadata=metadata) == 2.0
    assert not metadata.step_stats.dev_stats
    assert Session(graph).run(y, options=FULL) == 2.0  # nothing to fill


def test_a_traced_run_fails_as_a_plain_one_does(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    x = ops.placeholder(dtype="float64", shape=(), name="x")
    with pytest.raises(FailedPreconditionError, match="'w'"):
        Session(graph).run(w, options=FULL, run_metadata=RunMetadata())
    checked, fine = ops.check_numerics(x, message="x"), 1 + 2.0**-40
    with pytest.raises(InvalidArgumentError, match="NaN"):
        Session(graph).run(checked, {x: np.nan}, options=FULL, run_metadata=RunMetadata())
    assert Session(graph).run(checked, {x: fine}, options=FULL, run_metadata=RunMetadata()) == fine
