"""Feeds damaged and hostile GraphDefs to the importer, and reports what became of them.

    python experiments/fuzzing/graphdef.py 20000 2026 --write     inputs to try, and the seed

Every input is a network of tests/tf_graphs (and of the folders named in GRAPHWRIGHT_GRAPHS) whose bytes, or whose
nodes, were changed at random. Each must give a graph, or an error that a user can read; anything else is a failure.
With `--write` the report is kept as it grows, in README.md too: given again, the command goes on behind the last input.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import framework.ops  # noqa: F401  the declarations
from experiments.fuzzing.mutation import of_bytes
from experiments.fuzzing.report import ROOT, Report, record, recorded
from framework.errors import FrameworkError
from framework.graph import OPS, Graph
from framework.graph.graphdef.importing import import_graph_def
from framework.graph.graphdef.loading import parse_graph_def
from framework.graph.graphdef.message import to_graph_def
from framework.graph.graphdef.proto import GraphDef

LARGEST = 300_000  # bytes of a network that is mutated: a larger one is slow, and no more varied
PIECE = 5000  # inputs between two reports
_INTEGERS = (0, 1, -1, 2, -2, 3, 7, 255, 4097, 2**31 - 1, -(2**31), 2**31, 2**62, -(2**63), 2**63 - 1)
_TEXTS = (
    "",
    "^",
    ":",
    "a:b:c",
    "..",
    "/abs",
    "../../etc/passwd",
    "a\0b",
    "a" * 5000,
    "^x",
    "x:99999999999",
    "É",
    "x:-1",
)
_Mutation = Callable[[random.Random, Any], None]


def corpus() -> list[bytes]:
    """The networks, unpacked, and what we write of them ourselves."""
    more = os.environ.get("GRAPHWRIGHT_GRAPHS", "").split(":")
    folders = [ROOT / "tests" / "tf_graphs", *map(Path, filter(None, more))]
    files = [path for folder in folders for path in sorted(folder.glob("*.pb.gz"))]
    found = [gzip.decompress(path.read_bytes()) for path in files]
    own = []
    for content in found:
        graph = Graph()
        try:
            import_graph_def(content, "", graph=graph)
        except FrameworkError:
            continue
        own.append(to_graph_def(graph).SerializeToString(deterministic=True))
    return [content for content in [*found, *own] if len(content) <= LARGEST]


# -- mutations --------------------------------------------------------------------------------------------------------


def of_nodes(draw: random.Random, content: bytes) -> bytes:
    """Nodes, inputs, attributes and functions changed to others that look alike, or that no program writes."""
    message = GraphDef.FromString(content)
    for _ in range(draw.choice((1, 1, 2, 3, 8))):
        lists = [message.node, *(function.node_def for function in message.library.function)]
        nodes = draw.choice(lists)
        if nodes:
            draw.choice(_MUTATIONS)(draw, nodes)
    return message.SerializeToString()


def _node(draw: random.Random, nodes: Any) -> Any:
    """One of the nodes, seldom a constant."""
    return min((draw.choice(nodes) for _ in range(3)), key=lambda node: node.op == "Const")


def _constant(draw: random.Random, nodes: Any) -> None:
    """A number of a small constant, such as a shape or an axis, becomes another."""
    constants = [node for node in nodes if node.op == "Const" and node.attr["dtype"].type in (3, 9)]
    if not constants:
        return
    tensor = draw.choice(constants).attr["value"].tensor
    size = 4 if tensor.dtype == 3 else 8
    value = draw.choice((*range(-3, 6), *_INTEGERS)) % 256**size
    if len(tensor.tensor_content) >= size:
        place = draw.randrange(len(tensor.tensor_content) // size) * size
        content = bytearray(tensor.tensor_content)
        content[place : place + size] = value.to_bytes(size, "little")
        tensor.tensor_content = bytes(content)
    else:
        tensor.tensor_content = value.to_bytes(size, "little")


def _op(draw: random.Random, nodes: Any) -> None:
    _node(draw, nodes).op = draw.choice(sorted(OPS))


def _reconnect(draw: random.Random, nodes: Any) -> None:
    node, other = _node(draw, nodes), draw.choice(nodes)
    name = draw.choice((other.name, f"{other.name}:1", f"^{other.name}", f"{other.name}:output:0", draw.choice(_TEXTS)))
    if node.input and draw.random() < 0.8:
        node.input[draw.randrange(len(node.input))] = name
    else:
        node.input.append(name)


def _drop_input(draw: random.Random, nodes: Any) -> None:
    node = _node(draw, nodes)
    if node.input:
        del node.input[draw.randrange(len(node.input))]


def _rename(draw: random.Random, nodes: Any) -> None:
    draw.choice(nodes).name = draw.choice((draw.choice(nodes).name, *_TEXTS))


def _remove(draw: random.Random, nodes: Any) -> None:
    del nodes[draw.randrange(len(nodes))]


def _double(draw: random.Random, nodes: Any) -> None:
    node = draw.choice(nodes)
    nodes.add().CopyFrom(node)
    nodes[-1].name = f"{node.name}_{draw.randrange(99)}"


def _attribute(draw: random.Random, nodes: Any) -> None:
    """An attribute taken from another node, taken away, or changed within."""
    node, other = _node(draw, nodes), draw.choice(nodes)
    kind = draw.randrange(4)
    if kind == 0 and node.attr:
        del node.attr[draw.choice(sorted(node.attr))]
    elif kind == 1 and other.attr and node.attr:
        node.attr[draw.choice(sorted(node.attr))].CopyFrom(other.attr[draw.choice(sorted(other.attr))])
    elif node.attr:
        _change(draw, node.attr[draw.choice(sorted(node.attr))])


def _change(draw: random.Random, message: Any) -> None:
    """One field, somewhere within a message, gets an extreme value of its type."""
    fields = [found for found, _ in message.ListFields()]
    if not fields:
        return
    chosen = draw.choice(fields)
    value = getattr(message, chosen.name)
    if chosen.message_type is not None and chosen.message_type.GetOptions().map_entry:
        return
    is_list = not hasattr(value, "ListFields") and hasattr(value, "append")
    is_list = is_list or (hasattr(value, "add") and not hasattr(value, "ListFields"))
    if chosen.message_type is not None:
        if not is_list:
            _change(draw, value)
        elif value and draw.random() < 0.8:
            _change(draw, draw.choice(value)) if draw.random() < 0.8 else value.add().CopyFrom(draw.choice(value))
        return
    extreme = _extreme(draw, chosen)
    try:
        if not is_list:
            setattr(message, chosen.name, extreme)
        elif value and draw.random() < 0.5:
            value[draw.randrange(len(value))] = extreme
        else:
            value.extend([extreme] * draw.choice((1, 1, 3, 300)))
    except (TypeError, ValueError, OverflowError):
        pass  # it does not fit the field, and no message can hold it


def _extreme(draw: random.Random, chosen: Any) -> Any:
    kinds = {"int": draw.choice(_INTEGERS), "enum": draw.choice((0, 1, 2, 3, 7, 9, 10, 11, 20, 21, 101, 107, 999, -1))}
    kind = {1: "float", 2: "float", 8: "bool", 9: "text", 12: "bytes", 14: "enum"}.get(chosen.type, "int")
    kinds |= {"float": draw.choice((0.0, -1.0, 1e38, float("nan"), float("inf"))), "bool": draw.random() < 0.5}
    kinds |= {
        "text": draw.choice(_TEXTS),
        "bytes": draw.choice((b"", b"\xff\xfe", b"NCHW", b"SAME", b"x" * 300, b"\0")),
    }
    return kinds[kind]


_MUTATIONS: tuple[_Mutation, ...] = (
    _op, _reconnect, _reconnect, _drop_input, _rename, _remove, _double, _attribute, _attribute, _attribute,
    _attribute, _constant, _constant, _constant,
)  # fmt: skip


# -- running ----------------------------------------------------------------------------------------------------------


def inputs(networks: Sequence[bytes], first: int, end: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Mutated networks, each with what makes it again."""
    for number in range(first, end):
        draw = random.Random(f"{seed}/{number}")
        network = draw.choice(networks)
        mutate = of_bytes if draw.random() < 0.25 else of_nodes
        yield f"seed {seed}, input {number}", mutate(draw, network)


