"""Ops that TensorFlow 1 wrote conditions and loops with, in graphs with cycles; an import turns them into functions."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.ops.control_flow import common
from framework.ops.inference import Shapes, no_flops, unchanged


def _switch(call: Call) -> Shapes:
    call.rank(1, 0)
    return [call.shapes[0], call.shapes[0]]


def _merge(call: Call) -> Shapes:
    return [common(call.shapes), ()]


def _condition(call: Call) -> Shapes:
    call.rank(0, 0)
    return [()]


_ENTER = "T: type, frame_name: string, is_constant: bool = false, parallel_iterations: int = 10"
_KINDS = (
    ("Switch", "data: <T>, pred: bool", "output_false: <T>, output_true: <T>", "T: type", _switch,
     "Passes `data` to one of two outputs; what follows from the other does not run."),
    ("Merge", "inputs: <N * T>", "output: <T>, value_index: int32", "T: type, N: int >= 1", _merge,
     "The one of its inputs that was computed, and which it is."),
    ("Enter", "data: <T>", "output: <T>", _ENTER, unchanged, "Passes a value into a loop."),
    ("Exit", "data: <T>", "output: <T>", "T: type", unchanged, "Passes a value out of a loop."),
    ("NextIteration", "data: <T>", "output: <T>", "T: type", unchanged, "Passes a value to the next turn of a loop."),
)  # fmt: skip
for _name, _inputs, _outputs, _attrs, _shape, _doc in _KINDS:
    for _prefix, _open, _close in (("", "", ""), ("Ref", "Ref(", ")")):
        register_op(
            f"{_prefix}{_name}",
            inputs=_inputs.replace("<", _open).replace(">", _close),
            outputs=_outputs.replace("<", _open).replace(">", _close),
            attrs=_attrs,
            shape=_shape,
            flops=no_flops,
            wrapper="",
            doc=_doc,
        )
register_op(
    "LoopCond",
    inputs="input: bool",
    outputs="output: bool",
    shape=_condition,
    flops=no_flops,
    wrapper="",
    doc="Whether a loop makes another turn.",
)
register_op("ControlTrigger", shape=lambda call: [], flops=no_flops, wrapper="", doc="Nothing, like NoOp.")
