"""Text, cut into windows; what is predicted is the character that follows each one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from framework.data.dataset import DATASETS, Contents, UndividedDataset
from framework.data.files import check_file, expand, read_start
from framework.data.spec import Arrays, Feature
from framework.errors import DataError
from framework.fields import structural
from framework.graph import as_dtype

_BUNDLED = Path(__file__).with_name("constitution.txt")  # with its amendments; in the public domain
_HINT = "dataset.path names a text file in UTF-8, or a folder of files *.txt"
_LARGEST = 1 << 28  # bytes of text
_MOST_NUMBERS = 1 << 30  # in all windows together: 4 GiB
_CODE_POINTS = 0x110000  # Unicode ends there


@DATASETS.register("text")
class Text(UndividedDataset):
    """Windows of a text: `text` int32 [window], and `next` int32 [window], the unit that follows each of its units.

    Units are numbered in the order of their code points; the vocabulary is that of the whole text, or all 256 bytes.
    The text is split by position: its beginning is for validation and its end for the test. Windows that would reach
    from one split into another are left out, so that nothing that is trained on is seen in evaluation.
    """

    path: str | None = structural(
        None, "a text file in UTF-8, or a folder of *.txt, joined by name; by default the Constitution of the USA"
    )
    unit: Literal["character", "byte"] = structural("character", "what one number stands for")
    window: int = structural(64, "length of an example", unit="units", ge=1)
    stride: int | None = structural(None, "from one window to the next; the window by default", unit="units", ge=1)
    split: Literal["head"] = structural("head", "by position: the first windows are held out")
    normalize: Literal["none"] = structural("none", "the numbers of units are names, which nothing can scale")

    def contents(self) -> Contents:
        content = self._content(self._files())
        names = _vocabulary(content)
        length = len(content)
        if length < self.window + 1:
            raise DataError(
                f"{self._source} holds {length:,} {self.unit}s, too few for a window of {self.window} and what follows",
                f"lower dataset.window to {length - 1} or less" if length > 1 else "give a longer text",
            )
        examples = (length - self.window - 1) // self._step + 1
        if 2 * examples * self.window > _MOST_NUMBERS:
            raise DataError(
                f"{examples:,} windows of {self.window} {self.unit}s, one every {self._step}, do not fit into memory",
                f"raise dataset.stride: {self.window} gives each {self.unit} once",
            )
        features = tuple(Feature(name, as_dtype("int32"), (self.window,), categories=len(names)) for name in _FEATURES)
        return Contents(
            features=features,
            targets=("next",),
            examples=examples,
            dimensions={"vocabulary_size": len(names), "window": self.window},
            source=self._source,
            class_names=names,
            gap=self.window // self._step,
        )

    def read(self) -> tuple[Arrays, None]:
        content = self._content(self._files())
        return self._windows(_numbers(content, _vocabulary(content), self._source)), None

    def read_file(self, path: Path) -> Arrays:
        """Windows of another text, numbered as the run's, with what follows where it is longer than one; or arrays."""
        if path.suffix == ".npz":
            return super().read_file(path)
        content = self._content([path])
        numbers = _numbers(content, self.spec().class_names or (), str(path))
        if len(numbers) < self.window:
            message = f"{path} holds {len(numbers):,} {self.unit}s, but the model reads {self.window} at a time"
            raise DataError(message, "give a longer text")
        if len(numbers) == self.window:
            return {"text": numbers[None]}
        return self._windows(numbers)

    @property
    def _step(self) -> int:
        return self.stride or self.window

    @property
    def _source(self) -> str:
        return self.path or "the Constitution of the USA"

    def _windows(self, numbers: np.ndarray) -> Arrays:
        windows = sliding_window_view(numbers, self.window + 1)[:: self._step]
        return {"text": windows[:, :-1], "next": windows[:, 1:]}

    def _files(self) -> list[Path]:
        return _files(expand(self.path)) if self.path else [_BUNDLED]

    def _content(self, files: Sequence[Path]) -> str | bytes:
        """The whole text of some files, in its units."""
        parts = [read_start(path, _LARGEST + 1, _HINT) for path in files]
        if sum(map(len, parts)) > _LARGEST:
            raise DataError(f"{files[0]} holds more than {_LARGEST:,} bytes", "take a part of it")
        if self.unit == "byte":
            return b"".join(parts)
        return "".join(_decoded(part, path) for part, path in zip(parts, files, strict=True))


_FEATURES = ("text", "next")


def _files(path: Path) -> list[Path]:
    """The file, or the files of a folder, ordered by name. Raises DataError where there is none."""
    if not path.is_dir():
        check_file(path, f"{_HINT}; paths start from {Path.cwd()}, unless they are absolute")
        return [path]
    found = sorted(path.glob("*.txt"))
    if not found:
        raise DataError(f"the folder {path} holds no file *.txt", _HINT)
    return found


def _decoded(content: bytes, path: Path) -> str:
    """The characters of a file. Raises DataError with the place of the first byte that is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path} is not UTF-8: byte 0x{content[error.start]:02x} at position {error.start:,}, in line {line:,}",
            "save it as UTF-8, or set dataset.unit=byte",
        ) from None


def _codes(content: str | bytes) -> np.ndarray:
    """The code point of each character, or each byte."""
    if isinstance(content, bytes):
        return np.frombuffer(content, np.uint8)
    return np.frombuffer(content.encode("utf-32-le"), np.uint32)


def _vocabulary(content: str | bytes) -> tuple[str, ...]:
    """The units that occur, by number; all bytes where the units are bytes."""
    if isinstance(content, bytes):
        return tuple(chr(code) if 0x20 <= code < 0x7F else f"\\x{code:02x}" for code in range(256))
    occurs = np.zeros(_CODE_POINTS, np.bool_)
    occurs[_codes(content)] = True
    return tuple(map(chr, np.flatnonzero(occurs)))


def _numbers(content: str | bytes, vocabulary: Sequence[str], source: str) -> np.ndarray:
    """The number of each unit, int32 `[units]`. Raises DataError for a character outside the vocabulary."""
    codes = _codes(content)
    if isinstance(content, bytes):
        return codes.astype(np.int32)
    table = np.full(_CODE_POINTS, -1, np.int32)
    table[[ord(character) for character in vocabulary]] = np.arange(len(vocabulary))
    numbers = table[codes]
    if (numbers < 0).any():
        position = int((numbers < 0).argmax())
        unknown = sorted({content[index] for index in np.flatnonzero(numbers < 0)})
        line = content.count("\n", 0, position) + 1
        raise DataError(
            f"{source} holds {content[position]!r} in line {line:,}, which the text that was trained on does not hold "
            f"({len(unknown)} such characters: {''.join(unknown)!r})",
            "leave them out; or train with dataset.unit=byte, which knows all",
        )
    return numbers
