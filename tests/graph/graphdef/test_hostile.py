"""No file may harm: whatever a GraphDef says, the answer is a graph or an error, soon and in bounded memory."""

from __future__ import annotations

import gzip
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import framework.ops  # noqa: F401  the declarations
from experiments.fuzzing.graphdef import corpus, fuzz
from experiments.fuzzing.report import Report
from framework.errors import FrameworkError, GraphError
from framework.graph import Graph
from framework.graph.cost import cost
from framework.graph.graphdef.importing import import_graph_def
from framework.graph.graphdef.loading import load_graph, parse_graph_def
from framework.graph.graphdef.message import to_graph_def
from framework.graph.graphdef.proto import GraphDef

ROOT = Path(__file__).parents[3]
FLOAT, INT32, STRING, RESOURCE = 1, 3, 7, 20


@contextmanager
def bounded(seconds: float = 5.0, megabytes: float = 60.0) -> Iterator[None]:
    """What happens inside takes neither longer nor more memory. Seconds of this process, whatever else runs."""
    tracemalloc.start()
    began = time.process_time()
    try:
        yield
    finally:
        spent, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert spent < seconds
    assert peak < megabytes * 2**20


def message_of(*nodes: tuple[str, str, list[str]]) -> Any:
    message = GraphDef()
    for name, op, inputs in nodes:
        node = message.node.add(name=name, op=op, input=inputs)
        if op in ("Relu", "Identity", "AddV2"):
            node.attr["T"].type = FLOAT
        if op == "Placeholder":
            node.attr["dtype"].type = FLOAT
    return message


def constant(dtype: int, shape: list[int], **values: Any) -> Any:
    message = message_of(("c", "Const", []))
    message.node[0].attr["dtype"].type = dtype
    tensor = message.node[0].attr["value"].tensor
    tensor.dtype = dtype
    for size in shape:
        tensor.tensor_shape.dim.add().size = size
    for name, value in values.items():
        if isinstance(value, bytes):
            setattr(tensor, name, value)
        else:
            getattr(tensor, name).extend(value)
    return message


def imported(message: Any) -> Graph:
    graph = Graph()
    import_graph_def(message, "", graph=graph)
    return graph


def edited(message: Any, edit: Callable[[Any], Any]) -> Any:
    edit(message)
    return message


