"""Blocks: parts of a network that are declared once, with parameters, and used as if they were layers.

    blocks:
      residual:
        parameters: {filters: 64, projection: false}
        layers:
          a: {type: conv2d, filters: filters, kernel_size: 3}
          skip: {type: conv2d, inputs: [input], filters: filters, kernel_size: 1, when: projection}
          sum: {type: add, inputs: [a, skip]}
    layers:
      stage: {type: residual, filters: 16, repeat: 3, first: {projection: true}}

`expand` writes every use out, on plain values and before anything is checked: the layer `a` of the second residual of
`stage` is called `stage/2/a`, and `stage` itself is the output of the last. So a network is one flat mapping of layers
to all that comes after, and each remembers the place in the configuration that it was written at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from framework.config.block_declaration import CONTROLS, wrong_with_block
from framework.config.flat import Flat
from framework.config.sayings import Path, show
from framework.errors import Mistake
from framework.registry import did_you_mean

MOST = 10_000  # layers of a network, every block and repetition written out
_NAME = re.compile(r"[A-Za-z0-9][\w.\-]*\Z")
_NUMBER = re.compile(r"[0-9]{1,18}\Z")  # Python takes long to read thousands of digits, and refuses it


@dataclass(frozen=True)
class Expansion:
    """layers: name -> the layer, written out, in order. mistakes: what was wrong with blocks and their uses."""

    layers: dict[str, Flat]
    mistakes: list[Mistake]


def expand(model: Mapping[str, Any]) -> Expansion:
    """The layers of `model` (its `blocks` and `layers`) with every block and repetition written out."""
    blocks, layers = model.get("blocks") or {}, model.get("layers")
    writer = _Writer(blocks if isinstance(blocks, Mapping) else {})
    if not isinstance(blocks, Mapping):
        writer.mistakes.append(Mistake(("model", "blocks"), f"must be a mapping of blocks, found {show(blocks)}"))
    writer.check_blocks()
    if isinstance(layers, Mapping):
        try:
            writer.write_all(_Frame(("model", "layers"), "", layers))
        except _TooManyError as error:
            message = f"with every block and repetition written out, the network has more than {MOST:,} layers"
            return Expansion({}, [Mistake(error.path, message)])
    return Expansion(writer.layers, writer.mistakes)


@dataclass(frozen=True)
class _Frame:
    """One group of layers being written out: the model's own, or those of one use of a block.

    path: where the group is declared. prefix: of the written-out names. layers: as declared. bindings: name of an
    input of the block -> what it stands for. arguments: parameter -> (value, the path it was written at). before: what
    the first layer reads; None for the input of the model. used_at: the path of the use.
    share: prefix of the written-out layers whose variables these take over.
    """

    path: Path
    prefix: str
    layers: Mapping[str, Any]
    bindings: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, tuple[Any, Path]] = field(default_factory=dict)
    before: str | None = None
    used_at: Path | None = None
    share: str | None = None
    within: tuple[str, ...] = ()

    def binds(self, inputs: Any) -> bool:
        """Whether these are inputs of the block alone."""
        return isinstance(inputs, (list, tuple)) and all(isinstance(i, str) and i in self.bindings for i in inputs)

    def absolute(self, reference: Any) -> Any:
        """What a name used in this group is called outside of it."""
        if not isinstance(reference, str):
            return reference
        owner, slash, rest = reference.partition("/")
        owner, colon, index = owner.partition(":")
        tail = f"{colon}{index}{slash}{rest}"
        if owner in self.layers:
            return f"{self.prefix}{owner}{tail}"
        return f"{self.bindings[owner]}{tail}" if owner in self.bindings else reference


class _TooManyError(Exception):
    """Raised where layers without end would be written out. path: of what is repeated."""

    def __init__(self, path: Path):
        super().__init__(path)
        self.path = path


class _Writer:
    """Writes blocks out, and notes what is wrong with them."""

    def __init__(self, blocks: Mapping[str, Any]):
        self.blocks = {str(name): block for name, block in blocks.items() if isinstance(block, Mapping)}
        self.layers: dict[str, Flat] = {}
        self.mistakes = [
            Mistake(("model", "blocks", str(name)), f"a block is a mapping with 'layers', found {show(block)}")
            for name, block in blocks.items()
            if not isinstance(block, Mapping)
        ]

    # -- declarations ---------------------------------------------------------------------------------------------

    def check_blocks(self) -> None:
        for name, block in list(self.blocks.items()):
            path = ("model", "blocks", name)
            found = list(wrong_with_block(name, block, path))
            self.mistakes.extend(found)
            parts = block.get("layers"), block.get("parameters") or {}
            if not block.get("layers") or not all(isinstance(part, Mapping) for part in parts):
                self.blocks[name] = {}

    # -- layers ---------------------------------------------------------------------------------------------------

    def write_all(self, frame: _Frame) -> str | None:
        """Writes a group of layers; returns the name of the last, by which the next reads it."""
        before = frame.before
        for key, raw in frame.layers.items():
            name, path = str(key), (*frame.path, str(key))
            if not _NAME.match(name):
                message = f"'{name}' is no name for a layer: letters, digits and _ . - alone"
                self.mistakes.append(Mistake(path, message))
            elif not isinstance(raw, Mapping):
                self.layers[f"{frame.prefix}{name}"] = Flat(raw, path, used_at=frame.used_at)
            else:
                self._write(name, dict(raw), path, frame, before)
            before = f"{frame.prefix}{name}"
        return before

    def _write(self, name: str, raw: dict[str, Any], path: Path, frame: _Frame, before: str | None) -> None:
        raw, path = self._shared(name, raw, path, frame)
        filled = {
            key: _fill(item, frame.arguments) for key, item in raw.items() if key not in ("type", "inputs", "share")
        }
        options_from = {
            key: frame.arguments[item][1]
            for key, item in raw.items()
            if isinstance(item, str) and key in filled and item in frame.arguments
        }
        repeat, first = filled.pop("repeat", None), filled.pop("first", None)
        present = filled.pop("when", True)
        full = f"{frame.prefix}{name}"
        wrong = [
            *_wrong_with_control("when", present, isinstance(present, bool), "true or false", path),
            *_wrong_with_control(
                "repeat", repeat, repeat is None or _is_count(repeat), f"an integer from 1 to {MOST:,}", path
            ),
            *_wrong_with_control(
                "first",
                first,
                first is None or (isinstance(first, Mapping) and repeat is not None),
                "a mapping of options, beside 'repeat'",
                path,
            ),
        ]
        self.mistakes.extend(wrong)
        sources = self._sources(raw.get("inputs"), frame, before)
        if wrong:
            present, repeat, first = True, None, None
        kind = raw.get("type")
        options = {**({"type": kind} if "type" in raw else {}), **filled}
        if frame.share is not None:  # the whole block shares; what is shared within it, the other block shares too
            options["share"] = f"{frame.share}{raw.get('share') or name}"
        elif raw.get("share") is not None:
            options["share"] = frame.absolute(raw["share"])
        if "mask" in options:
            options["mask"] = frame.absolute(options["mask"])
        explicit = raw.get("inputs") is not None
        if frame.used_at and (frame.binds(raw["inputs"]) if explicit else before == frame.before):
            options_from["inputs"] = (*frame.used_at, "inputs")
        if not present:
            self._add(full, _identity(sources), path, frame)
        elif repeat is None and not self._is_block(kind):
            self._add(full, {**options, **_reads(sources)}, path, frame, options_from, implicit=not explicit)
        else:
            last = sources
            for number in range(1, (repeat or 1) + 1):
                given = {**options, **(first or {})} if number == 1 else options
                given_from = {k: v for k, v in options_from.items() if number > 1 or k not in (first or {})}
                prefix = full if repeat is None else f"{full}/{number}"
                if repeat is not None and "share" in options:
                    given = {**given, "share": f"{options['share']}/{number}"}
                out = self._write_one(prefix, given, given_from, last, path, frame)
                last = [out, *(sources or [])[1:]]
            self._add(full, _identity(last), path, frame)

    def _write_one(
        self,
        name: str,
        options: dict[str, Any],
        options_from: dict[str, Path],
        sources: list[Any] | None,
        path: Path,
        frame: _Frame,
    ) -> str:
        """Writes one layer, or the layers of one use of a block; returns the name of what it gives."""
        if not self._is_block(options.get("type")):
            self._add(name, {**options, **_reads(sources)}, path, frame, options_from)
            return name
        kind = str(options["type"])
        block = self.blocks[kind]
        if kind in frame.within:
            circle = " -> ".join((*frame.within, kind))
            self.mistakes.append(Mistake(path, f"blocks hold each other in a circle: {circle}"))
            block = {}
        names = block.get("inputs", ["input"])
        if sources is not None and len(sources) != len(names):
            message = f"block {kind} reads {len(names)} ({', '.join(names)}), found {len(sources)}: {sources}"
            self.mistakes.append(Mistake((*path, "inputs"), message, related=("model", "blocks", kind)))
        inner = _Frame(
            path=("model", "blocks", kind, "layers"),
            prefix=f"{name}/",
            layers=block.get("layers", {}),
            bindings=dict(zip(names, sources or [], strict=False)),
            arguments=self._arguments(kind, block, options, options_from, path),
            before=sources[0] if sources else None,
            used_at=frame.used_at or path,
            share=f"{options['share']}/" if options.get("share") else None,
            within=(*frame.within, kind),
        )
        last = self.write_all(inner)
        output = block.get("output")
        return inner.absolute(output) if output is not None else last or name

    def _is_block(self, kind: Any) -> bool:
        return isinstance(kind, str) and kind in self.blocks

    def _arguments(
        self, kind: str, block: Mapping[str, Any], options: dict[str, Any], options_from: dict[str, Path], path: Path
    ) -> dict[str, tuple[Any, Path]]:
        """The parameters of one use of a block, and where each value was written."""
        declared = block.get("parameters") or {}
        home = ("model", "blocks", kind, "parameters")
        found: dict[str, tuple[Any, Path]] = {str(k): (default, (*home, str(k))) for k, default in declared.items()}
        for key, item in options.items():
            if key in ("type", "share"):
                continue
            if key in found:
                found[key] = (item, options_from.get(key, (*path, key)))
            elif block:
                known = [*found, *CONTROLS]
                name = str(key)  # which may be a number
                message = (
                    f"block {kind} has no parameter '{name}'{did_you_mean(name, known)}  options: {', '.join(known)}"
                )
                self.mistakes.append(Mistake((*path, name), message, related=("model", "blocks", kind)))
        return found

    def _shared(self, name: str, raw: dict[str, Any], path: Path, frame: _Frame) -> tuple[dict[str, Any], Path]:
        """The options of a layer on top of those of the layer whose variables it shares."""
        other, seen = raw.get("share"), {name}
        while other is not None:
            below = frame.layers.get(other) if isinstance(other, str) else None
            if not isinstance(below, Mapping) or other in seen:
                known = [str(key) for key in frame.layers if key != name]
                found = "shares with itself" if other in seen else f"there is no layer {show(other)} to share with"
                message = f"{found}{did_you_mean(str(other), known)}  known: {', '.join(known)}"
                self.mistakes.append(Mistake((*path, "share"), message))
                return {key: item for key, item in raw.items() if key != "share"}, path
            seen.add(other)
            own = {key: item for key, item in below.items() if key not in ("inputs", "share", "when")}
            raw, other = {**own, **raw, "share": other}, below.get("share")
        return raw, path

    def _sources(self, inputs: Any, frame: _Frame, before: str | None) -> list[Any] | None:
        """What a layer reads, by names that hold outside of its group; None for what a model's first layer reads."""
        if isinstance(inputs, (list, tuple)):
            return [frame.absolute(reference) for reference in inputs]
        if inputs is not None:
            return [frame.absolute(inputs)]
        return None if before is None else [before]

    def _add(
        self,
        name: str,
        options: dict[str, Any],
        path: Path,
        frame: _Frame,
        options_from: dict[str, Path] | None = None,
        *,
        implicit: bool = False,
    ) -> None:
        if implicit and options.get("inputs") == [next(reversed(self.layers), None)]:
            options = {key: item for key, item in options.items() if key != "inputs"}  # the layer before it
        if len(self.layers) == MOST:
            raise _TooManyError(frame.used_at or path)
        self.layers[name] = Flat(options, path, options_from or {}, frame.used_at)


