"""Ops that change variables, step by step, against TensorFlow's variables: see tests/tf_cases/sequences.py.

Both forms run: by handles, as they were recorded, and by references.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jax
import ml_dtypes
import numpy as np
import pytest

from framework.graph import Graph, Operation, Tensor, as_dtype
from framework.graph.opdef import OPS, lookup
from framework.kernels import PLATFORMS, find_kernel
from framework.ops.update_rules import op_names
from framework.runtime.session import Session

FOLDER = Path(__file__).parents[1] / "tf_cases" / "sequences"
TOLERANCE = {"float16": 4e-3, "bfloat16": 2e-2, "float32": 5e-6, "float64": 1e-13, "complex64": 1e-6}
REFERENCES = {"AssignAddVariableOp": "AssignAdd", "AssignSubVariableOp": "AssignSub"}


@dataclass(frozen=True)
class Sequence:
    """An op on variables: what they hold before, and per step the other inputs, what they hold then, the output."""

    op: str
    attrs: dict[str, Any]
    before: dict[str, np.ndarray]
    steps: list[dict[str, Any]]


@cache
def sequences() -> tuple[Sequence, ...]:
    return tuple(sequence for path in sorted(FOLDER.glob("*.npz")) for sequence in _read(path))


def _read(path: Path) -> Iterator[Sequence]:
    with np.load(path, allow_pickle=False) as file:
        index, data = json.loads(file["index"].tobytes()), file["data"].tobytes()

    def array(stored: list[Any]) -> np.ndarray:
        name, shape, offset = stored
        dtype = np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)
        return np.frombuffer(data, dtype, int(np.prod(shape)), offset).reshape(shape)

    def arrays(stored: dict[str, list[Any]]) -> dict[str, np.ndarray]:
        return {name: array(value) for name, value in stored.items()}

    for entry in index:
        steps = [
            {
                "inputs": arrays(step["inputs"]),
                "after": arrays(step["after"]),
                "output": None if step["output"] is None else array(step["output"]),
            }
            for step in entry["steps"]
        ]
        yield Sequence(entry["op"], entry["attrs"], arrays(entry["before"]), steps)


def reference(op: str) -> str | None:
    """The form of an op that takes references, where there is one."""
    name = REFERENCES.get(op, op.removeprefix("Resource"))
    return name if name in OPS and lookup(name).inputs[0].is_ref else None


class InGraph:
    """Sequences in one graph, which runs a step of each at once."""

    def __init__(self, chosen: list[Sequence], by_reference: bool):
        self.graph, self.chosen, self.by_reference = Graph(), chosen, by_reference
        self.operations, self.state = [], {}
        for number, sequence in enumerate(chosen):
            with self.graph.name_scope(f"s{number}"):
                self.operations.append(self._operation(sequence))

    def _operation(self, sequence: Sequence) -> Operation:
        op = (reference(sequence.op) if self.by_reference else None) or sequence.op
        variables = {name: self._variable(name, value) for name, value in sequence.before.items()}
        inputs = []
        for argument in lookup(op).inputs:
            if argument.name in variables or argument.is_ref:
                inputs.append(variables["resource" if argument.name == "ref" else argument.name])
            else:
                value = sequence.steps[0]["inputs"][argument.name]
                attrs = {"dtype": value.dtype, "shape": value.shape}
                inputs.append(self.graph.add("Placeholder", attrs=attrs, name=argument.name).outputs[0])
        typed = {} if "T" in lookup(op).attrs else {"dtype": sequence.before["resource"].dtype}
        return self.graph.add(op, inputs, {**typed, **sequence.attrs})

    def _variable(self, name: str, value: np.ndarray) -> Tensor:
        kind = "VariableV2" if self.by_reference else "VarHandleOp"
        tensor = self.graph.add(kind, attrs={"dtype": as_dtype(value.dtype), "shape": value.shape}, name=name).outputs[
            0
        ]
        self.state[tensor.op.name] = value
        return tensor

    def run(self) -> list[list[tuple[dict[str, np.ndarray], np.ndarray | None]]]:
        """By sequence and step: the variables, and the output where there is one."""
        session = Session(self.graph, state=self.state)
        fetches = [o.outputs[0] if o.outputs else o for o in self.operations]
        found: list[list[Any]] = [[] for _ in self.chosen]
        for step in range(len(self.chosen[0].steps)):
            feeds: dict[Tensor | str, np.ndarray] = {
                f"s{number}/{name}:0": value
                for number, sequence in enumerate(self.chosen)
                for name, value in sequence.steps[step]["inputs"].items()
            }
            outputs = session.run(fetches, feeds)
            for number, (sequence, output) in enumerate(zip(self.chosen, outputs, strict=True)):
                after = {name: np.array(session.state[f"s{number}/{name}"]) for name in sequence.before}
                found[number].append((after, output))
        return found


@cache
def results(by_reference: bool) -> dict[int, list[Any]]:
    """What every sequence gives here, by its position."""
    found: dict[int, list[Any]] = {}
    numbered = [(k, s) for k, s in enumerate(sequences()) if not by_reference or reference(s.op)]
    with jax.enable_x64(True):
        for count in sorted({len(sequence.steps) for _, sequence in numbered}):
            chosen = [(k, sequence) for k, sequence in numbered if len(sequence.steps) == count]
            ran = InGraph([sequence for _, sequence in chosen], by_reference).run()
            found.update((k, steps) for (k, _), steps in zip(chosen, ran, strict=True))
    return found


def check(found: np.ndarray, expected: np.ndarray, what: str) -> None:
    assert found.dtype == expected.dtype, what
    assert found.shape == expected.shape, what
    tolerance = TOLERANCE.get(str(expected.dtype), 0)
    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    np.testing.assert_allclose(found.astype(wide), expected.astype(wide), rtol=tolerance, atol=tolerance, err_msg=what)


@pytest.mark.parametrize("by_reference", [False, True], ids=["handles", "references"])
@pytest.mark.parametrize("op", sorted({sequence.op for sequence in sequences()}))
def test_variables_hold_what_tensorflows_hold(op: str, by_reference: bool) -> None:
    if by_reference and reference(op) is None:
        assert op.startswith("ResourceGather") or op == "ResourceApplyKerasMomentum"  # what handles alone can
        return
    for number, sequence in enumerate(sequences()):
        if sequence.op != op:
            continue
        for step, (after, output) in enumerate(results(by_reference)[number]):
            expected = sequence.steps[step]
            what = f"{op} {sequence.attrs} step {step}"
            for name, value in expected["after"].items():
                check(after[name], value, f"{what} {name}")
            if expected["output"] is not None:
                check(output, expected["output"], what)
            elif by_reference:  # the reference that it returns holds the first of the variables
                check(output, next(iter(expected["after"].values())), what)


def test_every_rule_has_sequences() -> None:
    recorded = {sequence.op for sequence in sequences()}
    assert {op for op in op_names() if op.startswith("Resource")} <= recorded


@pytest.mark.parametrize("op", sorted({sequence.op for sequence in sequences()}))
def test_kernel_lowers_for_every_platform(op: str) -> None:
    sequence = next(s for s in sequences() if s.op == op and next(iter(s.before.values())).dtype == np.float32)
    operation = InGraph([sequence], by_reference=False).operations[0]
    inputs = {**sequence.before, **sequence.steps[0]["inputs"]}
    kernel = find_kernel(op, "cpu")
    assert kernel is not None
    function = jax.jit(lambda *arrays: kernel(operation.node.attrs, *arrays))
    exported = jax.export.export(function, platforms=PLATFORMS)(*(inputs[a.name] for a in lookup(op).inputs))
    assert exported.platforms == PLATFORMS