X = ("x", "Placeholder", [])
REFUSED = {
    "two nodes of one name": (message_of(X, X), "x: two nodes have this name"),
    "an absent node": (message_of(X, ("y", "Relu", ["xx"])), "y: it reads 'xx', which is no node; did you mean 'x'?"),
    "an absent node to wait for": (message_of(X, ("y", "Relu", ["x", "^z"])), "y: it reads 'z', which is no node"),
    "an absent output": (message_of(X, ("y", "Relu", ["x:3"])), r"y: node 'x' \(Placeholder\) has 1 output, none"),
    "a negative output": (message_of(X, ("y", "Relu", ["x:-1"])), "y: 'x:-1' names no tensor"),
    "a huge output": (message_of(X, ("y", "Relu", ["x:99999999999999999999"])), "y: .* names no tensor"),
    "too many inputs": (message_of(X, ("y", "Relu", ["x", "x"])), "y: Relu takes 1 input "),
    "too few inputs": (message_of(X, ("y", "AddV2", ["x"])), "y: AddV2 takes 2 inputs "),
    "data behind control": (message_of(X, ("y", "Relu", ["^x", "x"])), "y: a control input stands before"),
    "a circle": (
        message_of(("a", "Relu", ["b"]), ("b", "Relu", ["c"]), ("c", "Relu", ["a"])),
        "a: nodes need each other in a circle: a -> b -> c -> a",
    ),
    "a circle of control": (message_of(("a", "NoOp", ["^b"]), ("b", "NoOp", ["^a"])), "a: .* circle: a -> b -> a"),
    "a node that reads itself": (message_of(("a", "Relu", ["a"])), "a: nodes need each other in a circle: a -> a"),
    "a name that climbs": (message_of(("../../etc/passwd", "NoOp", [])), "'..' is none for a scope"),
    "an absolute name": (message_of(("/abs", "NoOp", [])), "'/abs' is no name for a node"),
    "a name with a NUL": (message_of(("a\0b", "NoOp", [])), "is no name for a node"),
    "no name": (message_of(("", "NoOp", [])), "'' is no name for a node"),
    "a long name": (message_of(("a" * 10_000, "NoOp", [])), "10,000 characters"),
    "unknown ops": (
        message_of(("a", "Nonesuch", []), ("b", "Nonesuch", []), ("c", "Neverheard", [])),
        r"2 ops of this graph cannot be run here: Nonesuch \(2 nodes\), Neverheard \(1 node\)",
    ),
    "an unknown attribute": (
        edited(message_of(X, ("y", "Relu", ["x"])), lambda m: m.node[1].attr["bogus"].MergeFrom(m.node[1].attr["T"])),
        "y: Relu has no attribute 'bogus'",
    ),
    "an attribute of another type": (
        edited(message_of(X, ("y", "Relu", ["x"])), lambda m: setattr(m.node[1].attr["T"], "i", 1)),
        "y: Relu: attribute 'T' must be type, found int",
    ),
    "an unknown type": (
        edited(message_of(X), lambda m: setattr(m.node[0].attr["dtype"], "type", 999)),
        "x: Placeholder: attribute 'dtype': GraphDef's element type number 999",
    ),
    "a million outputs": (
        edited(
            message_of(X, ("y", "Unpack", ["x"])),
            lambda m: (setattr(m.node[1].attr["num"], "i", 10**9), setattr(m.node[1].attr["T"], "type", FLOAT)),
        ),
        "y: attributes ask for more than 1,000,000 outputs",
    ),
    "a newer program": (
        edited(message_of(X), lambda m: setattr(m.versions, "min_consumer", 10**6)), "asks for a program of GraphDef"
    ),
    "a negative size": (constant(FLOAT, [-5], float_val=[1.0]), "c: Const: attribute 'value': a shape has the size -5"),
    "an unknown size": (constant(FLOAT, [-1], float_val=[1.0]), r"c: .* has the shape \[\?\], which must be known"),
    "a size that overflows": (constant(FLOAT, [2**62, 2**62], float_val=[1.0]), "c: .* more than 2,147,483,648 bytes"),
    "sizes that vanish": (constant(FLOAT, [2**62, 2**62, 0]), "c: .* more than 2,147,483,648 bytes"),
    "many axes": (constant(FLOAT, [1] * 1000, float_val=[1.0]), "c: .* 1,000 axes, at most 254"),
    "short contents": (constant(FLOAT, [2**28], tensor_content=b"abcd"), "c: .* holds 4 bytes, but float32"),
    "repeated contents": (constant(FLOAT, [2**28], float_val=[1.0, 2.0]), "c: .* repeat their last value"),
    "too many values": (constant(FLOAT, [2], float_val=[1.0, 2.0, 3.0]), "c: .* lists 3 values"),
    "half a complex number": (constant(8, [2], scomplex_val=[1.0, 2.0, 3.0]), "c: .* 3 parts"),
    "packed strings": (constant(STRING, [10**9], tensor_content=b"\xff" * 8), "c: .* more than"),
    "cut strings": (constant(STRING, [2], tensor_content=b"\x05\x05abc"), "c: .* no such strings"),
    "a constant of handles": (constant(RESOURCE, []), "c: .* cannot hold resources"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused_with_the_node(what: str):
    message, expected = REFUSED[what]
    graph = Graph()
    with bounded(), pytest.raises(GraphError, match=expected):
        import_graph_def(message, "", graph=graph)
    assert not graph.nodes
    assert not graph.library


def test_a_gigabyte_of_one_value_takes_no_memory():
    with bounded(megabytes=5):
        graph = imported(constant(FLOAT, [2**14, 2**14], float_val=[1.5]))
        value = graph.nodes["c"].attrs["value"]
        written = to_graph_def(graph).SerializeToString()
    assert value.shape == (2**14, 2**14)
    assert value[5, 6] == 1.5
    assert len(written) < 200


def test_a_failed_import_leaves_the_graph_as_it_was():
    graph = imported(message_of(X))
    with pytest.raises(GraphError):
        import_graph_def(message_of(("a", "Placeholder", []), ("b", "Relu", ["a", "a"])), "", graph=graph)
    assert list(graph.nodes) == ["x"]
    assert graph.unique_name("a") == "a"


def chain(length: int, *, backwards: bool) -> Any:
    nodes = [X, *((f"n{k}", "Relu", [f"n{k - 1}" if k else "x"]) for k in range(length))]
    return message_of(*(nodes[::-1] if backwards else nodes))


def test_a_chain_of_a_hundred_thousand_nodes_in_the_wrong_order():
    message = chain(100_000, backwards=True)
    began = time.process_time()
    graph = imported(message)
    assert len(graph) == 100_001
    assert list(graph.nodes)[:3] == ["x", "n0", "n1"]
    assert time.process_time() - began < 20


def test_a_chain_of_numbers_is_folded_whatever_its_length():
    message = constant(INT32, [2], int_val=[1, 1])
    for k in range(20_000):
        node = message.node.add(name=f"n{k}", op="AddV2", input=[f"n{k - 1}" if k else "c", "c"])
        node.attr["T"].type = INT32
    last = imported(message).constant_value("n19999:0")
    np.testing.assert_array_equal(last, [20_001, 20_001])


def test_a_long_circle_is_shown_shortened():
    message = chain(9_000, backwards=False)
    message.node[0].CopyFrom(message_of(("x", "Relu", ["n8999"])).node[0])
    with bounded(), pytest.raises(GraphError, match=r"x -> n8999 -> n8998 .*-> \.\.\. -> .* n0 -> x"):
        imported(message)


# -- functions --------------------------------------------------------------------------------------------------------


def calling(calls: dict[str, list[str]]) -> Any:
    """Functions of no arguments that call each other."""
    message = GraphDef()
    for name, called in calls.items():
        function = message.library.function.add()
        function.signature.name = name
        for k, other in enumerate(called):
            function.node_def.add(name=f"call{k}", op="PartitionedCall").attr["f"].func.name = other
            function.node_def[k].attr["Tin"].list.SetInParent()
            function.node_def[k].attr["Tout"].list.SetInParent()
    return message


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ({"f": ["f"]}, "functions call each other in a circle, .*: f -> f"),
        ({"f": ["g"], "g": ["h"], "h": ["f"]}, "circle, .*: f -> g -> h -> f"),
        ({"f": ["absent"]}, "f/call0: in a function: .*no function 'absent'"),
        ({f"f{k}": [f"f{k + 1}"] for k in range(500)} | {"f500": []}, "calls functions more than 64 deep"),
        ({"": []}, "'' is no name for a function"),
        ({"../f": []}, "is no name for a function"),
    ],
)
def test_functions_that_cannot_be_are_refused(calls: dict[str, list[str]], expected: str):
    with bounded(), pytest.raises(GraphError, match=expected):
        imported(calling(calls))


