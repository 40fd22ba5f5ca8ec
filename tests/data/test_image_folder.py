"""Images in folders become arrays of bytes; the pixels are compared with what was drawn."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from framework.data import DATASETS, Dataset, pictures
from framework.errors import DataError

rng = np.random.default_rng(0)


def folder_set(path: Path, **options: Any) -> Dataset:
    return DATASETS["image_folder"].model_validate({"path": str(path), **options})


def draw(path: Path, pixels: np.ndarray, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def pixels(height: int = 6, width: int = 4, *channels: int) -> np.ndarray:
    return rng.integers(0, 256, (height, width, *channels), np.uint8)


def fill(folder: Path, classes: str = "ab", count: int = 5) -> dict[str, list[np.ndarray]]:
    """Grey images of 6 x 4 pixels; class -> its images."""
    images = {name: [pixels() for _ in range(count)] for name in classes}
    for name, of_class in images.items():
        for number, image in enumerate(of_class):
            draw(folder / name / f"{number}.png", image)
    return images


# -- what is read ---------------------------------------------------------------------------------------------------


def test_images_are_read_in_the_order_of_their_paths_and_labelled_by_their_folders(tmp_path: Path):
    drawn = fill(tmp_path, "bac", 3)
    dataset = folder_set(tmp_path, channels="grayscale")
    spec, (arrays, test) = dataset.spec(), dataset.read()
    assert spec.class_names == ("a", "b", "c")
    assert (spec.inputs, spec.targets, dict(spec.dimensions)) == (("image",), ("label",), {"num_classes": 3})
    feature = spec.features["image"]
    assert (feature.shape, feature.dtype.name, feature.scale) == ((6, 4, 1), "uint8", 1 / 255)
    assert test is None
    expected = np.stack([image for name in "abc" for image in drawn[name]])
    np.testing.assert_array_equal(arrays["image"][..., 0], expected)
    assert arrays["label"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert (arrays["image"].dtype, arrays["label"].dtype) == (np.uint8, np.int32)


def test_folders_of_splits_are_the_splits(tmp_path: Path):
    drawn = {name: fill(tmp_path / name, count=count) for name, count in {"train": 5, "val": 2, "test": 3}.items()}
    dataset = folder_set(tmp_path, channels="grayscale", split="head")
    assert list(dataset.spec().sizes.items()) == [("train", 10), ("validation", 4), ("test", 6)]
    splits = dataset.load().splits
    for split, folder in {"train": "train", "validation": "val", "test": "test"}.items():
        expected = np.stack([image for name in "ab" for image in drawn[folder][name]])
        np.testing.assert_array_equal(splits[split]["image"][..., 0], expected)


def test_splits_without_a_folder_are_drawn_from_the_training_images(tmp_path: Path):
    fill(tmp_path / "train", count=20)
    fill(tmp_path / "test", count=3)
    assert folder_set(tmp_path).spec().sizes == {"train": 36, "validation": 4, "test": 6}
    (tmp_path / "test").rename(tmp_path / "validation")
    assert folder_set(tmp_path).spec().sizes == {"train": 32, "validation": 6, "test": 8}
    assert folder_set(tmp_path / "train").spec().sizes == {"train": 29, "validation": 3, "test": 8}


def test_grey_becomes_colour_by_repetition_and_colour_grey_by_its_luma(tmp_path: Path):
    grey, colour = pixels(), pixels(6, 4, 3)
    draw(tmp_path / "a" / "1.png", grey)
    draw(tmp_path / "b" / "1.png", colour)
    in_colour, _ = folder_set(tmp_path).read()
    np.testing.assert_array_equal(in_colour["image"], [np.stack([grey] * 3, -1), colour])
    in_grey, _ = folder_set(tmp_path, channels="grayscale").read()
    np.testing.assert_array_equal(in_grey["image"][0, ..., 0], grey)
    luma = colour @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(in_grey["image"][1, ..., 0], luma, atol=1)


def test_images_are_scaled_to_the_size_that_is_asked_for(tmp_path: Path):
    even = np.repeat(np.repeat(pixels(3, 5), 4, 0), 4, 1)  # of blocks of 4 x 4 equal pixels
    draw(tmp_path / "a" / "1.png", even)
    draw(tmp_path / "b" / "1.png", np.full((50, 7), 99, np.uint8))
    arrays, _ = folder_set(tmp_path, image_size=[12, 20], channels="grayscale").read()
    np.testing.assert_array_equal(arrays["image"][0, ..., 0], even)
    assert (arrays["image"][1] == 99).all()
    stripes = np.tile(np.array([0, 200], np.uint8), (8, 32))
    draw(tmp_path / "b" / "1.png", stripes)
    small, _ = folder_set(tmp_path, image_size=[2, 4], channels="grayscale").read()
    np.testing.assert_allclose(small["image"][1], 100, atol=15)  # averaged, where picking pixels would give 0 or 200


def test_images_are_read_as_they_are_shown(tmp_path: Path):
    upright = pixels(6, 4)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by a quarter to the right
    draw(tmp_path / "a" / "1.png", np.rot90(upright), exif=exif)
    draw(tmp_path / "b" / "1.png", upright)
    arrays, _ = folder_set(tmp_path, channels="grayscale").read()
    np.testing.assert_array_equal(arrays["image"][..., 0], [upright, upright])


def test_kinds_of_files(tmp_path: Path):
    image = np.full((8, 8, 3), 120, np.uint8)
    for number, ending in enumerate((".png", ".jpg", ".JPEG", ".bmp", ".gif", ".webp", ".ppm")):
        draw(tmp_path / "a" / f"{number}{ending}", image)
    draw(tmp_path / "b" / "deeper" / "1.pgm", image[..., 0])
    opaque = np.concatenate([image, np.full((8, 8, 1), 255, np.uint8)], -1)
    draw(tmp_path / "b" / "opaque.png", opaque)
    Image.fromarray(image).quantize().save(tmp_path / "b" / "palette.png")
    for name in (".hidden.png", "notes.txt", ".thumbnails/1.png"):
        (tmp_path / "a" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "a" / name).write_bytes(b"not looked at")
    arrays, _ = folder_set(tmp_path).read()
    assert arrays["label"].tolist() == [0] * 7 + [1] * 3
    np.testing.assert_allclose(arrays["image"], 120, atol=3)


# -- mistakes -------------------------------------------------------------------------------------------------------


def refused(dataset: Dataset, message: str, hint: str = "") -> None:
    def described_and_loaded() -> None:
        dataset.spec()
        dataset.load()

    with pytest.raises(DataError, match=message) as caught:
        described_and_loaded()
    assert hint in (caught.value.hint or "")


def test_folders_that_hold_no_classes(tmp_path: Path):
    refused(folder_set(tmp_path / "nowhere"), "nowhere does not exist", "paths start from")
    refused(folder_set(draw(tmp_path / "image.png", pixels())), "is a file, where a folder is expected")
    refused(folder_set(tmp_path), "holds no folder of a class, and 1 images by themselves", "<path>/<class>/")
    fill(tmp_path, "a")
    refused(folder_set(tmp_path), "holds one class alone, 'a'")
    fill(tmp_path, "b")
    refused(folder_set(tmp_path), "image.png lies in no folder of a class")


def test_a_class_without_images(tmp_path: Path):
    fill(tmp_path)
    (tmp_path / "c").mkdir()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "notes.txt").write_text("")
    refused(folder_set(tmp_path), "no image lies in the folder of 'c', 'd'", ".png .jpg")


def test_splits_with_other_classes(tmp_path: Path):
    fill(tmp_path / "train", "abc")
    fill(tmp_path / "test", "ab")
    refused(folder_set(tmp_path), "test holds no folder of 'c', as .*train does")
    fill(tmp_path / "test", "cd")
    refused(folder_set(tmp_path), "test holds the class 'd', which .*train does not")


def test_folders_of_splits_that_are_not_clear(tmp_path: Path):
    fill(tmp_path / "test")
    refused(folder_set(tmp_path), "holds the folder test, but no folder train")
    for name in ("train", "val", "validation"):
        fill(tmp_path / name)
    refused(folder_set(tmp_path), "holds both validation and val")


def test_a_split_that_lacks_a_class(tmp_path: Path):
    fill(tmp_path)
    refused(folder_set(tmp_path, split="head"), "the validation split of .* holds no image of 'b'", "split=random")
    options = {"validation_fraction": 0, "test_fraction": 0.5}
    refused(folder_set(tmp_path, split="head", **options), "the train split of .* holds no image of 'b'")
    options = {"validation_fraction": 0, "test_fraction": 0.9}  # one image is left to train on
    refused(folder_set(tmp_path, **options), "the train split of .* holds no image of", "another dataset.split_seed")
    folder_set(tmp_path, limit=1).spec()  # a quick try may leave out what it likes


def test_images_of_another_size_are_refused_unless_a_size_is_given(tmp_path: Path):
    fill(tmp_path)
    draw(tmp_path / "b" / "3.png", pixels(6, 5))
    refused(folder_set(tmp_path), r"(?s)of 10 images 1 cannot be used.*b/3.png: it has 6 x 5 pixels, not the 6 x 4 of")
    folder_set(tmp_path, image_size=[6, 4]).load()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and holds nothing of it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.png", b"", "it is damaged, or another kind of file"),
        ("text.png", b"<html>", "no image of a kind that is known"),
        ("vector.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no image of a kind that is known"),
        ("bomb.png", png_of(50_000, 50_000), "exceeds limit|more than the 50,000,000 that are read"),
        ("large.png", png_of(10_000, 10_000), "it has 10,000 x 10,000 pixels, more than the 50,000,000 that are read"),
        ("header.png", png_of(6, 4)[:30], "it is damaged"),
        ("hollow.png", png_of(60, 40), "it is damaged"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, name: str, content: bytes, message: str):
    fill(tmp_path)
    (tmp_path / "a" / name).write_bytes(content)  # behind the first image of the class
    dataset = folder_set(tmp_path, image_size=[6, 4])
    refused(dataset, f"(?s)of 11 images 1 cannot be used.*{name}: .*({message})", "take them out of the folder")


def test_a_broken_first_file_is_named_before_anything_is_loaded(tmp_path: Path):
    fill(tmp_path)
    (tmp_path / "a" / "0.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"a/0.png: it is damaged"):
        folder_set(tmp_path).spec()


def test_a_truncated_file_is_named(tmp_path: Path):
    fill(tmp_path)
    whole = draw(tmp_path / "b" / "t.jpg", pixels(40, 40, 3)).read_bytes()
    (tmp_path / "b" / "t.jpg").write_bytes(whole[: len(whole) // 2])
    refused(folder_set(tmp_path, image_size=[6, 4]), r"t.jpg: it is damaged.*truncated")


def test_pixels_of_other_kinds_are_refused(tmp_path: Path):
    fill(tmp_path)
    transparent = pixels(6, 4, 4)
    transparent[0, 0, 3] = 10
    draw(tmp_path / "a" / "clear.png", transparent)
    Image.fromarray(rng.integers(0, 60_000, (6, 4)).astype(np.uint16)).save(tmp_path / "a" / "deep.png")
    Image.new("CMYK", (4, 6)).save(tmp_path / "a" / "print.jpg")
    frames = [Image.fromarray(pixels()) for _ in range(3)]
    frames[0].save(tmp_path / "a" / "film.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(DataError) as caught:
        folder_set(tmp_path).load()
    for part in (
        "of 14 images 4 cannot be used",
        "clear.png: it is transparent in places",
        "deep.png: its pixels are I;16, not grey or RGB with 8 bits",
        "print.jpg: its pixels are CMYK",
        "film.gif: it holds 3 images",
    ):
        assert part in caught.value.message


def test_of_many_broken_files_a_few_are_named(tmp_path: Path):
    fill(tmp_path, count=10)
    for path in (tmp_path / "b").iterdir():
        path.write_bytes(b"broken")
    with pytest.raises(DataError) as caught:
        folder_set(tmp_path).load()
    assert caught.value.message.startswith("of 20 images 10 cannot be used\n")
    assert len(caught.value.message.splitlines()) == 7
    assert caught.value.message.endswith("and 5 more")


def test_more_than_memory_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fill(tmp_path)
    monkeypatch.setattr(pictures, "_LARGEST", 100)
    refused(folder_set(tmp_path), "10 images of 6 x 4 pixels need 720 bytes of at most 100", "lower dataset.image_size")


@pytest.mark.parametrize("size", [[6], [6, 4, 3], [0, 4], [6.5, 4], 6])
def test_sizes_that_are_none(tmp_path: Path, size: Any):
    with pytest.raises(ValidationError):
        folder_set(tmp_path, image_size=size)
