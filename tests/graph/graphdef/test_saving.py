"""Graphs as files: binary, compressed and text say the same, and the same graph is the same bytes."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import framework.ops  # noqa: F401  the declarations
from framework.errors import GraphError
from framework.graph import Body, Graph, Tensor, convert_to_tensor
from framework.graph.attrs import Function
from framework.graph.graphdef.importing import import_graph_def
from framework.graph.graphdef.loading import load_graph
from framework.graph.graphdef.proto import MetaGraphDef
from framework.graph.graphdef.saving import ENDINGS, save_graph
from framework.runtime.session import Session

UNARY = ("Relu", "Tanh", "Neg", "Square", "Identity", "Softmax")
BINARY = ("AddV2", "Mul", "Maximum", "Sub")


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Random graphs of float32 [2, 2], with constants, several outputs, functions, control inputs and devices."""
    graph = Graph()
    add_all(draw, graph, draw(st.integers(1, 12)))
    if draw(st.booleans()):
        body = Graph()
        outputs = add_all(draw, body, draw(st.integers(1, 5)), is_body=True)[-2:]
        graph.library["f"] = Body(body, ("argument:0",), tuple(tensor.name for tensor in outputs))
        call = {"f": Function("f"), "Tin": ["float32"], "Tout": ["float32"] * len(outputs)}
        graph.add("PartitionedCall", [graph.tensor("x:0")], call)
    return graph


def add_all(draw: st.DrawFn, graph: Graph, count: int, *, is_body: bool = False) -> list[Tensor]:
    name = "argument" if is_body else "x"
    known = [graph.add("Placeholder", attrs={"dtype": "float32", "shape": (2, 2)}, name=name).outputs[0]]
    for _ in range(count):
        first, second = draw(st.sampled_from(known)), draw(st.sampled_from(known))
        controls = [second.op] if draw(st.booleans()) and second.name != "argument:0" else []
        device = draw(st.sampled_from(["", "/cpu:0"]))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            value = draw(st.sampled_from([np.eye(2, dtype="f4"), np.broadcast_to(np.float32(3), (2, 2))]))
            known.append(convert_to_tensor(value, graph))
        elif kind == 1:
            split = graph.add("Split", [convert_to_tensor(np.int32(1), graph), first], {"num_split": 2})
            known.append(
                graph.add("ConcatV2", [*split.outputs[::-1], convert_to_tensor(np.int32(1), graph)]).outputs[0]
            )
        elif kind == 2:
            op = draw(st.sampled_from(BINARY))
            known.append(graph.add(op, [first, second], control_inputs=controls, device=device).outputs[0])
        else:
            op = draw(st.sampled_from(UNARY))
            known.append(graph.add(op, [first], control_inputs=controls, device=device).outputs[0])
    return known


def written(graph: Graph) -> bytes:
    return graph.as_graph_def().SerializeToString(deterministic=True)


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_what_is_read_again_is_the_same_bytes(graph: Graph):
    first = written(graph)
    again = Graph()
    import_graph_def(first, "", graph=again)
    assert written(again) == first
    assert {name: node.outputs for name, node in again.nodes.items()} == {
        name: node.outputs for name, node in graph.nodes.items()
    }


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_format_holds_the_same_graph(ending: str, tmp_path: Path):
    graph = Graph()
    x = graph.add("Placeholder", attrs={"dtype": "float32", "shape": (None, 3)}, name="x").outputs[0]
    w = convert_to_tensor(np.random.default_rng(0).normal(size=(3, 40)).astype(np.float32), graph, name="w")
    graph.add("MatMul", [x, w], name="y")
    convert_to_tensor(np.array([b"\xff\0", "é".encode()], object), graph, name="words")
    for name in ("a", "b"):
        save_graph(graph, tmp_path / f"{name}{ending}")
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()
    loaded = load_graph(tmp_path / f"a{ending}")
    assert written(loaded) == written(graph)
    value = np.ones((2, 3), np.float32)
    expected = Session(graph).run("y:0", {"x:0": value})
    np.testing.assert_array_equal(Session(loaded).run("y:0", {"x:0": value}), expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a{ending}", f"b{ending}"]


def test_the_contents_tell_the_format_whatever_the_name(tmp_path: Path):
    graph = Graph()
    graph.add("NoOp", name="only")
    for ending in ENDINGS:
        save_graph(graph, tmp_path / f"graph{ending}")
        (tmp_path / "model").write_bytes((tmp_path / f"graph{ending}").read_bytes())
        assert list(load_graph(tmp_path / "model").nodes) == ["only"]


def test_the_graph_of_a_meta_graph_is_read(tmp_path: Path):
    graph = Graph()
    graph.add("NoOp", name="only")
    message = MetaGraphDef(graph_def=graph.as_graph_def())
    message.meta_info_def.tags.append("train")
    message.meta_info_def.meta_graph_version = "v1"
    (tmp_path / "model.meta").write_bytes(message.SerializeToString())
    assert list(load_graph(tmp_path / "model.meta").nodes) == ["only"]


def test_no_half_a_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    graph = Graph()
    graph.add("NoOp")
    target = tmp_path / "graph.pb"
    target.write_bytes(b"before")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(GraphError, match=r"graph\.pb' cannot be written: No space left"):
        save_graph(graph, target)
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


def test_what_cannot_be_written_is_said(tmp_path: Path):
    with pytest.raises(GraphError, match=r"'model\.onnx' must end in \.pb, \.pb\.gz, \.pbtxt or \.pbtxt\.gz"):
        save_graph(Graph(), "model.onnx")
    with pytest.raises(GraphError, match="cannot be written: No such file"):
        save_graph(Graph(), tmp_path / "absent" / "graph.pb")


def test_files_of_gzip_that_follow_each_other_are_one(tmp_path: Path):
    graph = Graph()
    graph.add("NoOp", name="only")
    content = written(graph)
    (tmp_path / "graph.pb.gz").write_bytes(gzip.compress(content[:5]) + gzip.compress(content[5:]) + b"\0\0")
    assert list(load_graph(tmp_path / "graph.pb.gz").nodes) == ["only"]