def test_functions_that_double_at_every_level_are_no_more_than_they_are():
    calls = {f"f{k}": [f"f{k + 1}"] * 2 for k in range(40)} | {"f40": []}
    with bounded():
        graph = imported(calling(calls))
        assert imported(to_graph_def(graph)).library.keys() == graph.library.keys() == calls.keys()
        attrs = {"f": "f0", "Tin": [], "Tout": []}
        assert cost(graph, graph.add("PartitionedCall", [], attrs).node).flops == 0


def test_functions_within_attributes_may_not_lie_deep():
    message = message_of(X)
    inner = message.node[0].attr["_f"].func
    inner.name = "f"
    for _ in range(40):
        inner = inner.attr["g"].func
        inner.name = "f"
    assert len(imported(message)) == 1  # such an attribute is not read
    message = calling({"f": ["f"], "g": []})
    del message.library.function[0]
    call = message.node.add(name="call", op="PartitionedCall")
    call.attr["Tin"].list.SetInParent()
    call.attr["Tout"].list.SetInParent()
    inner = call.attr["f"].func
    inner.name = "g"
    for _ in range(40):
        inner = inner.attr["g"].func
    with pytest.raises(GraphError, match=r"call: .*functions in functions, more than 16 deep"):
        imported(message)


# -- files ------------------------------------------------------------------------------------------------------------

