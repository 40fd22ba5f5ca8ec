"""What follows from the body of a composite op: shapes, cost, and where its mistakes are said to be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from framework import ops
from framework.errors import GraphError
from framework.graph import OPS, Graph, TensorSpec, as_dtype, register_op
from framework.graph.composite import body_of
from framework.graph.cost import cost

built: list[tuple[int | None, ...] | None] = []


def centered(attrs, x):
    built.append(x.shape)
    return x - ops.reduce_mean(x, [-1], keepdims=True), ops.reduce_mean(x, [0]) * attrs["factor"]


def drawn(attrs, x):
    return x + ops.random_uniform(ops.shape(x), dtype="float32")


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    attrs = "factor: float = 2.0, T: {float, double}"
    register_op("Centered", inputs="x: T", outputs="y: T, mean: T", attrs=attrs, body=centered, wrapper="")
    register_op("Drawn", inputs="x: float", outputs="y: float", body=drawn, wrapper="")
    built.clear()
    yield
    del OPS._entries["Centered"], OPS._entries["Drawn"]


def add(op: str, shape, name: str | None = None, **attrs):
    graph = Graph()
    x = graph.add("Placeholder", attrs={"dtype": "float32", "shape": shape}).outputs[0]
    return graph.add(op, [x], attrs, name=name)


@pytest.mark.parametrize("shape", [(2, 3), (None, 3), (4, None), (None, None, 5), None])
def test_shapes_are_those_of_the_body(shape):
    y, mean = add("Centered", shape).outputs
    assert y.shape == shape
    assert mean.shape == (None if shape is None else shape[1:])


def test_cost_is_that_of_the_nodes_of_the_body():
    operation = add("Centered", (2, 3))
    # The mean of 6 elements, 6 differences, again the mean of 6, and 3 products.
    assert cost(operation.graph, operation.node).flops == 6 + 6 + 6 + 3
    assert cost(operation.graph, operation.node).bytes == (6 + 3) * 4
    operation = add("Centered", (None, 3))
    assert cost(operation.graph, operation.node).flops is None


def test_a_body_is_built_once_for_the_same_use():
    for shape, factor in (((2, 7), 3.0), ((2, 7), 3.0), ((2, 7), 4.0), ((3, 7), 3.0), ((2, 7), 4.0)):
        add("Centered", shape, factor=factor, _class="something that is imported")
    assert built == [(2, 7), (2, 7), (3, 7)]


def test_a_mistake_within_the_body_is_said_of_the_node():
    with pytest.raises(GraphError, match="Centered: ") as raised:
        add("Centered", (), name="somewhere")
    assert raised.value.node == "somewhere"


def test_a_body_holds_no_state():
    with pytest.raises(GraphError, match="the body of Drawn must hold no state, found RandomUniform"):
        add("Drawn", (3,))


def test_an_op_without_a_body_has_none():
    with pytest.raises(GraphError, match="Neg has no body"):
        body_of(OPS["Neg"], {"T": as_dtype("float32")}, [TensorSpec(as_dtype("float32"), (2,))])


def test_an_op_needs_a_shape_function_or_a_body():
    with pytest.raises(ValueError, match="'Nothing' needs a shape function, or a body"):
        register_op("Nothing", outputs="y: float")
