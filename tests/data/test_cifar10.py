"""CIFAR-10 is read from its archive, whose records are written here by the description on its page."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from framework.config.loader import Source
from framework.data import DATASETS
from framework.data.cifar10 import Cifar10
from framework.data.download import Remote
from framework.data.published import VARIABLE
from framework.errors import DataError
from framework.launch import prepare

rng = np.random.default_rng(0)
BATCH = 4
IMAGES = rng.integers(0, 256, (6 * BATCH, 32, 32, 3), np.uint8)  # [example, row, column, colour]
LABELS = rng.integers(0, 10, 6 * BATCH).astype(np.uint8)
NAMES = [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]


def record(image: np.ndarray, label: int) -> bytes:
    """A byte for the class; then the red, the green and the blue plane, each row by row."""
    planes = [image[row, column, colour] for colour in range(3) for row in range(32) for column in range(32)]
    return bytes([label, *map(int, planes)])


def batches() -> dict[str, bytes]:
    records = [record(image, int(label)) for image, label in zip(IMAGES, LABELS, strict=True)]
    return {name: b"".join(records[k * BATCH : (k + 1) * BATCH]) for k, name in enumerate(NAMES)}


def packed(files: dict[str, bytes], folder: str = "cifar-10-batches-bin") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in {"batches.meta.txt": b"airplane\n", **files}.items():
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


@pytest.fixture
def publish(server, cache: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes an archive the published one."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(Cifar10, "batch", BATCH)

    def publish(content: bytes) -> None:
        server.files["cifar-10-binary.tar.gz"] = content
        url = server.url("/ok/cifar-10-binary.tar.gz")
        remote = Remote("cifar-10-binary.tar.gz", len(content), hashlib.sha256(content).hexdigest(), (url,))
        monkeypatch.setattr(Cifar10, "archive", remote)

    return publish


def test_images_have_their_channels_last_and_come_in_the_order_of_the_batches(publish, server):
    publish(packed(dict(reversed(batches().items()))))
    train, test = DATASETS["cifar10"]().read()
    assert test is not None
    np.testing.assert_array_equal(np.concatenate([train["image"], test["image"]]), IMAGES)
    np.testing.assert_array_equal(np.concatenate([train["label"], test["label"]]), LABELS)
    assert (train["image"].dtype, train["label"].dtype, len(test["label"])) == (np.uint8, np.int32, BATCH)
    DATASETS["cifar10"]().load()
    assert len(server.asked) == 1


def test_it_can_be_planned_without_any_file(cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("nothing may be loaded for a plan"))
    experiment = prepare(["model=cnn", "dataset=cifar10"], Source()).experiment
    spec = experiment.dataset.spec()
    assert spec.sizes == {"train": 45_000, "validation": 5_000, "test": 10_000}
    assert (spec.features["image"].shape, spec.dimensions["num_classes"]) == ((32, 32, 3), 10)
    assert (spec.class_names or ())[:3] == ("airplane", "automobile", "bird")
    assert not cache.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (packed({name: part for name, part in batches().items() if "3" not in name}), "lacks data_batch_3.bin of"),
        (packed({**batches(), "test_batch.bin": b"short"}), r"lacks test_batch.bin of 12,292 bytes"),
        (packed(batches(), folder="../elsewhere"), "lacks data_batch_1.bin, data_batch_2.bin"),
        (b"no archive", "is damaged"),
        (b"\x1f\x8b\x08", "is damaged"),  # ends within the header of gzip
        (packed(batches())[:-9000], "is damaged"),
    ],
)
def test_an_archive_that_holds_something_else_is_refused(publish, content: bytes, message: str):
    publish(content)
    with pytest.raises(DataError, match=message) as caught:
        DATASETS["cifar10"]().load()
    assert "http" in (caught.value.hint or "")


def test_an_archive_of_ones_own_must_be_the_published_one(publish, tmp_path: Path):
    publish(packed(batches()))
    folder = tmp_path / "mine" / "cifar10"
    folder.mkdir(parents=True)
    (folder / "cifar-10-binary.tar.gz").write_bytes(packed({}))
    with pytest.raises(DataError, match="is not the archive of CIFAR-10: its SHA-256 is not"):
        DATASETS["cifar10"].model_validate({"directory": str(folder.parent)}).load()
    (folder / "cifar-10-binary.tar.gz").write_bytes(b"")
    with pytest.raises(DataError, match="is empty"):
        DATASETS["cifar10"].model_validate({"directory": str(folder)}).spec()
