"""CIFAR-10 from its archive in binary form; nothing in it is executed, nor unpacked onto the disk."""

from __future__ import annotations

import tarfile
import zlib
from pathlib import Path
from typing import ClassVar

import numpy as np

from framework.data.dataset import DATASETS, Contents
from framework.data.download import Remote, checksum
from framework.data.files import check_file
from framework.data.published import PublishedDataset
from framework.data.spec import Arrays, Feature, label
from framework.errors import DataError
from framework.graph import as_dtype

_HEIGHT, _WIDTH, _CHANNELS = 32, 32, 3
_RECORD = 1 + _CHANNELS * _HEIGHT * _WIDTH  # bytes: the class, then the planes of red, green and blue
_FOLDER = "cifar-10-batches-bin"
_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@DATASETS.register("cifar10")
class Cifar10(PublishedDataset):
    """60,000 colour photographs, `image` uint8 [32, 32, 3], ten classes; 10,000 are the test set.

    Source: Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009,
    https://www.cs.toronto.edu/~kriz/cifar.html. The size and checksum are those that TensorFlow Datasets records.
    batch: how many images a file of the archive holds; five are for training and one is for the test.
    """

    title, subfolder = "CIFAR-10", "cifar10"
    batch: ClassVar[int] = 10000
    archive: ClassVar[Remote] = Remote(
        "cifar-10-binary.tar.gz",
        170052171,
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        (
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/cifar-10-binary.tar.gz",
        ),
    )

    @classmethod
    def remotes(cls) -> tuple[Remote, ...]:
        return (cls.archive,)

    def contents(self) -> Contents:
        for path in self.found().values():
            check_file(path, self.hint())
        return Contents(
            features=(Feature("image", as_dtype("uint8"), (_HEIGHT, _WIDTH, _CHANNELS), scale=1 / 255), label()),
            targets=("label",),
            examples=5 * self.batch,
            dimensions={"num_classes": len(_CLASSES)},
            source=self.title,
            class_names=_CLASSES,
            test_examples=self.batch,
        )

    def read(self) -> tuple[Arrays, Arrays]:
        path = self.obtained()[self.archive.name]
        if checksum(path) != self.archive.sha256:
            raise DataError(
                f"{path} is not the archive of {self.title}: its SHA-256 is not {self.archive.sha256}",
                f"{self.hint()} again",
            )
        train = [f"data_batch_{number}.bin" for number in range(1, 6)]
        records = self._records(path, [*train, "test_batch.bin"])
        return _arrays(np.concatenate([records[name] for name in train])), _arrays(records["test_batch.bin"])

    def _records(self, path: Path, names: list[str]) -> dict[str, np.ndarray]:
        """File of the archive -> its records, uint8 `[images, bytes]`. Raises DataError where it does not hold them."""
        wanted = {f"{_FOLDER}/{name}": name for name in names}
        size = self.batch * _RECORD
        found: dict[str, np.ndarray] = {}
        try:
            with tarfile.open(path, "r|gz") as archive:  # as a stream: no file but these is kept
                for member in archive:
                    stream = archive.extractfile(member) if member.name in wanted and member.size == size else None
                    if stream is not None:
                        content = np.frombuffer(stream.read(size), np.uint8)
                        found[wanted[member.name]] = content.reshape(self.batch, _RECORD)
        except (tarfile.TarError, OSError, EOFError, ValueError, TypeError, zlib.error) as error:  # as tarfile has them
            raise DataError(f"{path} is damaged: {error}", f"{self.hint()} again") from None
        missing = [name for name in names if name not in found]
        if missing:
            raise DataError(f"{path} lacks {', '.join(missing)} of {size:,} bytes", f"{self.hint()} again")
        return found


def _arrays(records: np.ndarray) -> Arrays:
    """The images with their channels last, and the classes, of records uint8 `[images, bytes]`."""
    planes = records[:, 1:].reshape(-1, _CHANNELS, _HEIGHT, _WIDTH)
    return {"image": np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), "label": records[:, 0].astype(np.int32)}
