"""The declarations are TensorFlow's: names, order, defaults, allowed values (see tests/tf_cases/declarations.py)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import ops  # noqa: F401  (declares the vocabulary)
from framework.graph import DType
from framework.graph.opdef import OPS, ArgDef, AttrDef

DECLARATIONS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "tf_cases" / "declarations.json").read_text()
)
# What JAX has no type for, and complex numbers rounded or ordered, for which TensorFlow has no sound kernel either.
WITHOUT_KERNEL = {"qint8", "quint8", "qint16", "quint16", "qint32", "string", "variant", "NCHW_VECT_C"}
COMPLEX = {"complex64", "complex128"}


def _argument(arg: ArgDef) -> dict[str, Any]:
    return {
        "name": arg.name,
        "type": arg.dtype and arg.dtype.name,
        "type_attr": arg.type_attr,
        "type_list_attr": arg.type_list_attr,
        "number_attr": arg.number_attr,
        "is_ref": arg.is_ref,
    }


def _value(value: Any) -> Any:
    if isinstance(value, DType):
        return value.name
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("op", sorted(DECLARATIONS))
def test_signature_is_tensorflows(op: str) -> None:
    expected, found = DECLARATIONS[op], OPS[op]
    assert [_argument(arg) for arg in found.inputs] == expected["inputs"]
    assert [_argument(arg) for arg in found.outputs] == expected["outputs"]
    assert found.is_stateful == expected["stateful"]
    assert sorted(found.attrs) == sorted(expected["attrs"])
    for name, attr in found.attrs.items():
        _check_attribute(op, attr, expected["attrs"][name])


def _check_attribute(op: str, found: AttrDef, expected: dict[str, Any]) -> None:
    assert found.type == expected["type"], found
    # A list without a minimum is TensorFlow's list with the minimum 0.
    assert (found.minimum or 0) == (expected["minimum"] or 0), found
    if expected["has_default"]:
        assert _value(found.default) == expected["default"], found
    else:
        assert found.default is None, found
    allowed = None if found.allowed is None else {_value(value) for value in found.allowed}
    if expected["allowed"] is None:
        assert allowed is None, found
        return
    left_out = WITHOUT_KERNEL - ({"string"} if op == "AsString" else set()) | (
        COMPLEX if op in ("FloorDiv", "Round", "ClipByValue") else set()
    )
    assert allowed == set(expected["allowed"]) - left_out, found


def test_importing_the_vocabulary_is_quick_and_needs_no_jax(tmp_path: Path) -> None:
    program = (
        "import sys, time, numpy, ml_dtypes; start = time.process_time(); import framework.ops; "
        "print(time.process_time() - start, 'jax' in sys.modules, 'tensorflow' in sys.modules)"
    )
    # The first run compiles the modules, as the first one of a user does, whatever this process was told of bytecode.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", program]
    runs = [
        subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.split()
        for _ in range(4)
    ]
    assert all(run[1:] == ["False", "False"] for run in runs)
    # 15 ms; the limit leaves room for a slow machine that does other things besides.
    assert min(float(run[0]) for run in runs) < 0.2
