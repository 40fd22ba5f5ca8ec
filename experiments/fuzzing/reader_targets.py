"""The readers that `readers.py` tries: for each, valid files, how they are changed, and what reads them."""

from __future__ import annotations

import copy
import gzip
import hashlib
import io
import json
import random
import struct
import tarfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from graphdef import of_bytes

Files = dict[str, bytes]
_ODD = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, 0.5, -0.5, 1e308, float("nan"), float("inf"), "", "a",
    "../../x", "/etc/passwd", "a\0b", "é" * 300, [], [[]], [None], [0], [-1], [2**40], {}, {"a": {}}, {"": [1]},
    "float32", "object",
)  # fmt: skip


class Reader(ABC):
    """One reader. name: how it is called on the command line. seeds: valid inputs, as files by name."""

    name: str

    @cached_property
    @abstractmethod
    def seeds(self) -> list[Files]:
        """Valid inputs."""

    @abstractmethod
    def read(self, folder: Path) -> None:
        """Reads what is in a folder. Raises FrameworkError."""

    def mutated(self, draw: random.Random) -> Files:
        """An input that is damaged, or hostile."""
        files = dict(draw.choice(self.seeds))
        name = draw.choice(list(files))
        files[name] = self.change(draw, name, files[name])
        return files

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        """One file, changed."""
        return of_bytes(draw, content)


def of_plain(draw: random.Random, value: Any) -> Any:
    """Plain data in which keys and values were deleted, renamed, retyped or exchanged."""
    value = copy.deepcopy(value)
    for _ in range(draw.choice((1, 1, 2, 4))):
        spots = list(_spots(value, ()))
        if not spots:
            return draw.choice(_ODD)
        path = draw.choice(spots)
        holder = _at(value, path[:-1])
        kind = draw.randrange(5)
        if kind == 0:
            del holder[path[-1]]
        elif kind == 1 and isinstance(holder, dict):
            holder[str(draw.choice((draw.choice(spots)[-1], "x", "")))] = holder.pop(path[-1])
        elif kind == 2:
            holder[path[-1]] = copy.deepcopy(_at(value, draw.choice(spots)))
        else:
            holder[path[-1]] = copy.deepcopy(draw.choice(_ODD))
    return value


