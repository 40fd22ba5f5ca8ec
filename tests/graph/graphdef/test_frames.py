"""Frames as functions, at the level of messages: what is written, what keeps its name, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from framework import ops  # noqa: F401  (declares the vocabulary)
from framework.errors import GraphError
from framework.graph.graphdef.frames import functional
from framework.graph.graphdef.proto import GraphDef

FOLDER = Path(__file__).parents[2] / "tf_frames"
BOOL, FLOAT = 10, 1


def read(name: str) -> Any:
    return GraphDef.FromString((FOLDER / f"{name}.pb").read_bytes())


def message_of(*nodes: tuple[str, str, list[str]]) -> Any:
    """Nodes (name, op, inputs), all of float but for predicates."""
    message = GraphDef()
    for name, op, inputs in nodes:
        node = message.node.add(name=name, op=op, input=inputs)
        if op == "Placeholder":
            node.attr["dtype"].type = BOOL if name.startswith("p") else FLOAT
        elif op != "LoopCond":
            node.attr["T"].type = FLOAT
        if op == "Merge":
            node.attr["N"].i = len(inputs)
        if op == "Enter":
            node.attr["frame_name"].s = b"frame"
    return message


INPUTS = ("x", "Placeholder", []), ("p", "Placeholder", [])
SWITCH = ("switch", "Switch", ["x", "p"])


def test_a_message_without_frames_is_returned_as_it_is():
    message = message_of(*INPUTS, ("y", "Neg", ["x"]))
    assert functional(message) is message


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.npz")))
def test_nothing_is_left_and_what_came_out_keeps_its_name(name: str):
    before = read(name)
    kept = before.SerializeToString(deterministic=True)
    after = functional(before)
    assert before.SerializeToString(deterministic=True) == kept
    left = {node.op for node in after.node} | {node.op for f in after.library.function for node in f.node_def}
    assert not left & {"Switch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond"}
    names = {node.name for node in after.node}
    assert len(names) == len(after.node)
    assert {node.name for node in before.node if node.name.startswith("y") or node.op == "Placeholder"} <= names


def test_exits_and_merges_become_identities():
    for name, op in (("simple_while", "Exit"), ("simple_cond", "Merge")):
        before, after = read(name), {node.name: node for node in functional(read(name)).node}
        for node in before.node:
            if node.op == op:
                assert after[node.name].op == "Identity"


def test_the_branches_of_a_condition_and_its_second_output():
    message = message_of(
        *INPUTS,
        SWITCH,
        ("f", "Neg", ["switch"]),
        ("t", "Square", ["switch:1"]),
        ("merge", "Merge", ["f", "t"]),
        ("index", "Identity", ["merge:1"]),
    )
    message.node[-1].attr["T"].type = 3
    after = functional(message)
    nodes = {node.name: node for node in after.node}
    assert nodes["if"].op == "StatelessIf"
    assert list(nodes["if"].input) == ["p", "x"]
    functions = {f.signature.name: f for f in after.library.function}
    assert [n.op for n in functions[nodes["if"].attr["then_branch"].func.name].node_def] == ["Square"]
    assert [n.op for n in functions[nodes["if"].attr["else_branch"].func.name].node_def] == ["Neg"]
    assert nodes["merge"].op == "Identity"
    assert nodes[nodes["index"].input[0]].op == "Cast"


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([SWITCH, ("y", "Neg", ["switch"]), ("z", "Add", ["y", "x"])], None),  # it never runs where p is true
        ([("y", "Merge", ["x", "x"])], "y: Merge: its inputs are not the branches of one predicate"),
        (
            [SWITCH, ("q", "Placeholder", []), ("s2", "Switch", ["x", "p2"]), ("p2", "Placeholder", []),
             ("y", "Merge", ["switch", "s2:1"])],
            "y: Merge: its inputs are not the branches",
        ),
        ([("y", "Neg", ["z"]), ("z", "Neg", ["y"]), SWITCH, ("m", "Merge", ["switch", "switch:1"])],
         r"stand in a cycle that is no loop of TensorFlow's: '[yz]' \(Neg\), '[yz]' \(Neg\)"),
        ([("e", "Enter", ["x"]), ("out", "Exit", ["e"])], "loop 'frame' has 0 LoopCond nodes and 0 variables"),
        ([("c", "LoopCond", ["p"])], r"no condition and no loop that is known: 'c' \(LoopCond\)"),
        ([("y", "Switch", ["x"])], "y: Switch has 1 inputs, which are too few"),
        ([("y", "Merge", [])], "y: Merge has 0 inputs"),
        ([("y", "Switch", ["x:z", "p"])], "y: 'y' reads 'x:z', which the graph does not hold"),
        ([SWITCH, SWITCH], "several nodes of the graph have one name"),
        ([("i", "Identity", []), ("y", "Switch", ["x", "i"]), ("m", "Merge", ["y", "y:1"]), ("c", "LoopCond", ["m"])],
         r"that is known: 'c'"),
        ([("y", "Switch", ["nowhere", "p"])], "'y' reads 'nowhere', which the graph does not hold"),
    ],
)  # fmt: skip
def test_what_is_no_frame_is_refused(nodes: list, message: str | None):
    graph_def = message_of(*INPUTS, *nodes)
    if message is None:
        assert "Switch" not in {node.op for node in functional(graph_def).node}
        return
    with pytest.raises(GraphError, match=message):
        functional(graph_def)


def test_the_gradient_of_a_loop_is_refused_by_name():
    with pytest.raises(GraphError, match=r"StackPushV2\).*differentiate it here"):
        functional(read("gradient"))