def _fill(item: Any, arguments: Mapping[str, tuple[Any, Path]]) -> Any:
    """A value with the names of parameters in it replaced by what they stand for: `width`, or `4 * width`."""
    if isinstance(item, str):
        return arguments[item][0] if item in arguments else _product(item, arguments)
    if isinstance(item, Mapping):
        return {key: _fill(value, arguments) for key, value in item.items()}
    return [_fill(value, arguments) for value in item] if isinstance(item, (list, tuple)) else item


def _product(text: str, arguments: Mapping[str, tuple[Any, Path]]) -> Any:
    """What `4 * width` is; any text that is no product of integers and parameters is left as it is."""
    factors = [part.strip() for part in text.split("*")]
    known = [arguments[f][0] if f in arguments else int(f) if _NUMBER.match(f) else None for f in factors]
    numbers = [number for number in known if isinstance(number, int) and not isinstance(number, bool)]
    return math.prod(numbers) if len(factors) == len(numbers) > 1 else text


def _identity(sources: list[Any] | None) -> dict[str, Any]:
    return {"type": "identity", **_reads(None if sources is None else sources[:1])}


def _reads(sources: list[Any] | None) -> dict[str, Any]:
    return {} if sources is None else {"inputs": sources}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST


def _wrong_with_control(name: str, found: Any, fits: bool, allowed: str, path: Path) -> Iterator[Mistake]:
    if not fits:
        yield Mistake((*path, name), f"'{name}' must be {allowed}, found {show(found)}")
