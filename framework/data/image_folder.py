"""Images of the user's own, a folder for each class."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import PositiveInt

from framework.data.dataset import DATASETS, Contents, UndividedDataset
from framework.data.files import check_file, expand
from framework.data.pictures import ENDINGS, MODES, Channels, image_size, read_images
from framework.data.spec import Arrays, DataSpec, Feature, label
from framework.errors import DataError
from framework.fields import structural
from framework.graph import as_dtype
from framework.registry import did_you_mean

_HINT = "the images lie in <path>/<class>/, or in <path>/train/<class>/, beside validation/ and test/ if you have them"


class Listing(NamedTuple):
    """The images of a folder. labels: of each, the position of its class among `classes`."""

    folder: Path
    classes: tuple[str, ...]
    files: list[Path]
    labels: np.ndarray


@DATASETS.register("image_folder")
class ImageFolder(UndividedDataset):
    """`image` uint8 [height, width, channels], and `label` by the folder that an image lies in.

    The classes are the folders in `path`, ordered by name; or those in `path/train`, beside which `path/validation` (or
    `val`) and `path/test` may hold the other splits. An image of another size than `image_size` is scaled to it, and
    stretched where its proportions differ; without `image_size` all must have the size of the first. It is read as it
    is shown: turned as its camera noted. What is transparent, has more than 8 bits a colour, or moves is refused.
    """

    path: str = structural(..., "folder that holds a folder of images for each class")
    image_size: list[PositiveInt] | None = structural(
        None, "[height, width] that images are scaled to; not needed where all are equal", min_length=2, max_length=2
    )
    channels: Channels = structural("rgb", "whether images are read as grayscale, in 1 channel, or as rgb, in 3")

    @property
    def test_share(self) -> float:
        return 0.0 if "test" in self._folders() else self.test_fraction

    def contents(self) -> Contents:
        found = self._listings
        height, width = self._size(found["train"])
        others = {name: len(listing.files) for name, listing in found.items()}
        return Contents(
            features=(Feature("image", as_dtype("uint8"), (height, width, MODES[self.channels][1]), 1 / 255), label()),
            targets=("label",),
            examples=len(found["train"].files),
            dimensions={"num_classes": len(found["train"].classes)},
            source=str(found["train"].folder),
            class_names=found["train"].classes,
            validation_examples=others.get("validation"),
            test_examples=others.get("test"),
            test_source=str(found["test"].folder) if "test" in found else None,
        )

    def describe(self) -> DataSpec:
        spec = super().describe()
        self._check_classes()
        return spec

    def read(self) -> tuple[Arrays, Arrays | None]:
        return self._arrays("train") or {}, self._arrays("test")

    def read_file(self, path: Path) -> Arrays:
        """An image, or those of a folder, with their labels where all lie in folders of the classes; or arrays."""
        if path.suffix == ".npz":
            return super().read_file(path)
        folder, files = _asked(path)
        spec = self.spec()
        height, width, _ = spec.features["image"].shape
        scaled = self.image_size is not None
        arrays = {"image": read_images(files, self.channels, (height, width), scaled=scaled)}
        classes = spec.class_names or ()
        lie_in = [file.relative_to(folder).parts[0] for file in files]
        if all(name in classes for name in lie_in):
            arrays["label"] = np.array([classes.index(name) for name in lie_in], np.int32)
        return arrays

    def row_names(self, path: Path) -> list[str] | None:
        if path.suffix == ".npz":
            return None
        folder, files = _asked(path)
        return [str(file.relative_to(folder)) for file in files]

    def read_validation(self) -> Arrays | None:
        return self._arrays("validation")

    def _arrays(self, split: str) -> Arrays | None:
        found = self._listings
        if split not in found:
            return None
        listing, size = found[split], self._size(found["train"])
        images = read_images(listing.files, self.channels, size, scaled=self.image_size is not None)
        return {"image": images, "label": listing.labels}

    def _size(self, train: Listing) -> tuple[int, int]:
        """Height and width of all images."""
        if self.image_size is None:
            return image_size(train.files[0])
        height, width = self.image_size
        return height, width

    def _folders(self) -> dict[str, Path]:
        """Split -> the folder that holds its classes. Raises DataError for folders that say no clear thing."""
        path = expand(self.path)
        if not path.is_dir():
            what = "is a file, where a folder is expected" if path.is_file() else "does not exist"
            raise DataError(f"{path} {what}", f"{_HINT}; paths start from {Path.cwd()}, unless they are absolute")
        there = [name for name in _SPLITS if (path / name).is_dir()]
        if there and "train" not in there:
            raise DataError(f"{path} holds the folder {there[0]}, but no folder train", _HINT)
        if len({_SPLITS[name] for name in there}) < len(there):
            raise DataError(f"{path} holds both validation and val", "leave one of them")
        return {_SPLITS[name]: path / name for name in there} or {"train": path}

    @cached_property
    def _listings(self) -> dict[str, Listing]:
        """Split -> its images. Raises DataError for a folder without classes, and for classes without images."""
        found = {split: _list(folder) for split, folder in self._folders().items()}
        for listing in found.values():
            _check_same(listing, found["train"])
        return found

    def _check_classes(self) -> None:
        """Raises DataError for a class without an image to train on, or in a split that was not drawn at random."""
        found, train = self.contents(), self._listings["train"]
        order = self._order(found)
        for split, part in self._ranges(found).items():
            is_by_chance = split != "train" and self.split == "random"
            if is_by_chance or part.start == part.stop or (split == "train" and self.limit is not None):
                continue
            counts = np.bincount(train.labels[order[part]], minlength=len(train.classes))
            lacking = [name for name, count in zip(train.classes, counts, strict=True) if count == 0]
            if lacking:
                by_chance = "add images, choose another dataset.split_seed, or hold out a smaller share of them"
                raise DataError(
                    f"the {split} split of {train.folder} holds no image of {_quoted(lacking)}",
                    "set dataset.split=random" if self.split == "head" else by_chance,
                )


_SPLITS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}


def _images_in(folder: Path) -> list[Path]:
    """The files in a folder, and in folders therein, whose names end as those of images do; ordered by their paths."""
    try:
        found = [path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and not _is_hidden(path, folder)]
        return sorted(path for path in found if path.is_file())
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror}") from None


def _asked(path: Path) -> tuple[Path, list[Path]]:
    """The images that a user names, a file or those of a folder, and the folder. Raises DataError for none."""
    if not path.is_dir():
        check_file(path, "name an image, or a folder of images")
        return path.parent, [path]
    files = _images_in(path)
    if not files:
        raise DataError(f"no image lies in {path}", f"images are files that end in {' '.join(ENDINGS)}")
    return path, files


def _list(folder: Path) -> Listing:
    """The images of a folder with a folder for each class. Raises DataError where it has none, or an empty one."""
    files = _images_in(folder)
    try:
        classes = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror}") from None
    if not classes:
        raise DataError(f"{folder} holds no folder of a class, and {len(files):,} images by themselves", _HINT)
    if len(classes) == 1:
        raise DataError(f"{folder} holds one class alone, '{classes[0]}'", _HINT)
    by_class: dict[str, list[Path]] = {name: [] for name in classes}
    for file in files:
        name = file.relative_to(folder).parts[0]
        if name not in by_class:
            raise DataError(f"{file} lies in no folder of a class", _HINT)
        by_class[name].append(file)
    empty = [name for name, part in by_class.items() if not part]
    if empty:
        raise DataError(
            f"{folder}: no image lies in the folder of {_quoted(empty)}",
            f"images are files that end in {' '.join(ENDINGS)}; take a folder away that is no class",
        )
    ordered = [file for name in classes for file in by_class[name]]
    labels = np.repeat(np.arange(len(classes), dtype=np.int32), [len(by_class[name]) for name in classes])
    return Listing(folder, tuple(classes), ordered, labels)


def _check_same(listing: Listing, train: Listing) -> None:
    """Raises DataError unless a split has the classes of the training split."""
    for name in listing.classes:
        if name not in train.classes:
            near = did_you_mean(name, train.classes)
            raise DataError(f"{listing.folder} holds the class '{name}', which {train.folder} does not{near}", _HINT)
    lacking = [name for name in train.classes if name not in listing.classes]
    if lacking:
        raise DataError(f"{listing.folder} holds no folder of {_quoted(lacking)}, as {train.folder} does", _HINT)


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
