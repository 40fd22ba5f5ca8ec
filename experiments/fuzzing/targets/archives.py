"""Data sets that are published as archives, past their checksums."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import struct
import tarfile
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from experiments.fuzzing.mutation import of_bytes
from experiments.fuzzing.targets.reader import Files, Reader


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
            found.append({"a.tar.gz": gzip.compress(buffer.getvalue(), 1)})
        return found

    def mutated(self, draw: random.Random) -> Files:
        content = gzip.decompress(draw.choice(self.seeds)["a.tar.gz"])
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
