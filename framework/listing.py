"""What the verbs `list` and `describe` say: names with a line about each, and all about one of them."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from framework.catalog import SHELVES, Entry, Shelf, shelf_of
from framework.config.block_declaration import CONTROLS
from framework.config.compose import to_yaml
from framework.config.example import example
from framework.config.options import Option, options
from framework.graph.opdef import ArgDef, OpDef
from framework.layers import Layer

_LONGEST_DEFAULT = 16


def width() -> int:
    """How many columns the terminal has."""
    return shutil.get_terminal_size((100, 24)).columns


def columns(rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell. right: columns of numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    signs = [">" if position in right else "<" for position in range(len(widths))]
    form = "  ".join(f"{{:{sign}{width}}}" for sign, width in zip(signs, widths, strict=True))
    return [form.format(*row).rstrip() for row in rows]


def shelves() -> list[str]:
    """Every kind of thing, how many there are, and where in a configuration they are named."""
    rows = [(one.plural, str(len(one.contents())), one.place) for one in SHELVES]
    return [*columns(rows, right=[1]), "", "python -m framework list layers    describe conv2d"]


def entries(shelf: Shelf, limit: int | None) -> list[str]:
    """The names on a shelf with a line about each, cut to `limit` columns."""
    found = shelf.entries()
    lines = columns([(entry.name, _plain(entry.line)) for entry in found]) if found else []
    cut = [line if limit is None or len(line) <= limit else f"{line[: limit - 1].rstrip()}…" for line in lines]
    return [*cut, "", f"{len(found)} {shelf.plural if len(found) != 1 else shelf.kind}, named in {_plain(shelf.place)}"]


def description(entry: Entry, limit: int) -> list[str]:
    """All about one thing: what it is, its options, an example."""
    head = [f"{entry.kind} {entry.name}", "", *_wrapped(entry.doc, limit), ""]
    if isinstance(entry.thing, Path):
        return [*head, *_of_file(entry, entry.thing)]
    if isinstance(entry.thing, OpDef):
        return [*head, *_of_op(entry.thing)]
    if not isinstance(entry.thing, type):
        return [*head, *_example({"type": "dense", "units": 10, "activation": entry.name}, "name")]
    table = list(_of_component(options(entry.thing), limit))
    return [*head, *table, *_of_layers(entry.thing, limit), *_in_yaml(entry)]


def _of_component(found: list[Option], limit: int) -> Iterator[str]:
    rows = [("option", "takes", "default", "kind")]
    rows += [(o.name, o.takes, _shortened(o.default), o.kind) for o in found]
    lines = columns(rows)
    if max(map(len, lines)) > limit:  # what it takes goes with the description
        lines = columns([(name, default, kind) for name, _, default, kind in rows])
    has_all = lines[0].split()[1] == "takes"
    yield lines[0]
    for option, line in zip(found, lines[1:], strict=True):
        yield line
        unit = f", in {option.unit}" if option.unit and option.unit not in option.description else ""
        said = option.description + unit if has_all else f"{option.takes}: {option.description}{unit}"
        yield from textwrap.wrap(said, limit, initial_indent="    ", subsequent_indent="    ")
    if not found:
        yield "it has no options"
    yield ""


def _of_layers(thing: type, limit: int) -> Iterator[str]:
    if issubclass(thing, Layer):
        more = [f"{name}: {text}" for name, text in CONTROLS.items() if name not in thing.model_fields]
        yield from _wrapped("As every layer it also takes\n\n" + "\n\n".join(more), limit)
        yield ""


def _in_yaml(entry: Entry) -> list[str]:
    if entry.kind == "section":
        return []
    found: Any = example(entry.name, entry.thing)
    place = shelf_of(entry.kind).place
    if entry.kind == "initializer":
        return _example(
            {"type": "dense", "units": 10, "kernel_initializer": found if len(found) > 1 else entry.name}, "fc"
        )
    if entry.kind == "augmentation":
        return ["example", *textwrap.indent(to_yaml({"augment": [found]}), "  ").splitlines()]
    return _example(found, "name" if "<name>" in place else place)


def _example(found: Any, key: str) -> list[str]:
    text = yaml.safe_dump(found, sort_keys=False, default_flow_style=True, width=1000).strip()
    return ["example", f"  {key}: {text}"]


def _of_file(entry: Entry, file: Path) -> list[str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    chosen = shelf_of(entry.kind).place.replace("<name>", entry.name)
    body = [line for line in lines if not line.startswith("#")]
    return [*(f"  {line}".rstrip() for line in body), "", f"chosen by {chosen}"]


def _of_op(op: OpDef) -> Iterator[str]:
    for title, arguments in (("input", op.inputs), ("output", op.outputs)):
        for argument in arguments:
            yield f"{title}  {argument.name}: {_type(argument)}"
    rows = [("attribute", "type", "default")]
    for attr in op.attrs.values():
        allowed = f" in {{{', '.join(map(str, attr.allowed))}}}" if attr.allowed else ""
        rows.append((attr.name, attr.type + allowed, "" if attr.default is None else str(attr.default)))
    if len(rows) > 1:
        yield ""
        yield from columns(rows)


def _type(argument: ArgDef) -> str:
    of = argument.type_list_attr or argument.type_attr or str(argument.dtype)
    return f"{argument.number_attr} * {of}" if argument.number_attr else of


def _shortened(default: str | None) -> str:
    if default is None:
        return "required"
    return default if len(default) <= _LONGEST_DEFAULT else f"{default[: _LONGEST_DEFAULT - 1]}…"


def _plain(text: str) -> str:
    return text.replace("`", "")


def _wrapped(text: str, limit: int) -> list[str]:
    """Paragraphs and lists, each wrapped by itself."""
    lines: list[str] = []
    for paragraph in _plain(text).split("\n\n"):
        lines += textwrap.wrap(" ".join(paragraph.split()), min(limit, 100)) or [""]
    return lines
