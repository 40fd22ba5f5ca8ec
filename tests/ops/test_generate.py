"""wrappers.py is what the declarations say, and is written as a person would."""

from __future__ import annotations

import inspect

import pytest

from framework import ops
from framework.graph import OPS
from framework.ops import wrappers
from framework.ops.generate import TARGET, function_name, generate


def test_wrappers_are_not_stale() -> None:
    assert TARGET.read_text() == generate(), "run `python -m framework.ops.generate`"


def test_every_op_has_one_wrapper_of_its_own_name() -> None:
    names = [function_name(OPS[name]) for name in OPS if OPS[name].wrapper != ""]
    assert len(names) == len(set(names))
    assert set(names) <= set(wrappers.__all__)


@pytest.mark.parametrize(
    ("op", "name"),
    [
        ("MatMul", "matmul"),
        ("AddV2", "add"),
        ("RealDiv", "divide"),
        ("Sum", "reduce_sum"),
        ("Pack", "stack"),
        ("Conv2D", "conv2d"),
        ("MaxPool", "max_pool"),
        ("LogSoftmax", "log_softmax"),
        ("ConcatV2", "concat"),
        ("RandomStandardNormal", "random_normal"),
        ("Relu6", "relu6"),
        ("L2Loss", "l2_loss"),
    ],
)
def test_names_are_those_of_tensorflows_python_functions(op: str, name: str) -> None:
    assert function_name(OPS[op]) == name


def test_signatures_say_what_may_be_left_out() -> None:
    assert str(inspect.signature(ops.matmul)) == (
        "(a: 'TensorLike', b: 'TensorLike', *, transpose_a: 'bool' = False, transpose_b: 'bool' = False, "
        "name: 'str | None' = None) -> 'Tensor'"
    )
    parameters = inspect.signature(ops.conv2d).parameters
    assert [name for name, p in parameters.items() if p.default is p.empty] == ["input", "filter", "strides", "padding"]
    assert "use_cudnn_on_gpu" not in parameters


@pytest.mark.parametrize("name", [name for name in wrappers.__all__ if name[0].islower()])
def test_every_wrapper_is_documented(name: str) -> None:
    doc = inspect.getdoc(getattr(ops, name)) or ""
    assert doc.splitlines()[0].strip()
    op = next(op for op in (OPS[n] for n in OPS) if op.wrapper != "" and function_name(op) == name)
    for attr in op.attrs.values():
        if attr.type == "string" and attr.allowed:
            assert all(str(value) in doc for value in attr.allowed)
