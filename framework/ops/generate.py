"""Writes framework/ops/wrappers.py, one Python function an op, from the declarations.

python -m framework.ops.generate
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framework.graph import OPS, DType, OpDef
from framework.graph.opdef import ArgDef, AttrDef

TARGET = Path(__file__).with_name("wrappers.py")
_WIDTH = 120
# Ops that are not TensorFlow's, beside composite ones, so that no page of its manual speaks of them.
_OWN = {"Gradients", "Update", "InitializeUpdate", "KeepFinite", "HistogramBuckets"}
# Attributes that say how TensorFlow runs an op. Graphs may hold them; nobody sets them here.
_INTERNAL = {
    "use_cudnn_on_gpu", "use_locking", "container", "shared_name", "debug_name", "allowed_devices", "bad_color",
    "grad_a", "grad_b", "grad_x", "grad_y", "Truncate",
    "validate_indices", "bad_indices_policy",
}  # fmt: skip
# Arguments and attributes that TensorFlow's Python functions call otherwise than its raw ops do.
_PYTHON_NAMES = {
    "reduction_indices": "axis",
    "keep_dims": "keepdims",
    "dimension": "axis",
    "dim": "axis",
    "squeeze_dims": "axis",
    "concat_dim": "axis",
    "split_dim": "axis",
    "DstT": "dtype",
}
# Inputs that may be left out: (op, input) or input -> the parameter's default, and what None then stands for.
_OPTIONAL_INPUTS = {
    "reduction_indices": ("None", "every_axis({first}) if {name} is None else {name}"),
    "perm": ("None", "reversed_axes({first}) if {name} is None else {name}"),
    "on_value": ("1.0", "{name}"),
    "off_value": ("0.0", "{name}"),
    "delta": ("1", "{name}"),
    ("GatherV2", "axis"): ("0", "{name}"),
    **{
        (f"Matrix{kind}V{version}", "k"): ("0", "{name}")
        for kind in ("Diag", "DiagPart", "SetDiag")
        for version in "23"
    },
    "num_rows": ("-1", "{name}"),
    "num_cols": ("-1", "{name}"),
    "padding_value": ("0", "{name}"),
}
_PYTHON_TYPES = {
    "int": "int",
    "float": "float",
    "bool": "bool",
    "string": "str",
    "type": "DTypeLike",
    "shape": "Sequence[int | None] | None",
    "tensor": "np.ndarray",
    "func": "str",
}


def generate() -> str:
    """The text of wrappers.py."""
    ops = sorted((OPS[name] for name in OPS if OPS[name].wrapper != ""), key=function_name)
    names = sorted([function_name(op) for op in ops] + [_class_name(op) for op in ops if _is_tuple(op)])
    return "\n".join(
        [
            '"""One function an op, written from the declarations by `python -m framework.ops.generate`."""',
            "",
            "from __future__ import annotations",
            "",
            "from collections.abc import Sequence",
            "from typing import NamedTuple",
            "",
            "from framework.graph import Operation, Tensor",
            "from framework.ops.apply import DTypeLike, TensorLike, apply, every_axis, operation, reversed_axes",
            "",
            "__all__ = [",
            *(f'    "{name}",' for name in names),
            "]",
            "",
            *(line for op in ops for line in _wrapper(op)),
        ]
    )


def function_name(op: OpDef) -> str:
    """The name of an op's wrapper: TensorFlow's snake_case, unless the declaration gives another."""
    return op.wrapper or re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", op.name).lower()


def _wrapper(op: OpDef) -> Iterator[str]:
    if _is_tuple(op):
        yield from ("", f"class {_class_name(op)}(NamedTuple):")
        yield from (f'    """The outputs of {op.name}."""', "", *(f"    {arg.name}: Tensor" for arg in op.outputs), "")
    yield ""
    yield from _signature(op)
    yield from _docstring(op)
    yield from _body(op)
    yield ""


def _signature(op: OpDef) -> Iterator[str]:
    inputs = [_input_parameter(op, arg) for arg in op.inputs]
    required = [f"{_python_name(attr)}: {_annotation(attr)}" for attr in _attrs(op) if _default(op, attr) is None]
    optional = [
        f"{_python_name(attr)}: {_annotation(attr)} = {default}"
        for attr in _attrs(op)
        if (default := _default(op, attr)) is not None
    ]
    # What must be given may be given in order, and all that describes an op without inputs.
    ordered = [*inputs, *required, *([] if inputs else optional)]
    named = [*(optional if inputs else []), "name: str | None = None"]
    parameters = [*ordered, *(["*"] if inputs else []), *named]
    line = f"def {function_name(op)}({', '.join(parameters)}) -> {_return_type(op)}:"
    if len(line) <= _WIDTH:
        yield line
        return
    yield f"def {function_name(op)}("
    yield from (f"    {parameter}," for parameter in parameters)
    yield f") -> {_return_type(op)}:"


def _docstring(op: OpDef) -> Iterator[str]:
    described = [*_describe_inputs(op), *(line for attr in _attrs(op) if (line := _describe_attr(attr)))]
    if op.name not in _OWN and op.body is None:
        described.append(f"Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/{op.name}")
    first, *rest = textwrap.wrap(op.doc, _WIDTH - 7)
    if not rest and not described:
        yield f'    """{first}"""'
        return
    yield f'    """{first}'
    yield from (f"    {line}" for line in rest)
    if described:
        yield ""
    for text in described:
        yield from textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
    yield '    """'


