"""Functions that are written for any type, and nodes that call a function by its name: made as the others are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from framework.errors import GraphError
from framework.graph.graphdef import limits
from framework.graph.graphdef.nodes import clip
from framework.graph.opdef import OPS


def without_templates(message: Any) -> Any:
    """A GraphDef whose functions all have types, each called by a node that runs functions; itself where it is one.

    A function with attributes of its own becomes one function for each use of it with other values. Raises GraphError
    where a use does not say what the function needs, and where there is no end of uses.
    """
    functions = {function.signature.name: function for function in message.library.function}
    templates = {name: function for name, function in functions.items() if function.signature.attr}
    bodies = [message.node, *(function.node_def for function in functions.values())]
    if not templates and not any(node.op in functions and node.op not in OPS for body in bodies for node in body):
        return message
    result = type(message)()
    result.CopyFrom(message)
    del result.library.function[:]
    result.library.function.extend(function for name, function in functions.items() if name not in templates)
    instances = _Instances(functions, templates, result.library)
    instances.visit(result.node)
    for function in list(result.library.function):
        instances.visit_function(function)
    return result


class _Instances:
    """The functions that were made of templates so far."""

    def __init__(self, functions: Mapping[str, Any], templates: Mapping[str, Any], library: Any):
        self._functions, self._templates, self._library = functions, templates, library
        self._made: dict[bytes, Any] = {}

    def visit_function(self, function: Any) -> None:
        """Makes what a function calls, and what that calls."""
        pending = [function]
        while pending:
            current = pending.pop()
            renamed = self.visit(current.node_def, pending)
            for node in current.node_def:
                node.input[:] = [_renamed(text, renamed) for text in node.input]
            for name in list(current.ret):
                current.ret[name] = _renamed(current.ret[name], renamed)

    def visit(self, nodes: Iterable[Any], pending: list[Any] | None = None) -> dict[str, Sequence[str]]:
        """Makes what some nodes call. Returns the nodes that called a function by name, with its outputs."""
        made: list[Any] = [] if pending is None else pending
        renamed: dict[str, Sequence[str]] = {}
        for node in nodes:
            if node.op in self._functions and node.op not in OPS:
                renamed[node.name] = [argument.name for argument in self._functions[node.op].signature.output_arg]
                self._call(node, made)
            else:
                for value in node.attr.values():
                    for call in [value.func] if value.WhichOneof("value") == "func" else value.list.func:
                        self._instantiate(call, made)
        if pending is None:
            for function in made:
                self.visit_function(function)
        return renamed

    def _call(self, node: Any, made: list[Any]) -> None:
        """Lets a node of a function's name be one that runs it."""
        own = {attr.name for attr in self._functions[node.op].signature.attr}
        call = type(node)().attr["f"].func
        call.name = node.op
        for name in own & set(node.attr):
            call.attr[name].CopyFrom(node.attr[name])
        for name in [name for name in node.attr if not name.startswith("_")]:
            del node.attr[name]
        function = self._instantiate(call, made)
        node.op = "StatefulPartitionedCall" if function.signature.is_stateful else "PartitionedCall"
        node.attr["f"].func.CopyFrom(call)
        for name, arguments in (("Tin", function.signature.input_arg), ("Tout", function.signature.output_arg)):
            node.attr[name].list.SetInParent()
            node.attr[name].list.type.extend(argument.type for argument in arguments)

    def _instantiate(self, call: Any, made: list[Any]) -> Any:
        """The function that a call runs; the call comes to name it."""
        if call.name not in self._templates:
            return self._functions.get(call.name)
        template = self._templates[call.name]
        key = call.SerializeToString(deterministic=True)
        if key not in self._made:
            self._made[key] = self._instance(template, call, key)
            made.append(self._made[key])
        call.name = self._made[key].signature.name
        for attr in template.signature.attr:
            call.attr.pop(attr.name, None)
        return self._made[key]

    def _instance(self, template: Any, call: Any, key: bytes) -> Any:
        """A new function: the template with the values that a call gives."""
        if len(self._made) >= limits.INSTANCES:
            raise GraphError(f"functions for any type make more than {limits.INSTANCES:,} functions")
        values = {attr.name: call.attr[attr.name] for attr in template.signature.attr if attr.name in call.attr}
        missing = [attr.name for attr in template.signature.attr if attr.name not in values]
        missing = [name for name in missing if not name.startswith("_")]
        if missing:
            raise GraphError(f"a use of function '{clip(call.name)}' does not say its {', '.join(missing)}")
        function = self._library.function.add()
        function.CopyFrom(template)
        function.signature.name = f"{call.name}_{hashlib.sha256(key).hexdigest()[:12]}"
        _fill(function, values)
        return function


def _fill(function: Any, values: Mapping[str, Any]) -> None:
    """Puts values in the place of the attributes of a function."""
    for argument in (*function.signature.input_arg, *function.signature.output_arg):
        if argument.type_attr in values:
            argument.type = values[argument.type_attr].type
            argument.ClearField("type_attr")
    del function.signature.attr[:]
    for node in function.node_def:
        _fill_attrs(node.attr, values)


def _fill_attrs(attrs: Any, values: Mapping[str, Any]) -> None:
    for name in list(attrs):
        value = attrs[name]
        if value.WhichOneof("value") == "placeholder" and value.placeholder in values:
            value.CopyFrom(values[value.placeholder])
        elif value.WhichOneof("value") == "func":
            _fill_attrs(value.func.attr, values)


def _renamed(text: str, renamed: Mapping[str, Sequence[str]]) -> str:
    """An output of a node that called a function by name, as an output of the node that it is now."""
    name, *rest = text.split(":")
    if not rest or name not in renamed or rest[0] not in renamed[name]:
        return text
    return f"{name}:output:{list(renamed[name]).index(rest[0])}"