def _spots(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from _spots(item, (*path, key))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def of_json(draw: random.Random, content: bytes) -> bytes:
    """JSON changed as a text, or as what it says; seldom nested without end."""
    chance = draw.random()
    if chance < 0.01:
        return draw.choice((b"[" * 100_000, b'{"a":' * 50_000, b"1" * 10_000, b'{"step": 1e999}', b"-" * 9000, b""))
    if chance < 0.4:
        return of_bytes(draw, content)
    return json.dumps(of_plain(draw, json.loads(content))).encode()


# -- run folders ------------------------------------------------------------------------------------------------------


class CheckpointReader(Reader):
    """The files of a checkpoint, with a manifest that says so or not."""

    name = "checkpoint"

    @cached_property
    def seeds(self) -> list[Files]:
        from safetensors.numpy import save

        state = {"fc/kernel": np.ones((4, 3), np.float32), "fc/bias": np.zeros(3, np.float32), "n": np.int32(3)[None]}
        best = {"monitor": "validation/loss", "higher_is_better": False, "value": 0.5, "step": 5}
        early = {"best": best, "waited": 1}
        progress = {"step": 7, "sums": {"loss": 1.5}, "count": 3, "best": best, "early": early}
        files = {"state.safetensors": save(state), "progress.json": json.dumps(progress).encode()}
        return [{f"checkpoints/step-00000007/{name}": file for name, file in _with_manifest(files, 7).items()}]

    def mutated(self, draw: random.Random) -> Files:
        files = super().mutated(draw)
        names = list(files)
        if "manifest" not in names[-1] or draw.random() < 0.5:
            return files
        inner = {name.rpartition("/")[2]: file for name, file in files.items() if "manifest" not in name}
        written = _with_manifest(inner, 7)
        return {name: written[name.rpartition("/")[2]] for name in files}

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        if not name.endswith("safetensors"):
            return of_json(draw, content)
        if draw.random() < 0.5:
            return of_bytes(draw, content)
        (length,) = struct.unpack("<Q", content[:8])
        header = of_json(draw, content[8 : 8 + length])
        size = draw.choice((len(header), len(header), len(header), 0, 2**31, 2**63, 2**64 - 1))
        return struct.pack("<Q", size) + header + content[8 + length :]

    def read(self, folder: Path) -> None:
        from framework.config.experiment import EarlyStop
        from framework.errors import CheckpointError
        from framework.train.best import BestMetric, EarlyStopping
        from framework.train.checkpoint import Checkpoints
        from framework.train.loop import Progress

        checkpoints = Checkpoints(folder / "checkpoints", 3)
        checkpoints.best()
        found = checkpoints.latest()
        if found is None:
            raise CheckpointError("there is none")
        stop = EarlyStop()
        progress = Progress(best=BestMetric("validation/loss", False))
        progress.early = EarlyStopping(BestMetric(stop.monitor, False), stop.patience, stop.min_delta)
        progress.restore(found.progress)
        _ = {name: array.sum() for name, array in found.state.items() if array.dtype.kind in "iuf"}


def _with_manifest(files: Files, step: int) -> Files:
    sums = {name: {"bytes": len(file), "sha256": hashlib.sha256(file).hexdigest()} for name, file in files.items()}
    manifest = {"format": 1, "step": step, "best": True, "files": sums}
    return {**files, "manifest.json": json.dumps(manifest).encode()}


class StatusReader(Reader):
    """`status.json`, as it is read to go on, and to list past runs."""

    name = "status.json"

    @cached_property
    def seeds(self) -> list[Files]:
        from framework.train.status import Status, now, versions

        status = Status("finished", 20, 20, 10, {"test/accuracy": 0.9, "train/loss": 0.1}, versions=versions())
        status.best = {"monitor": "validation/loss", "higher_is_better": False, "value": 0.5, "step": 5}
        status.choices, status.started = {"model": "mlp"}, now()
        return [{"status.json": json.dumps(vars(status)).encode(), "config.yaml": b"seed: 1\nmodel: {a: 1}\n"}]

    def mutated(self, draw: random.Random) -> Files:
        files = dict(self.seeds[0])
        files["status.json"] = of_json(draw, files["status.json"])
        return files

    def read(self, folder: Path) -> None:
        from datetime import datetime

        from framework.train.runs import load, parse
        from framework.train.runs_table import compare, render
        from framework.train.status import Status

        found = load(folder)
        render([found], 0, parse(["columns=test/accuracy"]).columns, 100, datetime.now())
        render([found], 0, (), 100, datetime.now())
        compare([found, found], datetime.now())
        Status.read(folder)


class DataReader(Reader):
    """`data.json`, as it is read, compared with the data, and built a graph from."""

    name = "data.json"

    @cached_property
    def seeds(self) -> list[Files]:
        from framework.config.experiment import Experiment
        from framework.data.columns import Column
        from framework.data.recorded import to_json
        from framework.data.spec import DataSpec, Feature
        from framework.graph import as_dtype

        self.experiment = Experiment.compose(*_SMALL_MODEL)
        features = {
            "features": Feature("features", as_dtype("float32"), (2,), one_hot=(0, 3)),
            "label": Feature("label", as_dtype("int32"), ()),
        }
        columns = (Column("a", "number", (), 1.0, 2, 0.0, 9.0), Column("b", "category", ("u", "v", "w")))
        dimensions = {"num_features": 4, "num_classes": 3}
        sizes = {"train": 10, "validation": 2, "test": 2}
        spec = DataSpec(features, ("features",), ("label",), sizes, dimensions, ("x", "y", "z"), columns)
        return [{"data.json": text.encode()} for text in (to_json(spec), to_json(self.experiment.dataset.spec()))]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        return of_json(draw, content)

    def read(self, folder: Path) -> None:
        from framework.build import build
        from framework.data.recorded import differences, read_recorded
        from framework.layers import Mode

        found = read_recorded(folder)
        if found is None:
            return
        differences(self.experiment.dataset.spec(), found)
        dataset = self.experiment.dataset.recorded(found)
        build(self.experiment.model_copy(update={"dataset": dataset}), Mode.PREDICT)


_SMALL_MODEL = (
    "model=mlp", "model.layers.fc1.units=2", "model.layers.fc2.units=2", "dataset=iris", "trainer.epochs=1",
)  # fmt: skip


class RunConfigurationReader(Reader):
    """`config.yaml` of a run folder, composed and checked, and read to list past runs."""

    name = "config.yaml"

    @cached_property
    def seeds(self) -> list[Files]:
        from framework.config.compose import compose, to_yaml

        tree = compose(_SMALL_MODEL).tree
        return [{"config.yaml": to_yaml({**tree, "plugins": []}).encode()}]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        import yaml

        if draw.random() < 0.5:
            return of_bytes(draw, content)
        return yaml.safe_dump(of_plain(draw, yaml.safe_load(content)), sort_keys=False).encode("utf-8", "replace")

    def read(self, folder: Path) -> None:
        from framework.config.check import check
        from framework.config.compose import Source, compose
        from framework.train.runs import PastRun

        _ = PastRun(folder, None).options
        check(compose([], Source(resume=folder)).tree)


class YamlReader(Reader):
    """A file of conf/, parsed."""

    name = "conf/*.yaml"

    @cached_property
    def seeds(self) -> list[Files]:
        root = Path(__file__).resolve().parents[2] / "conf"
        return [{"a.yaml": path.read_bytes()} for path in sorted(root.rglob("*.yaml"))]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        content = of_bytes(draw, content)
        for _ in range(draw.choice((0, 0, 1, 3))):
            k = draw.randrange(len(content) or 1)
            content = content[:k] + draw.choice(_YAML_SIGNS) + content[k:]
        return content

    def read(self, folder: Path) -> None:
        from framework.config.origins import Origins

        Origins().read_file(folder / "a.yaml")


_YAML_SIGNS = (
    b"&a ", b"*a", b"<<: *a", b"!!python/name:os.system ", b"!x ", b"? ", b": ", b"- ", b"[", b"{", b"'", b'"', b"|\n",
    b"%YAML 1.1\n", b"---\n", b"...\n", b"\t", b"${a}", b"${", b"=", b"null: ", b"0x", b"1e9999", b"\xff",
    b"\xef\xbb\xbf",
)  # fmt: skip


class MetricsReader(Reader):
    """`metrics.csv`, as it is read to go on, and to be drawn."""

    name = "metrics.csv"

    @cached_property
    def seeds(self) -> list[Files]:
        rows = [b"step,epoch,train/loss,validation/loss,learning_rate"]
        rows += [f"{k},{k // 3},{1 / k},{'' if k % 3 else 2 / k},0.1".encode() for k in range(1, 12)]
        return [{"metrics.csv": b"\n".join(rows) + b"\n"}]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        content = of_bytes(draw, content)
        for _ in range(draw.choice((0, 1, 3))):
            k = draw.randrange(len(content) or 1)
            content = (
                content[:k]
                + draw.choice((b'"', b",", b"nan", b"inf", b"1e999", b"\0", b"\n", b"9" * 200_000))
                + content[k:]
            )
        return content

    def read(self, folder: Path) -> None:
        from framework.train.curves import read_curves
        from framework.train.table import Table, last_numbers

        path = folder / "metrics.csv"
        last_numbers(path)
        read_curves(path)
        Table(path, ["train/loss", "validation/loss", "learning_rate"], 9)._stream.close()


# -- data -------------------------------------------------------------------------------------------------------------


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


class IdxReader(Reader):
    """IDX files, plain and packed; their checksums refuse whatever is not the file that was published."""

    name = "idx"

    @cached_property
    def seeds(self) -> list[Files]:
        image = struct.pack(">HBBIII", 0, 8, 3, 6, 2, 2) + bytes(range(24))
        label = struct.pack(">HBBI", 0, 8, 1, 6) + bytes([0, 1, 2, 0, 1, 2])
        self.dataset = _small_idx(image, label)
        names = ("train-images.gz", "train-labels.gz", "test-images.gz", "test-labels.gz")
        contents = (image, label, image, label)
        return [{name: gzip.compress(content) for name, content in zip(names, contents, strict=True)}]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        return (
            of_bytes(draw, content) if draw.random() < 0.5 else gzip.compress(of_bytes(draw, gzip.decompress(content)))
        )

    def read(self, folder: Path) -> None:
        dataset = self.dataset(directory=str(folder))
        dataset.spec()
        dataset.load()


def _small_idx(image: bytes, label: bytes) -> Any:
    from framework.data.download import Remote
    from framework.data.idx import IdxDataset, IdxFile

    def file(name: str, content: bytes, shape: tuple[int, ...]) -> IdxFile:
        return IdxFile(Remote(name, len(content), "", ("",)), shape, hashlib.sha256(content).hexdigest())

    class Small(IdxDataset):
        """Six images of two by two."""

        title, subfolder, classes = "small", "small", ("a", "b", "c")
        files: ClassVar = {
            split: {
                "image": file(f"{split}-images.gz", image, (6, 2, 2)),
                "label": file(f"{split}-labels.gz", label, (6,)),
            }
            for split in ("train", "test")
        }

    return Small


class CifarReader(Reader):
    """The archive of CIFAR-10, past its checksum."""

    name = "tar"

    @cached_property
    def seeds(self) -> list[Files]:
        found = []
        for kind in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT):
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w", format=kind) as archive:
                for name in ("data_batch_1.bin", "test_batch.bin"):
                    member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
                    member.size = 2 * 3073
                    archive.addfile(member, io.BytesIO(bytes(member.size)))
            found.append({"a.tar.gz": buffer.getvalue()})
        return found

    def mutated(self, draw: random.Random) -> Files:
        content = draw.choice(self.seeds)["a.tar.gz"]
        for _ in range(draw.choice((1, 2))):
            start = draw.choice((0, 512 + 6144 + 512, 0))  # where a header begins
            part = bytearray(content[start : start + 512])
            part[draw.randrange(512)] = draw.randrange(256)
            if draw.random() < 0.7:  # with the sum that such a header has
                part[148:156] = b" " * 8
                part[148:156] = f"{sum(part):06o}\0 ".encode()
            content = content[:start] + bytes(part) + content[start + 512 :]
        packed = gzip.compress(content, 1)
        return {"a.tar.gz": of_bytes(draw, packed) if draw.random() < 0.3 else packed}

    def read(self, folder: Path) -> None:
        from framework.data.cifar10 import Cifar10

        class Small(Cifar10):
            """Two images a file."""

            batch = 2

        Small()._records(folder / "a.tar.gz", ["data_batch_1.bin", "test_batch.bin"])


