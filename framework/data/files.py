"""Data files are found and unpacked here; one that cannot be is a DataError that says what to do."""

from __future__ import annotations

import zlib
from pathlib import Path

from framework.errors import DataError

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_FORMAT = 31  # zlib's number for "a gzip header and trailer, any window"
_OVERHEAD = 1 << 16  # bytes by which a packed file may be larger than what it holds: headers, tables, a file name


def expand(text: str) -> Path:
    """The path that a user wrote, with `~` as the home folder; as written where there is no such home."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def check_file(path: Path, hint: str) -> None:
    """Raises DataError, with `hint`, unless `path` is a file that holds something."""
    try:
        if path.is_dir():
            raise DataError(f"{path} is a folder, where a file is expected", hint)
        if not path.is_file():
            raise DataError(f"there is no file {path}", hint)
        if path.stat().st_size == 0:
            raise DataError(f"{path} is empty", hint)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}", hint) from None


def read_start(path: Path, count: int, hint: str) -> bytes:
    """The first `count` bytes of a file, or all when it has fewer; unpacked when its name ends in .gz.

    However large a packed file claims to be, no more than `count` bytes are unpacked. Raises DataError.
    """
    check_file(path, hint)
    try:
        with path.open("rb") as stream:
            if path.suffix != ".gz":
                return stream.read(count)
            packed = stream.read(count + _OVERHEAD)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}", hint) from None
    if not packed.startswith(_GZIP_MAGIC):
        raise DataError(f"{path} is not packed by gzip, as its name says", hint)
    try:
        return zlib.decompressobj(_GZIP_FORMAT).decompress(packed, count)
    except zlib.error as error:
        raise DataError(f"{path} is damaged: {error}", hint) from None