def graph_of(content: bytes) -> Graph:
    """The graph of a file with this content."""
    graph = Graph()
    import_graph_def(parse_graph_def(content), "", graph=graph)
    return graph


def fuzz(networks: Sequence[bytes], report: Report, count: int) -> None:
    """Tries inputs until `count` of them have been tried. What no check foresaw is counted besides what is refused."""
    for name, content in inputs(networks, report.tried, count, report.seed):
        report.attempt(name, lambda: _answer(content, report))  # noqa: B023


def _answer(content: bytes, report: Report) -> str:
    try:
        to_graph_def(graph_of(content)).SerializeToString(deterministic=True)
    except FrameworkError as error:
        if error.__cause__ is not None and not isinstance(error.__cause__, FrameworkError):
            report.counts["by the last net"] += 1
        return "refused"
    return "accepted"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=20_000)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--write", action="store_true", help="keep the report, and put it into README.md")
    parser.add_argument("--anew", action="store_true", help="try again what has been tried")
    given = parser.parse_args()
    report = recorded("graphs", given.seed) if given.write and not given.anew else Report(given.seed)
    networks = corpus()
    while report.tried < given.count:
        fuzz(networks, report, min(given.count, report.tried + PIECE))
        print(f"{report.tried:,} of {given.count:,}, {len(report.failures)} failures", flush=True)
        if given.write:
            record("graphs", report)
    print(report.text())
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
