"""Data sets of the user's own files."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from experiments.fuzzing.mutation import of_bytes
from experiments.fuzzing.targets.reader import Files, Reader


class _DatasetReader(Reader):
    """A data set of the user's own files: described, then loaded."""

    options: dict[str, Any]
    kind: str

    def read(self, folder: Path) -> None:
        from framework.data import DATASETS

        name = next(iter(self.seeds[0])).partition("/")[0]
        dataset = DATASETS[self.kind](path=str(folder / name), **self.options)
        dataset.spec()
        dataset.load()


_TABLE = (
    "when,age,city,income,ok,bought\n"
    + "".join(
        f"2024-01-{k % 28 + 1:02},{k % 60},{['Rome', 'Oslo', 'NA'][k % 3]},{k * 1.5},{'true' if k % 2 else 'false'},"
        f"{'yes' if k % 3 else 'no'}\n"
        for k in range(40)
    )
).encode()


class CsvReader(_DatasetReader):
    """CSV files, plain and packed."""

    name, kind, options = "csv", "csv", {"target": "bought"}

    @cached_property
    def seeds(self) -> list[Files]:
        return [{"a.csv": _TABLE}]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        content = of_bytes(draw, content)
        for _ in range(draw.choice((0, 1, 3))):
            k = draw.randrange(len(content) or 1)
            sign = (
                b'"',
                b",",
                b"\n",
                b"\r",
                b"\0",
                b"inf",
                b"1e999",
                b"9" * 400,
                b"\xff",
                b"\xef\xbb\xbf",
                b"x" * 5000,
            )
            content = content[:k] + draw.choice(sign) + content[k:]
        return content


class ParquetReader(_DatasetReader):
    """Parquet files."""

    name, kind, options = "parquet", "parquet", {"target": "bought"}

    @cached_property
    def seeds(self) -> list[Files]:
        from pyarrow import csv, parquet

        table = csv.read_csv(io.BytesIO(_TABLE))
        found = []
        for codec in ("snappy", "gzip", "none"):
            buffer = io.BytesIO()
            parquet.write_table(table, buffer, compression=codec)
            found.append({"a.parquet": buffer.getvalue()})
        return found


class NpzReader(_DatasetReader):
    """`.npz` files: the zip archive, and the arrays within."""

    name, kind, options = "npz", "npz", {}

    @cached_property
    def seeds(self) -> list[Files]:
        arrays = {
            "image": np.ones((20, 3, 3), np.float32),
            "label": np.arange(20) % 3,
            "more": np.zeros((20, 2), np.uint8),
        }
        found = []
        for save in (np.savez, np.savez_compressed):
            buffer = io.BytesIO()
            save(buffer, **arrays)
            found.append({"a.npz": buffer.getvalue()})
        return found

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        if draw.random() < 0.4:
            return of_bytes(draw, content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {entry: archive.read(entry) for entry in archive.namelist()}
        chosen = draw.choice(list(entries))
        entries[chosen] = self._array(draw, entries[chosen])
        if draw.random() < 0.1:
            entries[draw.choice(("../../x.npy", "/x.npy", "a/b.npy", "label.npy", "é.npy", ".npy"))] = entries.pop(
                chosen
            )
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            for entry, inner in entries.items():
                archive.writestr(entry, inner)
        return buffer.getvalue()

    def _array(self, draw: random.Random, content: bytes) -> bytes:
        if draw.random() < 0.5:
            return of_bytes(draw, content)
        kind = draw.choice(
            ("|O", "<U5", "<f8", ">i4", "|b1", "<c8", "<M8[D]", "|V3", "<f2", "|u1", "<i8", "<u8", "x", "<f99")
        )
        shape = draw.choice(
            ("(20,)", "(20, 2)", "()", "(0,)", "(-1,)", "(99999999999,)", "(2, 'a')", "20", "(1,)*9999", "(" * 500)
        )
        header = (
            f"{{'descr': '{kind}', 'fortran_order': {draw.choice((True, False, 3))}, 'shape': {shape}, }}\n".encode()
        )
        values = np.random.default_rng(draw.randrange(99)).bytes(draw.choice((20, 40, 80, 160, 320)))
        size = draw.choice((len(header), len(header), len(header), 0, 65535))
        return (
            b"\x93NUMPY"
            + draw.choice((b"\1\0", b"\1\0", b"\2\0", b"\3\0", b"\x09\0"))
            + struct.pack("<H", size)
            + header
            + values
        )


class TextReader(_DatasetReader):
    """Texts."""

    name, kind, options = "text", "text", {"window": 4, "validation_fraction": 0, "test_fraction": 0}

    @cached_property
    def seeds(self) -> list[Files]:
        return [{"a.txt": "We the People, é ö 漢字 🙂\n".encode() * 4}]