class ImageReader(Reader):
    """Images of every kind that is read."""

    name = "images"

    @cached_property
    def seeds(self) -> list[Files]:
        from PIL import Image

        draw = random.Random(0)
        picture = Image.frombytes("RGB", (12, 9), draw.randbytes(12 * 9 * 3))
        found = []
        for ending, kind, mode in _PICTURES:
            buffer = io.BytesIO()
            image = picture.convert(mode)
            image.save(buffer, kind, **({"exif": _exif()} if kind == "JPEG" else {}))
            found.append({f"a.{ending}": buffer.getvalue()})
        return found

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        if name.endswith("png") and draw.random() < 0.7:
            return _changed_png(draw, content)
        return of_bytes(draw, content)

    def read(self, folder: Path) -> None:
        from framework.data.pictures import image_size, read_images

        (path,) = folder.iterdir()
        height, width = image_size(path)
        if height * width < 1 << 20:
            read_images([path], "rgb", (height, width), scaled=False)
        read_images([path], "grayscale", (4, 4), scaled=True)


_PICTURES = (
    ("png", "PNG", "RGB"), ("png", "PNG", "P"), ("png", "PNG", "RGBA"), ("png", "PNG", "1"), ("jpg", "JPEG", "RGB"),
    ("jpg", "JPEG", "L"), ("bmp", "BMP", "RGB"), ("bmp", "BMP", "P"), ("gif", "GIF", "P"), ("webp", "WEBP", "RGB"),
    ("ppm", "PPM", "RGB"), ("pgm", "PPM", "L"),
)  # fmt: skip