NETWORK = gzip.decompress((ROOT / "tests" / "tf_graphs" / "lstm.pb.gz").read_bytes())
BOMB = gzip.compress(b"\0" * 2**27, 9)
FILES = {
    "nothing.pb.gz": (gzip.compress(b"")[:5], "cut short"),
    "cut.pb.gz": (gzip.compress(NETWORK)[:-20], "cut short|damaged"),
    "damaged.pb.gz": (gzip.compress(NETWORK)[:200] + b"\0" * 300, "damaged|cut short"),
    "bomb.pb.gz": (BOMB, r"unpack to more than 67,108,864"),
    "bombs.pb.gz": (gzip.compress(gzip.compress(b"\0" * 2**25, 9)), "no GraphDef|holds no"),
    "cut.pb": (NETWORK[:-3], "no GraphDef"),
    "zeros.pb": (b"\0" * 1000, "no GraphDef"),
    "picture.pb": (b"\x89PNG\r\n\x1a\n" + bytes(range(200)), "no GraphDef"),
    "saved_model.pb": (b"\x08\x01\x12\x05hello", "a SavedModel"),
    "words.pb": (b"these are words", "no GraphDef as text: "),
    "words.pbtxt": ("node { näme: 3 }".encode("latin-1"), "no text in UTF-8"),
    "deep.pbtxt": (b"node { attr { value { func { " * 2000, "deep|no GraphDef"),
    "open.pbtxt": (b"node { name: 'x'", "no GraphDef as text"),
    "number.pbtxt": (b"versions { producer: 99999999999999999999999 }", "no GraphDef as text"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_holds_no_graph_is_named(name: str, tmp_path: Path):
    content, expected = FILES[name]
    (tmp_path / name).write_bytes(content)
    with bounded(megabytes=150), pytest.raises(GraphError, match=f"{name}.*({expected})"):
        load_graph(tmp_path / name)


@pytest.mark.parametrize("path", ["absent.pb", "", "a\0b", "/", "x" * 5000])
def test_a_file_that_cannot_be_read(path: str):
    with pytest.raises(GraphError, match=r"cannot be read|a folder"):
        load_graph(path)


def test_the_folder_of_a_saved_model_is_known(tmp_path: Path):
    (tmp_path / "saved_model.pb").write_bytes(b"")
    with pytest.raises(GraphError, match="the folder of a SavedModel"):
        load_graph(tmp_path)


def test_an_error_names_file_and_node(tmp_path: Path):
    (tmp_path / "wrong.pb").write_bytes(message_of(X, ("y", "Relu", ["x", "x"])).SerializeToString())
    with pytest.raises(GraphError, match=r"^y: Relu takes 1 input .*wrong\.pb"):
        load_graph(tmp_path / "wrong.pb")


# -- at random --------------------------------------------------------------------------------------------------------


def test_hundreds_of_mutated_networks_give_a_graph_or_an_error():
    networks = [content for content in corpus() if len(content) < 60_000]
    report = Report(11)
    fuzz(networks, report, 500)
    assert report.failures == []
    assert report.tried == report.counts["accepted"] + report.counts["refused"] == 500
    assert report.counts["accepted"] > 20
    assert report.slowest < 5


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.binary(max_size=300).map(gzip.compress))
def test_random_bytes_give_a_graph_or_an_error(content: bytes):
    with suppress(FrameworkError):
        import_graph_def(parse_graph_def(content), "", graph=Graph())


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_nodes_in_any_order_make_the_same_graph(order: random.Random):
    message = GraphDef.FromString(NETWORK)
    nodes = list(message.node)
    order.shuffle(nodes)
    shuffled = GraphDef(library=message.library, versions=message.versions, node=nodes)
    graph, expected = imported(shuffled), imported(message)
    assert {name: node.outputs for name, node in graph.nodes.items()} == {
        name: node.outputs for name, node in expected.nodes.items()
    }
