"""Images of every kind."""

from __future__ import annotations

import io
import random
import struct
import zlib
from functools import cached_property
from pathlib import Path

from experiments.fuzzing.mutation import of_bytes
from experiments.fuzzing.targets.reader import Files, Reader


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
