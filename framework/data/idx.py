"""Images in files of the IDX format, verified by their checksums: MNIST and those that were made like it."""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from framework.data.dataset import Contents
from framework.data.download import Remote, checksum
from framework.data.files import read_start
from framework.data.published import PublishedDataset
from framework.data.spec import Arrays, Feature, label
from framework.errors import DataError
from framework.graph import as_dtype

_UNSIGNED_BYTE = 8


@dataclass(frozen=True)
class IdxFile:
    """A file in IDX format: where it is, packed; the dimensions of its bytes; the SHA-256 of it unpacked, if known."""

    remote: Remote
    shape: tuple[int, ...]
    unpacked_sha256: str | None = None

    @property
    def header(self) -> bytes:
        """Two zeros, the element type, the rank, and each dimension in four bytes, the greatest first."""
        return struct.pack(f">HBB{len(self.shape)}I", 0, _UNSIGNED_BYTE, len(self.shape), *self.shape)


class IdxDataset(PublishedDataset):
    """`image` uint8 [height, width, 1] and `label`, from a file each for training and for the test.

    files: split -> feature -> its file. classes: their names.
    """

    files: ClassVar[Mapping[str, Mapping[str, IdxFile]]]
    classes: ClassVar[tuple[str, ...]]

    @classmethod
    def remotes(cls) -> tuple[Remote, ...]:
        return tuple(file.remote for file in cls._by_name().values())

    @classmethod
    def names(cls, remote: Remote) -> tuple[str, ...]:
        is_known_unpacked = cls._by_name()[remote.name].unpacked_sha256 is not None
        return (remote.name, remote.name.removesuffix(".gz")) if is_known_unpacked else (remote.name,)

    def contents(self) -> Contents:
        found = self.found()
        for file in self._by_name().values():
            path = found.get(file.remote.name)
            if path is not None:
                self._check_header(path, read_start(path, len(file.header), self.hint()), file)
        images = self.files["train"]["image"].shape
        return Contents(
            features=(Feature("image", as_dtype("uint8"), (*images[1:], 1), scale=1 / 255), label()),
            targets=("label",),
            examples=images[0],
            dimensions={"num_classes": len(self.classes)},
            source=self.title,
            class_names=self.classes,
            test_examples=self.files["test"]["image"].shape[0],
        )

    def read(self) -> tuple[Arrays, Arrays]:
        paths = self.obtained()
        arrays = {
            split: {feature: self._bytes(paths[file.remote.name], file) for feature, file in files.items()}
            for split, files in self.files.items()
        }
        train, test = (
            {"image": found["image"][..., None], "label": found["label"].astype(np.int32)} for found in arrays.values()
        )
        return train, test

    @classmethod
    def _by_name(cls) -> dict[str, IdxFile]:
        return {file.remote.name: file for files in cls.files.values() for file in files.values()}

    def _check_header(self, path: Path, header: bytes, file: IdxFile) -> None:
        """Raises DataError unless these first bytes are those of `file`."""
        if header == file.header:
            return
        rank, hint = len(file.shape), self.hint()
        if len(header) < len(file.header):
            raise DataError(f"{path} is truncated: it ends in its header", f"load it again; {hint}")
        if header[:4] != file.header[:4]:
            begins = header[:4].hex(" ")
            raise DataError(f"{path} is no IDX file of bytes in {rank} dimensions; it begins with {begins}", hint)
        found = struct.unpack(f">{rank}I", header[4:])
        raise DataError(f"{path} holds {list(found)} bytes, but that of {self.title} holds {list(file.shape)}", hint)

    def _bytes(self, path: Path, file: IdxFile) -> np.ndarray:
        """The bytes of a file, uint8, read-only. Raises DataError unless it is exactly the one that is meant."""
        start = len(file.header)
        size = start + math.prod(file.shape)
        content = read_start(path, size + 1, self.hint())
        self._check_header(path, content[:start], file)
        if len(content) < size:
            raise DataError(f"{path} is truncated: {len(content):,} of {size:,} bytes", f"load it again; {self.hint()}")
        if len(content) > size:
            raise DataError(f"{path} goes on after the {size:,} bytes that its header declares", self.hint())
        # Packed again by another program, the same bytes have another checksum; so those unpacked tell where known.
        if file.unpacked_sha256 is None:
            expected, found = file.remote.sha256, checksum(path)
        else:
            expected, found = file.unpacked_sha256, hashlib.sha256(content).hexdigest()
        if found != expected:
            raise DataError(
                f"{path} is not the file of {self.title}: its SHA-256 is not {expected}",
                f"{self.hint()}; images of your own are read from an .npz file: dataset=npz dataset.path=...",
            )
        return np.frombuffer(content, np.uint8, offset=start).reshape(file.shape)
