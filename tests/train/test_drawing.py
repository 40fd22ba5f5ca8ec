"""Small pictures, looked at by their pixels."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from framework.layers.gathered import Table
from framework.train.drawing import draw_grid, draw_table, stretched, to_png


def is_blue(picture: np.ndarray) -> np.ndarray:
    return (picture[..., 2].astype(int) - picture[..., 0]) > 100


def test_a_cell_is_as_dark_as_its_share_of_its_row():
    names = ("a", "b")
    blue = is_blue(draw_table(Table(names, names, np.array([[5, 0], [0, 9]]))))
    corners = blue[-20::-44, -20::-44][:2, :2]  # of the four cells, from the last; 44 pixels is a cell's side
    assert corners.tolist() == [[True, False], [False, True]]
    even = is_blue(draw_table(Table(names, names, np.array([[5, 5], [9, 9]]))))
    assert not even[-20::-44, -20::-44].any()  # half of a row each: lighter


def test_long_names_and_many_classes_fit():
    long = tuple(f"class with a long name {k}" for k in range(3))
    assert draw_table(Table(long, long, np.full((3, 3), 1234))).shape[2] == 3
    many = tuple(map(str, range(1000)))
    picture = draw_table(Table(many, many, np.eye(1000, dtype=np.int64)))
    height, width, _ = picture.shape
    assert 2000 <= height < 2200
    assert 2000 <= width < 2200
    assert is_blue(picture).sum() == 1000 * 2 * 2  # the diagonal, two pixels wide


def test_an_empty_row_is_white():
    names = ("a", "b")
    assert not is_blue(draw_table(Table(names, names, np.zeros((2, 2), np.int64)))).any()


def test_images_stand_side_by_side():
    images = np.stack([np.full((40, 40, 1), 10 * k, np.uint8) for k in range(5)])
    grid = draw_grid(images)
    assert grid.shape == (2 * 41 + 1, 3 * 41 + 1, 1)
    assert (grid[1:41, 42:82] == 10).all()
    assert (grid[42:82, 42:82] == 40).all()
    assert (grid[42:82, 83:] == 255).all()  # there is no sixth


def test_small_images_are_enlarged_by_whole_pixels():
    image = np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1)
    grid = draw_grid(image, least_side=6)
    assert grid.shape == (8, 8, 1)
    assert grid[1:7, 1:7, 0].tolist() == [[0] * 3 + [1] * 3] * 3 + [[2] * 3 + [3] * 3] * 3


def test_numbers_become_grey_levels():
    assert stretched(np.array([-1.0, 0.0, 1.0])).tolist() == [0, 128, 255]
    assert stretched(np.array([2.0, 2.0])).tolist() == [0, 0]
    assert stretched(np.array([0.0, np.nan, 4.0]))[2] == 255


def test_png_files_hold_the_pixels():
    for channels in (1, 3):
        image = np.random.default_rng(0).integers(0, 256, (4, 5, channels)).astype(np.uint8)
        found = np.asarray(Image.open(BytesIO(to_png(image))))
        assert (found.reshape(4, 5, channels) == image).all()
