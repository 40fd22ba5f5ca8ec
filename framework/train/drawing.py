"""Small pictures for TensorBoard: a table of counts as coloured cells, images side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from framework.layers.gathered import Table

_WHITE, _INK, _FAINT, _BLUE = (255, 255, 255), (43, 45, 66), (217, 220, 227), (20, 84, 160)
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_TEXT = 22  # pixels; TensorBoard shows pictures at about half their size
_LARGE = 800  # pixels of a table without numbers
_SMALL_TABLE = 24  # columns; cells of a larger table hold no numbers
_GAP = 1  # pixels between images


def draw_table(table: Table) -> np.ndarray:
    """A table as uint8 `[height, width, 3]`: rows by columns, each cell as dark as its share of its row."""
    down, across = table.counts.shape
    font = ImageFont.load_default(_TEXT)
    is_small = max(down, across) <= _SMALL_TABLE
    texts = [[f"{count:,}" if count else "" for count in row] for row in table.counts.tolist()] if is_small else []
    rows, columns = (table.rows, table.columns) if is_small else ((), ())
    widest = max((font.getlength(text) for text in (*columns, *(text for row in texts for text in row))), default=0)
    cell = max(2 * _TEXT, math.ceil(min(widest, 7 * _TEXT)) + 12) if is_small else max(2, _LARGE // max(down, across))
    left = 2 * _TEXT + math.ceil(max((font.getlength(name) for name in rows), default=0))
    top = (2 + is_small) * _TEXT
    picture = Image.new("RGB", (left + across * cell + 12, top + down * cell + 12), _WHITE)
    pen = ImageDraw.Draw(picture)

    def write(text: str, x: float, y: float, ink: tuple[int, int, int] = _INK, anchor: str = "mm") -> None:
        pen.text((x, y), text, ink, font, anchor=anchor)

    write(table.column, left + across * cell / 2, _TEXT * 0.8)
    _write_upwards(picture, table.row, top + down * cell // 2, font)
    shares = table.counts / np.maximum(table.counts.sum(1, keepdims=True), 1)
    cells = _mixed(shares).repeat(cell, 0).repeat(cell, 1)  # a million cells by themselves would take minutes
    picture.paste(Image.fromarray(cells), (left, top))
    for row, name in enumerate(rows):
        y = top + row * cell
        write(name, left - 8, y + cell / 2, anchor="rm")
        for column, text in enumerate(texts[row]):
            x = left + column * cell
            pen.rectangle((x, y, x + cell - 1, y + cell - 1), None, _FAINT)
            write(text, x + cell / 2, y + cell / 2, _WHITE if shares[row, column] > 0.5 else _INK)
    for column, name in enumerate(columns):
        write(_fitting(name, cell, font), left + (column + 0.5) * cell, top - _TEXT * 0.7)
    return np.asarray(picture)


def draw_grid(images: Sequence[np.ndarray] | np.ndarray, *, least_side: int = 32) -> np.ndarray:
    """Images `[count, height, width, channels]` uint8 side by side in about a square; small ones are enlarged."""
    count, height, width, channels = np.shape(images)
    across = math.ceil(math.sqrt(count))
    down = math.ceil(count / across)
    factor = max(1, math.ceil(least_side / max(height, width)))
    step_y, step_x = height * factor + _GAP, width * factor + _GAP
    grid = np.full((down * step_y + _GAP, across * step_x + _GAP, channels), 255, np.uint8)
    for position, image in enumerate(images):
        y, x = position // across * step_y + _GAP, position % across * step_x + _GAP
        grid[y : y + height * factor, x : x + width * factor] = image.repeat(factor, 0).repeat(factor, 1)
    return grid


def stretched(values: np.ndarray) -> np.ndarray:
    """Numbers as grey levels, uint8: the least is black and the greatest white; all equal ones are black."""
    finite = np.nan_to_num(values.astype(np.float64))
    least, greatest = float(finite.min()), float(finite.max())
    return np.rint((finite - least) * (255 / (greatest - least or 1.0))).astype(np.uint8)


def to_png(image: np.ndarray) -> bytes:
    """A picture, uint8 `[height, width, 1 or 3]`, as a PNG file."""
    buffer = BytesIO()
    Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(buffer, "PNG")
    return buffer.getvalue()


def _mixed(shares: np.ndarray) -> np.ndarray:
    """Shares of the ink as colours, uint8 `[..., 3]`."""
    white, blue = np.array(_WHITE), np.array(_BLUE)
    return np.rint(white + (blue - white) * shares[..., None]).astype(np.uint8)


def _fitting(name: str, width: int, font: _Font) -> str:
    """As much of a name as there is room for."""
    short = name
    while len(short) > 1 and font.getlength(short) > width - 2:
        short = short[:-1]
    return short


def _write_upwards(picture: Image.Image, text: str, middle: int, font: _Font) -> None:
    """Writes a text along the left edge, turned."""
    label = Image.new("RGB", (math.ceil(font.getlength(text)) + 4, math.ceil(1.4 * _TEXT)), _WHITE)
    ImageDraw.Draw(label).text((2, label.height / 2), text, _INK, font, anchor="lm")
    turned = label.rotate(90, expand=True)
    picture.paste(turned, (0, max(0, middle - turned.height // 2)))
