"""What a block declares, and what may be wrong with it before it is used anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from framework.config.sayings import Path, show
from framework.errors import Mistake
from framework.registry import did_you_mean

# What may be said of any layer beside its own options.
CONTROLS = {
    "inputs": "names of the layers, model inputs or tensors it reads; by default the layer before it",
    "share": "name of a layer whose options and variables it takes over",
    "repeat": "how many of it stand one behind the other, each reading the one before",
    "first": "options of the first one alone, where it is repeated",
    "when": "whether it is there; left out, it is the identity of its input",
}
OPTIONS = {
    "parameters": "parameter -> default",
    "inputs": "what the layers of the block call its inputs; by default [input]",
    "layers": "the layers, by name",
    "output": "the layer that the block gives; by default its last",
}


def wrong_with_block(name: str, block: Mapping[str, Any], path: Path) -> Iterator[Mistake]:
    """What is wrong with the block `name`, which `path` declares."""
    for key in block:
        if key not in OPTIONS:
            known = list(OPTIONS)
            yield Mistake(
                (*path, str(key)),
                f"a block has no option '{key}'{did_you_mean(str(key), known)}  options: {', '.join(known)}",
            )
    layers, parameters = block.get("layers"), block.get("parameters") or {}
    if not isinstance(layers, Mapping) or not layers:
        yield Mistake(path, f"block {name} needs 'layers': a mapping of its layers by name")
        return
    if not isinstance(parameters, Mapping):
        yield Mistake((*path, "parameters"), f"'parameters' must be a mapping of defaults, found {show(parameters)}")
        return
    output = block.get("output")
    if output is not None and output not in layers:
        known = [str(key) for key in layers]
        message = (
            f"block {name} has no layer {show(output)}{did_you_mean(str(output), known)}  known: {', '.join(known)}"
        )
        yield Mistake((*path, "output"), message)
    used = set(_words(layers))
    for parameter in parameters:
        if parameter in CONTROLS or parameter == "type":
            yield Mistake((*path, "parameters", str(parameter)), f"'{parameter}' is an option of every layer already")
        elif parameter not in used:
            message = f"no layer of block {name} uses the parameter '{parameter}'"
            yield Mistake((*path, "parameters", str(parameter)), message)


def _words(item: Any) -> Iterator[str]:
    """Every word among the values of a tree."""
    if isinstance(item, str):
        yield from (part.strip() for part in item.split("*"))
    elif isinstance(item, Mapping):
        for value in item.values():
            yield from _words(value)
    elif isinstance(item, (list, tuple)):
        for value in item:
            yield from _words(value)
