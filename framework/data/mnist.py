"""MNIST from its four IDX files, verified by their checksums."""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
import zlib
from pathlib import Path

import numpy as np

from framework.data.dataset import DATASETS, Contents, Dataset
from framework.data.spec import Arrays, Feature, label
from framework.errors import DataError
from framework.fields import structural
from framework.graph import as_dtype

VARIABLE = "GRAPHWRIGHT_DATA"
# File -> its dimensions, and the SHA-256 of its unpacked bytes.
FILES: dict[str, tuple[tuple[int, ...], str]] = {
    "train-images-idx3-ubyte": (
        (60000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "train-labels-idx1-ubyte": ((60000,), "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    "t10k-images-idx3-ubyte": ((10000, 28, 28), "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    "t10k-labels-idx1-ubyte": ((10000,), "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
}
_UNSIGNED_BYTE = 8  # the code of the element type in an IDX header


@DATASETS.register("mnist")
class Mnist(Dataset):
    """70,000 images of handwritten digits, `image` uint8 [28, 28, 1], ten classes; 10,000 are the test set.

    Source: LeCun et al., 1998. The four files, gzipped or not, lie in `directory` or its folder `mnist`.
    """

    directory: str | None = structural(None, f"folder of the four IDX files; ${VARIABLE} when left out")
    test_fraction: float = structural(0.0, "MNIST brings its own test set", ge=0, le=0)

    def contents(self) -> Contents:
        folder = self._folder()
        for name, (shape, _) in FILES.items():
            with _open(folder, name) as stream:
                _header(stream.read(4 + 4 * len(shape)), name, folder)
        names = tuple(str(digit) for digit in range(10))
        image = Feature("image", as_dtype("uint8"), (28, 28, 1), scale=1 / 255)
        return Contents((image, label()), ("label",), 60000, 10000, {"num_classes": 10}, names)

    def read(self) -> tuple[Arrays, Arrays]:
        folder = self._folder()
        arrays = {name: _read(folder, name) for name in FILES}
        return tuple(  # type: ignore[return-value]
            {
                "image": arrays[f"{part}-images-idx3-ubyte"][..., None],
                "label": arrays[f"{part}-labels-idx1-ubyte"].astype(np.int32),
            }
            for part in ("train", "t10k")
        )

    def _folder(self) -> Path:
        given = self.directory or os.environ.get(VARIABLE)
        if not given:
            raise DataError(
                f"MNIST's files are not known: set the environment variable {VARIABLE} to a folder that holds mnist/ "
                f"with {next(iter(FILES))}.gz and the three others, or set dataset.directory"
            )
        folder = Path(given).expanduser()
        inner = folder / "mnist"
        return inner if inner.is_dir() else folder


def _open(folder: Path, name: str) -> gzip.GzipFile:
    for path in (folder / f"{name}.gz", folder / name):
        if path.is_file():
            if path.stat().st_size == 0:
                raise DataError(f"{path} is empty; put the whole file there")
            opened = gzip.open(path) if path.suffix == ".gz" else path.open("rb")
            return opened  # type: ignore[return-value]
    raise DataError(f"{folder / name}.gz is missing; the folder must hold {', '.join(f'{n}.gz' for n in FILES)}")


def _header(raw: bytes, name: str, folder: Path) -> None:
    """Raises DataError when the first bytes are not those of the IDX file `name`."""
    shape, _ = FILES[name]
    if len(raw) < 4 + 4 * len(shape):
        raise DataError(f"{folder / name} ends within its header; it is truncated")
    zero, code, rank = struct.unpack(">HBB", raw[:4])
    if zero != 0 or code != _UNSIGNED_BYTE or rank != len(shape):
        raise DataError(f"{folder / name} is no IDX file of bytes with {len(shape)} dimensions")
    found = struct.unpack(f">{rank}I", raw[4:])
    if found != shape:
        raise DataError(f"{folder / name} holds {list(found)}, but MNIST's is {list(shape)}")


def _read(folder: Path, name: str) -> np.ndarray:
    shape, checksum = FILES[name]
    start = 4 + 4 * len(shape)
    limit = start + int(np.prod(shape))  # what a gzip may unpack to, whatever it claims
    try:
        with _open(folder, name) as stream:
            raw = stream.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{folder / name} cannot be read: {error}") from None
    _header(raw[:start], name, folder)
    if len(raw) != limit:
        more = "more" if len(raw) > limit else f"{len(raw)}"
        raise DataError(f"{folder / name} must hold {limit} bytes unpacked, found {more}; it is damaged")
    if hashlib.sha256(raw).hexdigest() != checksum:
        raise DataError(f"{folder / name} is not the file of MNIST: its SHA-256 is another than {checksum}")
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)
