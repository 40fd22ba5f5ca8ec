"""MNIST from its four IDX files, verified by their checksums."""

from __future__ import annotations

import hashlib
import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framework.data.dataset import DATASETS, Contents, Dataset
from framework.data.files import expand, read_start
from framework.data.spec import Arrays, Feature, label
from framework.errors import DataError
from framework.fields import structural
from framework.graph import as_dtype


@dataclass(frozen=True)
class IdxFile:
    """A file in IDX format: its name without .gz, the dimensions of its bytes, the SHA-256 of it unpacked."""

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def header(self) -> bytes:
        """Two zeros, the element type, the rank, and each dimension in four bytes, the greatest first."""
        return struct.pack(f">HBB{len(self.shape)}I", 0, _UNSIGNED_BYTE, len(self.shape), *self.shape)


_UNSIGNED_BYTE = 8
VARIABLE = "GRAPHWRIGHT_DATA"
FILES: dict[str, dict[str, IdxFile]] = {
    "train": {
        "image": IdxFile(
            "train-images-idx3-ubyte",
            (60000, 28, 28),
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        "label": IdxFile(
            "train-labels-idx1-ubyte",
            (60000,),
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
    },
    "test": {
        "image": IdxFile(
            "t10k-images-idx3-ubyte",
            (10000, 28, 28),
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        "label": IdxFile(
            "t10k-labels-idx1-ubyte",
            (10000,),
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    },
}
_SOURCE = "https://storage.googleapis.com/cvdf-datasets/mnist/"
_HINT = f"the four files are at {_SOURCE}"


@DATASETS.register("mnist")
class Mnist(Dataset):
    """70,000 images of handwritten digits, `image` uint8 [28, 28, 1], ten classes; 10,000 are the test set.

    Source: LeCun et al., 1998. The four files, gzipped or not, lie in `directory` or its folder `mnist`.
    """

    directory: str | None = structural(None, f"folder of the four IDX files; ${VARIABLE} when left out")

    def contents(self) -> Contents:
        folder = self._folder()
        for files in FILES.values():
            for file in files.values():
                path = _find(folder, file)
                _check_header(path, read_start(path, len(file.header), _HINT), file)
        return Contents(
            features=(Feature("image", as_dtype("uint8"), (28, 28, 1), scale=1 / 255), label()),
            targets=("label",),
            examples=FILES["train"]["image"].shape[0],
            dimensions={"num_classes": 10},
            source=str(folder),
            class_names=tuple("0123456789"),
            test_examples=FILES["test"]["image"].shape[0],
        )

    def read(self) -> tuple[Arrays, Arrays]:
        folder = self._folder()
        train, test = (
            {"image": _read(folder, files["image"])[..., None], "label": _read(folder, files["label"]).astype(np.int32)}
            for files in FILES.values()
        )
        return train, test

    def _folder(self) -> Path:
        given = self.directory or os.environ.get(VARIABLE)
        name = next(iter(FILES["train"].values())).name
        if not given:
            raise DataError(
                f"the data set mnist needs its four files, but neither {VARIABLE} nor dataset.directory says where",
                f"put {name}.gz and the three others of {_SOURCE} into a folder, and export {VARIABLE}=<that folder>",
            )
        folder = expand(given)
        if not folder.is_dir():
            who = "dataset.directory" if self.directory else VARIABLE
            raise DataError(f"there is no folder {folder}, which {who} names", f"{_HINT}, such as {name}.gz")
        inner = folder / "mnist"
        return inner if inner.is_dir() else folder


def _find(folder: Path, file: IdxFile) -> Path:
    """The packed file, or else the unpacked one. Raises DataError that names all that are missing."""
    for path in (folder / f"{file.name}.gz", folder / file.name):
        if path.exists():
            return path
    names = [file.name for files in FILES.values() for file in files.values()]
    missing = [f"{name}.gz" for name in names if not any((folder / f"{name}{end}").exists() for end in (".gz", ""))]
    raise DataError(f"{folder} lacks {', '.join(missing)}", _HINT)


def _check_header(path: Path, header: bytes, file: IdxFile) -> None:
    """Raises DataError unless these first bytes are those of `file`."""
    if header == file.header:
        return
    rank = len(file.shape)
    if len(header) < len(file.header):
        raise DataError(f"{path} is truncated: it ends in its header", f"load it again; {_HINT}")
    if header[:4] != file.header[:4]:
        begins = header[:4].hex(" ")
        raise DataError(f"{path} is no IDX file of bytes in {rank} dimensions; it begins with {begins}", _HINT)
    found = struct.unpack(f">{rank}I", header[4:])
    raise DataError(f"{path} holds {list(found)} bytes, but that of MNIST holds {list(file.shape)}", _HINT)


def _read(folder: Path, file: IdxFile) -> np.ndarray:
    """The bytes of a file, uint8, read-only. Raises DataError unless it is exactly the one that is meant."""
    path = _find(folder, file)
    start = len(file.header)
    size = start + math.prod(file.shape)
    content = read_start(path, size + 1, _HINT)
    _check_header(path, content[:start], file)
    if len(content) < size:
        raise DataError(f"{path} is truncated: {len(content):,} of {size:,} bytes", f"load it again; {_HINT}")
    if len(content) > size:
        raise DataError(f"{path} goes on after the {size:,} bytes that its header declares", _HINT)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise DataError(
            f"{path} is not the file of MNIST: its SHA-256 is not {file.sha256}",
            f"{_HINT}; images of your own are read from an .npz file: dataset=npz dataset.path=...",
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(file.shape)