def _exif() -> bytes:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


def _changed_png(draw: random.Random, content: bytes) -> bytes:
    """A PNG one of whose chunks is changed, with the checksum of what it then says."""
    chunks, place = [], 8
    while place + 8 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        chunks.append((content[place + 4 : place + 8], content[place + 8 : place + 8 + length]))
        place += length + 12
    k = draw.randrange(len(chunks))
    kind, inner = chunks[k]
    if kind == b"IDAT" and draw.random() < 0.5:
        inner = zlib.compress(of_bytes(draw, zlib.decompress(inner)) * draw.choice((1, 1, 100)))
    else:
        inner = of_bytes(draw, inner)
    chunks[k] = (draw.choice((kind, kind, kind, b"tEXt", b"zTXt", b"iCCP", b"acTL", b"tRNS", b"eXIf", b"PLTE")), inner)
    parts = [struct.pack(">I", len(c)) + t + c + struct.pack(">I", zlib.crc32(t + c)) for t, c in chunks]
    return content[:8] + b"".join(parts)


class TextReader(_DatasetReader):
    """Texts."""

    name, kind, options = "text", "text", {"window": 4, "validation_fraction": 0, "test_fraction": 0}

    @cached_property
    def seeds(self) -> list[Files]:
        return [{"a.txt": "We the People, é ö 漢字 🙂\n".encode() * 4}]


# -- graphs -----------------------------------------------------------------------------------------------------------


