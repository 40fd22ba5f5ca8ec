"""Arrays of the user's own, from an `.npz` file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from framework.data.dataset import DATASETS, Contents, Dataset
from framework.data.spec import Arrays, Feature
from framework.errors import DataError
from framework.fields import structural
from framework.graph import as_dtype
from framework.graph.dtypes import DType
from framework.registry import did_you_mean

_STORED = {"float64": "float32", "int64": "int32", "float16": "float32"}  # what is fed in another type than stored


@DATASETS.register("npz")
class Npz(Dataset):
    """Named arrays whose first axis counts the examples. Labels of classes are whole numbers from 0.

    An array of the file is one feature under its own name; the one called `label` or `target` is what is predicted.
    """

    path: str = structural(..., "the .npz file")
    test_path: str | None = structural(None, "an .npz file of the same arrays for the test")
    label: str | None = structural(None, "name of the array of class numbers; by default 'label' or 'y' if there is one")
    target: str | None = structural(None, "name of the array of numbers to predict, in place of a label")

    def contents(self) -> Contents:
        headers = read_headers(Path(self.path))
        target = self._target(headers)
        examples = {shape[0] for shape, _ in headers.values()}
        if len(examples) != 1:
            listed = ", ".join(f"{name} {shape[0]}" for name, (shape, _) in headers.items())
            raise DataError(f"the arrays of {self.path} have different numbers of examples: {listed}")
        features = tuple(_feature(name, *header, is_target=name == target) for name, header in headers.items())
        if target is None or len(features) < 2:
            raise DataError(
                f"{self.path} must hold what a model reads and what it predicts (an array 'label' or 'target', or name "
                f"it by dataset.label or dataset.target); found {', '.join(headers)}"
            )
        dimensions = {"num_features": int(np.prod(f.shape)) for f in features if f.name != target}
        if headers[target][1].kind in "iub" and len(headers[target][0]) == 1:
            dimensions["num_classes"] = int(read_arrays(Path(self.path), [target])[target].max(initial=0)) + 1
        test = None
        if self.test_path:
            test = next(iter(read_headers(Path(self.test_path)).values()))[0][0]
        return Contents(features, (target,), examples.pop(), test, dimensions)

    def read(self) -> tuple[Arrays, Arrays | None]:
        found = {f.name: f.dtype for f in self.contents().features}
        train = _typed(read_arrays(Path(self.path), list(found)), found)
        return train, _typed(read_arrays(Path(self.test_path), list(found)), found) if self.test_path else None

    def _target(self, headers: dict[str, tuple[tuple[int, ...], np.dtype]]) -> str | None:
        asked = self.label or self.target
        if asked is not None and asked not in headers:
            raise DataError(f"{self.path} holds no array '{asked}'{did_you_mean(asked, headers)}  found: {', '.join(headers)}")
        return asked or next((name for name in ("label", "target", "y") if name in headers), None)


def _feature(name: str, shape: tuple[int, ...], stored: np.dtype, *, is_target: bool) -> Feature:
    dtype = _fed(stored, is_target=is_target)
    inner = shape[1:]
    if is_target and dtype.is_floating and not inner:
        inner = (1,)  # a column of numbers is fed as [batch, 1]
    return Feature(name, dtype, inner)


def _fed(stored: np.dtype, *, is_target: bool) -> DType:
    """The type in which an array is fed: class numbers as int32, all but bytes as float32 or int32."""
    if is_target and stored.kind in "iub":
        return as_dtype("int32")
    return as_dtype(_STORED.get(stored.name, stored.name))


def _typed(arrays: Arrays, dtypes: dict[str, DType]) -> Arrays:
    typed = {name: array.astype(dtypes[name].numpy) for name, array in arrays.items()}
    return {n: a[:, None] if a.ndim == 1 and dtypes[n].is_floating else a for n, a in typed.items()}


def _members(path: Path) -> zipfile.ZipFile:
    if not path.is_file():
        raise DataError(f"there is no file '{path}'; set dataset.path to an .npz file")
    if path.stat().st_size == 0:
        raise DataError(f"'{path}' is empty; write it with numpy.savez")
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise DataError(f"'{path}' is no .npz file, or it is truncated; write it with numpy.savez") from None


def read_headers(path: Path) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """Array -> (shape, stored type), from the headers alone. Raises DataError."""
    headers = {}
    with _members(path) as archive:
        for entry in archive.infolist():
            name = entry.filename.removesuffix(".npy")
            try:
                with archive.open(entry) as stream:
                    version = npy.read_magic(stream)
                    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
                    shape, _, dtype = read(stream)
                    start = stream.tell()
            except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
                raise DataError(f"'{path}': the array '{name}' cannot be read: {error}") from None
            if dtype.kind not in "fiub":
                raise DataError(f"'{path}': the array '{name}' holds {dtype}; only numbers can be trained on")
            if start + int(np.prod(shape, dtype=np.int64)) * dtype.itemsize != entry.file_size:
                raise DataError(f"'{path}': the array '{name}' says it has shape {list(shape)}, but its size is another")
            if not shape:
                raise DataError(f"'{path}': the array '{name}' is a single number; its first axis must count examples")
            headers[name] = (shape, dtype)
    if not headers:
        raise DataError(f"'{path}' holds no array")
    return headers


def read_arrays(path: Path, names: list[str]) -> Arrays:
    """Some arrays of a file; nothing in it is executed. Raises DataError."""
    known = read_headers(path)
    for name in names:
        if name not in known:
            raise DataError(f"'{path}' holds no array '{name}'{did_you_mean(name, known)}  found: {', '.join(known)}")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in names}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"'{path}' cannot be read: {error}") from None
