"""The arrays of an `.npz` file: their headers without the arrays, and the arrays; nothing in it is executed.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, in a zip archive.
"""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.lib import format as npy

from framework.data.files import check_file
from framework.errors import DataError
from framework.registry import did_you_mean

_HINT = "write it with numpy.savez(path, image=..., label=...)"
_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
# What zipfile, zlib and NumPy's parser of headers raise over damaged bytes.
_DAMAGED = (
    *(EOFError, KeyError, OSError, RuntimeError, SyntaxError, TypeError, ValueError),
    *(tokenize.TokenError, zipfile.BadZipFile, zlib.error),
)
# What a file may unpack to: anything up to this many bytes, and beyond it this many times its own size.
_ALWAYS_FITS, _PACKED_AT_MOST = 1 << 30, 100


class ArrayHeader(NamedTuple):
    """What an archive says of an array."""

    shape: tuple[int, ...]
    dtype: np.dtype


def read_headers(path: Path) -> dict[str, ArrayHeader]:
    """Array -> its header. Raises DataError for a file that is no archive of arrays, or is damaged."""
    headers: dict[str, ArrayHeader] = {}
    with _open(path) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(".npy"):
                name = entry.filename.removesuffix(".npy")
                with _explained(path, name), archive.open(entry) as stream:
                    headers[name] = _header(stream, entry.file_size)
    if not headers:
        raise DataError(f"{path} holds no array", _HINT)
    _check_size(path, headers)
    return headers


def read_array(path: Path, name: str) -> np.ndarray:
    """One array of an archive. Raises DataError when it is not there, is damaged, or holds no numbers."""
    find(read_headers(path), name, path)
    with _open(path) as archive, _explained(path, name), archive.open(f"{name}.npy") as stream:
        return npy.read_array(stream, allow_pickle=False)


def find(headers: dict[str, ArrayHeader], name: str, path: Path) -> ArrayHeader:
    """The header of the array `name`. Raises DataError when it is not there, or holds no numbers."""
    if name not in headers:
        listed = ", ".join(f"'{known}'" for known in headers)
        raise DataError(f"{path} holds no array '{name}'{did_you_mean(name, headers)}", f"it holds {listed}")
    if headers[name].dtype.kind not in "biuf":
        raise DataError(
            f"{path}: '{name}' holds {_kind(headers[name].dtype)}, which cannot be trained on",
            "store whole or real numbers; or leave it out by naming the others in dataset.inputs",
        )
    return headers[name]


def _open(path: Path) -> zipfile.ZipFile:
    check_file(path, f"paths start from {Path.cwd()}, unless they are absolute")
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DataError(f"{path} is no .npz file, or is truncated: {error}", _HINT) from None


@contextmanager
def _explained(path: Path, name: str) -> Iterator[None]:
    """Whatever the libraries raise over damaged bytes becomes a DataError."""
    try:
        yield
    except _DAMAGED as error:
        raise DataError(f"{path}: the array '{name}' is damaged: {error}", _HINT) from None


def _header(stream: IO[bytes], size: int) -> ArrayHeader:
    """The header at the start of an entry of `size` bytes. Raises ValueError when it declares another size."""
    version = npy.read_magic(stream)
    if version not in _READERS:
        raise ValueError(f"version {version[0]}.{version[1]} of its format is not known")
    shape, _, dtype = _READERS[version](stream)
    declared, present = math.prod(shape) * dtype.itemsize, size - stream.tell()
    if min(shape, default=0) < 0 or (declared != present and not dtype.hasobject):
        raise ValueError(f"its header declares {dtype} {list(shape)}, {declared:,} bytes, where {present:,} are")
    return ArrayHeader(shape, dtype)


def _check_size(path: Path, headers: dict[str, ArrayHeader]) -> None:
    """Raises DataError for a small file that would unpack to more than any real data packs into it."""
    declared = sum(math.prod(header.shape) * header.dtype.itemsize for header in headers.values())
    present = path.stat().st_size
    if declared > max(_ALWAYS_FITS, _PACKED_AT_MOST * present):
        raise DataError(
            f"{path} has {present:,} bytes, but declares arrays of {declared:,}; it is damaged, or made to fill memory",
            "if it is your own, write it with numpy.savez in place of numpy.savez_compressed",
        )


def _kind(dtype: np.dtype) -> str:
    if dtype.hasobject:
        return "Python objects"
    return {"U": "text", "S": "text", "c": "complex numbers", "M": "dates", "m": "durations"}.get(
        dtype.kind, f"{dtype}"
    )