class GraphReader(Reader):
    """GraphDefs: binary, packed, and as text."""

    name = "graphdef"

    @cached_property
    def seeds(self) -> list[Files]:
        import graphdef

        self.mutate: Callable[[random.Random, bytes], bytes] = graphdef.of_nodes
        self.attempt = graphdef.attempt
        return [{"a.pb": content} for content in graphdef.corpus() if len(content) < 60_000]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        kind = draw.randrange(8)
        if kind < 5:
            return self.mutate(draw, content)
        if kind == 5:
            return of_bytes(draw, content)
        if kind == 6:
            return of_bytes(draw, gzip.compress(content, 1))
        return of_bytes(draw, _as_text(content))

    def read(self, folder: Path) -> None:
        from framework.graph.graphdef.message import to_graph_def

        graph = self.attempt((folder / "a.pb").read_bytes())
        to_graph_def(graph).SerializeToString(deterministic=True)


def _as_text(content: bytes) -> bytes:
    from google.protobuf import text_format

    from framework.graph.graphdef.proto import GraphDef

    return text_format.MessageToString(GraphDef.FromString(content)).encode()


# -- what is typed ----------------------------------------------------------------------------------------------------


class OverrideReader(Reader):
    """Words of the command line."""

    name = "overrides"

    @cached_property
    def seeds(self) -> list[Files]:
        words = (
            "model=mlp", "optimizer.learning_rate=0.1", "~model.layers.drop", "+a.b=[1,2,{c: d}]", "a='x y'", 'b="q"',
            "++c={a: [1, 2], b: null}", "seed=1,2,3", "seed=range(1,5)", "x=interval(0,1)",
            "y=glob(*)", "z=choice(a,b)", "hydra.run.dir=x", "plugins=[a]", "d=${oc.env:HOME}", "e=1e-3",
            "model@pkg=cnn",
            "f=shuffle(a,b)",
        )  # fmt: skip
        return [{"word": word.encode()} for word in words]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        content = of_bytes(draw, content)
        for _ in range(draw.choice((0, 1, 2))):
            k = draw.randrange(len(content) or 1)
            sign = draw.choice((*"=.[]{}(),:'\"~+@$\\/ ", "[" * 500, "9" * 5000, "${", "\n", "é", "null"))
            content = content[:k] + sign.encode() + content[k:]
        return content

    def read(self, folder: Path) -> None:
        from framework.config.overrides import parse

        parse([(folder / "word").read_bytes().decode("utf-8", "surrogateescape")])


class ExpressionReader(Reader):
    """Losses that are written as expressions."""

    name = "expression"

    @cached_property
    def seeds(self) -> list[Files]:
        from framework.config.compose import compose

        texts = (
            "mean(square(logits))", "sum(abs(logits - 1.0)) / 2", "mean(where(logits > 0, logits, -logits))",
            "mean('fc1/kernel' ** 2) + mean(clip(logits, 0, 1))", "mean(maximum(exp(logits), log1p(features)))",
        )  # fmt: skip
        self.tree = compose(_SMALL_MODEL).tree
        return [{"text": text.encode()} for text in texts]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        if draw.random() < 0.3:
            content = of_bytes(draw, content)
        for _ in range(draw.choice((0, 1, 2))):
            k = draw.randrange(len(content) or 1)
            content = content[:k] + draw.choice(_EXPRESSIONS) + content[k + draw.choice((0, 0, 1, 3)) :]
        return content

    def read(self, folder: Path) -> None:
        from framework.build import build
        from framework.config.check import check
        from framework.layers import Mode

        text = (folder / "text").read_bytes().decode("utf-8", "replace")
        loss = {"custom": {"type": "expression", "value": text}}
        build(check({**self.tree, "metrics": {}, "loss": loss}), Mode.TRAIN)


_EXPRESSIONS = (
    b"(" * 90, b"-" * 900, b"9" * 400, b"9" * 1900, b" ** ", b"1e999", b"1j", b"'", b"logits", b"mean(", b"(", b")",
    b",", b"lambda: 0", b"__import__('os')", b"[x for x in y]", b".", b"\0", b"0x", b"f'{x}'", b"not ", b" if 1 else 2",
    b"*a", b"\xff", b"True",
)  # fmt: skip

READERS: dict[str, type[Reader]] = {
    reader.name: reader
    for reader in (
        GraphReader, CheckpointReader, StatusReader, DataReader, RunConfigurationReader, MetricsReader, YamlReader,
        OverrideReader, ExpressionReader, CsvReader, ParquetReader, NpzReader, IdxReader, CifarReader, ImageReader,
        TextReader,
    )
}  # fmt: skip