def _describe_inputs(op: OpDef) -> Iterator[str]:
    """One line for the inputs of each type: `a, b: float32, float64.`"""
    groups: dict[str, list[str]] = {}
    for arg in op.inputs:
        groups.setdefault(_element_types(op, arg), []).append(_python_name(arg))
    return (f"{', '.join(names)}: {types}." for types, names in groups.items())


def _element_types(op: OpDef, arg: ArgDef) -> str:
    if arg.dtype is not None:
        return f"{arg.dtype}"
    attr = op.attrs[arg.type_attr or arg.type_list_attr or ""]
    several = "of one type" if arg.number_attr else "of any types" if arg.type_list_attr else "any type"
    return ", ".join(str(dtype) for dtype in attr.allowed) if attr.allowed else several


def _describe_attr(attr: AttrDef) -> str | None:
    if not attr.allowed:
        return None
    return f"{_python_name(attr)}: {', '.join(str(value) for value in attr.allowed)}."


def _body(op: OpDef) -> Iterator[str]:
    inputs = [_input_value(op, arg) for arg in op.inputs]
    joined = f"({', '.join(inputs)}{',' if len(inputs) == 1 else ''})"
    attrs = [f'"{attr.name}": {_python_name(attr)}' for attr in _attrs(op)]
    if attrs:
        line = f"    attrs = {{{', '.join(attrs)}}}"
        broken = ["    attrs = {", *(f"        {item}," for item in attrs), "    }"]
        yield from [line] if len(line) <= _WIDTH else broken
    function = "apply" if op.outputs else "operation"
    call = f'{function}("{op.name}", {joined}, {"attrs, name" if attrs else "name=name"})'
    if _is_tuple(op):
        yield f"    outputs = {call}"
        yield f"    return {_class_name(op)}(*outputs)"
    elif len(op.outputs) == 1 and not _is_several(op.outputs[0]):
        yield f"    return {call}[0]"
    else:
        yield f"    return {call}"


def _attrs(op: OpDef) -> list[AttrDef]:
    """The attributes that the caller may give: those that the inputs do not imply."""
    implied = {name for arg in op.inputs for name in (arg.type_attr, arg.type_list_attr, arg.number_attr)}
    return [attr for attr in op.attrs.values() if attr.name not in implied | _INTERNAL]


def _default(op: OpDef, attr: AttrDef) -> str | None:
    """The Python text of an attribute's default, or None when it must be given."""
    value = attr.default
    if attr.type == "shape" and not (value is None and op.inputs):
        return "None" if value is None else repr(value)
    if attr.name == "dtype" and attr.type == "type" and op.inputs:
        return '"float32"'
    if value is None:
        return None
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, DType):
        return f'"{value}"'
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _input_parameter(op: OpDef, arg: ArgDef) -> str:
    annotation = "Sequence[TensorLike]" if _is_several(arg) else "TensorLike"
    default = _optional(op, arg)
    if default is None:
        return f"{_python_name(arg)}: {annotation}"
    return f"{_python_name(arg)}: {annotation}{' | None' * (default[0] == 'None')} = {default[0]}"


def _input_value(op: OpDef, arg: ArgDef) -> str:
    default = _optional(op, arg)
    name = _python_name(arg)
    return name if default is None else default[1].format(first=_python_name(op.inputs[0]), name=name)


def _optional(op: OpDef, arg: ArgDef) -> tuple[str, str] | None:
    return _OPTIONAL_INPUTS.get((op.name, arg.name)) or _OPTIONAL_INPUTS.get(arg.name)


def _annotation(attr: AttrDef) -> str:
    if attr.type.startswith("list("):
        return f"Sequence[{_PYTHON_TYPES[attr.type[5:-1]]}]"
    return _PYTHON_TYPES[attr.type]


def _python_name(item: ArgDef | AttrDef) -> str:
    return _PYTHON_NAMES.get(item.name, item.name)


def _return_type(op: OpDef) -> str:
    if not op.outputs:
        return "Operation"
    if _is_tuple(op):
        return _class_name(op)
    return "tuple[Tensor, ...]" if _is_several(op.outputs[0]) else "Tensor"


def _is_tuple(op: OpDef) -> bool:
    return len(op.outputs) > 1


def _class_name(op: OpDef) -> str:
    return f"{op.name}Outputs"


def _is_several(arg: ArgDef) -> bool:
    return bool(arg.number_attr or arg.type_list_attr)


def main() -> None:
    TARGET.write_text(generate())


if __name__ == "__main__":
    main()
