"""docs/operations.md: every op, and how many computations of TensorFlow it is held against.

python tests/test_op_table.py        writes the table anew
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from framework import ops  # noqa: F401  (declares the vocabulary)
from framework.graph.graphdef.proto import GraphDef
from framework.graph.opdef import OPS
from framework.kernels import KERNELS
from framework.ops.update_rules import op_names
from framework.runtime import program  # noqa: F401  (fills the table of forms)
from framework.runtime.lower import FORMS

TESTS = Path(__file__).parent
TABLE = TESTS.parent / "docs" / "operations.md"
CASES = TESTS / "tf_cases"
LEAST = 230
# They draw at random (see tests/kernels/test_random_kernels.py), TensorFlow spells them out in other ops, or they are
# the forms of frames for references, which it writes no more.
WITHOUT_CASES = {
    "RandomStandardNormal", "RandomUniform", "TruncatedNormal",
    "Gradients", "HistogramBuckets", "InitializeUpdate", "KeepFinite", "Update",
    "RefEnter", "RefExit", "RefMerge", "RefNextIteration", "RefSwitch",
}  # fmt: skip
# The runtime differentiates whole graphs; that is no kernel.
OWN = {"Gradients"}
# Recorded by handles; tests/kernels/test_sequences.py runs the same numbers by references.
TWINS = {"AssignAddVariableOp": "AssignAdd", "AssignSubVariableOp": "AssignSub", "AssignVariableOp": "Assign"} | {
    f"ResourceScatter{kind}": f"Scatter{kind}" for kind in ("Add", "Sub", "Update")
}


def recorded() -> tuple[Counter[str], Counter[str]]:
    """By op: the computations of TensorFlow that are stored, and those of them with gradients."""
    cases, gradients = Counter[str](), Counter[str]()
    for path in [*CASES.glob("*.npz"), *CASES.glob("sequences/*.npz")]:
        with np.load(path, allow_pickle=False) as file:
            index = json.loads(file["index"].tobytes())
        cases.update(entry["op"] for entry in index)
        gradients.update(entry["op"] for entry in index if entry.get("gradients"))
    cases.update(entry["op"] for entry in json.loads((CASES / "host.json").read_text()))
    for op, twin in [*TWINS.items(), *((op, op.removeprefix("Resource")) for op in op_names())]:
        if op != twin and twin in OPS:
            cases[twin] += cases[op]
    return cases, gradients


def graphs() -> Iterator[bytes]:
    """The graphs that TensorFlow wrote, whose results are stored beside them."""
    for path in sorted([*TESTS.glob("tf_graphs/*.pb.gz"), *CASES.glob("training_graphs/*.pb.gz")]):
        yield gzip.decompress(path.read_bytes())
    for path in sorted(TESTS.glob("tf_frames/*.pb")):
        yield path.read_bytes()
    for path in sorted(CASES.glob("programs/*.npz")):
        with np.load(path, allow_pickle=False) as file:
            yield from (file[name].tobytes() for name in file.files if name.endswith("/graph"))


def used() -> Counter[str]:
    """By op: how many whole graphs use it."""
    found = Counter[str]()
    for content in graphs():
        message = GraphDef.FromString(content)
        nodes = [*message.node, *(node for function in message.library.function for node in function.node_def)]
        found.update({node.op for node in nodes})
    return found


def how(op: str) -> str:
    """What computes an op."""
    if op in KERNELS:
        return "kernel"
    return "runtime" if op in FORMS or op in OWN else "body"


def table() -> str:
    (cases, gradients), whole = recorded(), used()
    rows = [f"| {op} | {how(op)} | {cases[op]} | {gradients[op]} | {whole[op]} |" for op in sorted(OPS)]
    return f"""# The operations

{len(OPS)} ops, held against {sum(cases[op] for op in OPS)} computations of TensorFlow and {len(list(graphs()))} whole
graphs that it wrote, each with its results. What computes an op is a kernel of its own, the body of other ops that says
what it means, or the runtime itself (state, control flow, gradients). `python tests/test_op_table.py` writes this page.

| op | computed by | cases | of them with gradients | graphs that use it |
|---|---|---|---|---|
{chr(10).join(rows)}
"""


def test_the_table_is_as_the_tests_are():
    assert TABLE.read_text(encoding="utf-8") == table(), "write it anew: python tests/test_op_table.py"


def test_every_op_is_computed_and_held_against_tensorflow():
    assert {op for op in OPS if how(op) == "body" and OPS[op].body is None} == set()
    (cases, _), whole = recorded(), used()
    without = {op for op in OPS if not cases[op] and not whole[op]}
    assert without - WITHOUT_CASES == set()
    assert len(OPS) - len(without) >= LEAST


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
    print(f"{TABLE}: {len(OPS)} ops")
