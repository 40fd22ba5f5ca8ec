"""Files of images become arrays of bytes; every file that cannot be is named."""

from __future__ import annotations

import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from framework.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

Channels = Literal["grayscale", "rgb"]
MODES: dict[Channels, tuple[str, int]] = {"grayscale": ("L", 1), "rgb": ("RGB", 3)}  # Pillow's mode, and its channels
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm")
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "PPM")  # no others are tried, whatever a file begins with
_EIGHT_BITS = {"1", "L", "P", "RGB"}
_ROTATED = {5, 6, 7, 8}  # values of the EXIF orientation by which height and width change places
_ORIENTATION = 0x0112
# What Pillow raises over damaged bytes.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)
_SHOWN = 5  # files that a message names
_LARGE = 1 << 24  # pixels of an image
_ONE_LARGE = threading.Lock()
_LARGEST = 1 << 33  # bytes of all images together: 8 GiB
_MOST_PIXELS = 50_000_000  # of one: it is held in up to four forms of four bytes a pixel, together below a gibibyte


class _UnfitError(Exception):
    """An image that cannot be used; the text says why."""


def read_images(paths: Sequence[Path], channels: Channels, size: tuple[int, int], *, scaled: bool) -> np.ndarray:
    """The images as uint8 `[images, height, width, channels]`.

    Grey becomes colour by repetition, and colour grey by its luma (ITU-R 601-2). size: height and width. scaled:
    whether an image of another size is scaled to it, stretched where its proportions differ, by bilinear interpolation
    that averages where it makes smaller; or else refused. Raises DataError with the files that cannot be used.
    """
    needed = len(paths) * size[0] * size[1] * MODES[channels][1]
    if needed > _LARGEST:
        message = f"{len(paths):,} images of {size[0]} x {size[1]} pixels need {needed:,} bytes of at most {_LARGEST:,}"
        raise DataError(message, "lower dataset.image_size")
    images = np.empty((len(paths), *size, MODES[channels][1]), np.uint8)
    read = partial(_read, channels=channels, size=size, scaled=scaled)
    wrong = []
    # Pillow warns of what is refused here, and of what is no harm.
    with warnings.catch_warnings(action="ignore"), ThreadPoolExecutor(os.cpu_count()) as pool:
        for row, found in enumerate(pool.map(read, paths)):
            if isinstance(found, str):
                wrong.append(found)
            else:
                images[row] = found.reshape(images.shape[1:])
    if wrong:
        more = [f"and {len(wrong) - _SHOWN:,} more"] if len(wrong) > _SHOWN else []
        message = f"of {len(paths):,} images {len(wrong):,} cannot be used"
        raise DataError("\n  ".join([message, *wrong[:_SHOWN], *more]), "mend them, or take them out of the folder")
    return images


def image_size(path: Path) -> tuple[int, int]:
    """Height and width of an image, as it is shown; its pixels are not read. Raises DataError."""
    try:
        with warnings.catch_warnings(action="ignore"), _opened(path) as image:
            height, width = image.height, image.width
            return (width, height) if image.getexif().get(_ORIENTATION) in _ROTATED else (height, width)
    except (_UnfitError, *_DAMAGED) as error:
        raise DataError(_told(path, error), "mend it, or take it out of the folder") from None


def _read(path: Path, channels: Channels, size: tuple[int, int], scaled: bool) -> np.ndarray | str:
    """The pixels of one image; or what is wrong with it."""
    from PIL import Image, ImageOps

    try:
        with _opened(path) as opened, _memory_of(opened):
            image = ImageOps.exif_transpose(opened)
            if image.has_transparency_data:
                image = _opaque(image)
            if image.mode not in _EIGHT_BITS:
                raise _UnfitError(f"its pixels are {image.mode}, not grey or RGB with 8 bits")
            image = image.convert(MODES[channels][0])
            if (image.height, image.width) != size:
                if not scaled:
                    found = f"{image.height} x {image.width}"
                    raise _UnfitError(f"it has {found} pixels, not the {size[0]} x {size[1]} of the others")
                image = image.resize((size[1], size[0]), Image.Resampling.BILINEAR)
            return np.asarray(image, np.uint8)
    except (_UnfitError, *_DAMAGED) as error:
        return _told(path, error)


def _opened(path: Path) -> Image.Image:
    """An image whose pixels are not read yet. Raises _UnfitError for what may be a trap, or is a film."""
    from PIL import Image

    try:
        image = Image.open(path, formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise _UnfitError(str(error)) from None
    limit = min(_MOST_PIXELS, Image.MAX_IMAGE_PIXELS or _MOST_PIXELS)
    if image.width * image.height > limit:
        raise _UnfitError(f"it has {image.height:,} x {image.width:,} pixels, more than the {limit:,} that are read")
    if getattr(image, "n_frames", 1) > 1:
        raise _UnfitError(f"it holds {image.n_frames} images")  # type: ignore[attr-defined]
    return image


@contextmanager
def _memory_of(image: Image.Image) -> Iterator[None]:
    """Waits until an image may be unpacked: large ones one at a time, so that they never fill the memory together."""
    with _ONE_LARGE if image.width * image.height > _LARGE else nullcontext():
        yield


def _opaque(image: Image.Image) -> Image.Image:
    """The colours of an image that could have transparent places, and has none."""
    coloured = image.convert("RGBA")
    darkest, _ = coloured.getchannel("A").getextrema()
    if darkest < 255:  # type: ignore[operator]  a single channel has numbers as its extremes
        raise _UnfitError("it is transparent in places, and nothing says what lies behind it")
    return coloured.convert("RGB")


def _told(path: Path, error: Exception) -> str:
    if isinstance(error, _UnfitError):
        return f"{path}: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{path}: it cannot be read: {error.strerror}"
    reason = "no image of a kind that is known" if "cannot identify" in str(error) else str(error)
    return f"{path}: it is damaged, or another kind of file than its name says: {reason}"
