"""Cases of images in another place, form or size."""

from __future__ import annotations

import itertools

import numpy as np
from recorder import FLOATS, Recorder, allowed_types, grid, smooth

NOTHING = (1, 0, 0, 0, 1, 0, 0, 0)
SHIFTED = (1, 0, -2, 0, 1, 1, 0, 0)
HALFWAY = (1, 0, 0.5, 0, 1, -0.5, 0, 0)  # where rounding goes away from zero
MIRRORED = (-1, 0, 5, 0, 1, 0, 0, 0)
TURNED = (0.8, -0.6, 1.7, 0.6, 0.8, -0.9, 0, 0)
FAR = (1, 0, 17.3, 0, 1, -23.6, 0, 0)
TILTED = (1, 0.1, 0.3, 0.2, 1, -0.2, 0.05, -0.1)
HORIZON = (1, 0, 0, 0, 1, 0, -0.5, 0)  # divides by zero in one column


def projective() -> Recorder:
    cases = Recorder("projective")
    every = np.float32([NOTHING, SHIFTED, HALFWAY, MIRRORED, TURNED, FAR, TILTED, HORIZON])
    modes = itertools.product(("NEAREST", "BILINEAR"), ("CONSTANT", "NEAREST", "REFLECT", "WRAP"))
    for interpolation, mode in modes:
        attrs = {"interpolation": interpolation, "fill_mode": mode}
        _add(cases, smooth("float32", (8, 5, 6, 3)), every, (5, 6), 0.25, **attrs)
        _add(cases, smooth("float32", (2, 5, 6, 1)), every[4:5], (7, 3), 0.0, **attrs)
        _add(cases, smooth("float32", (8, 1, 1, 2)), every, (2, 3), -1.0, **attrs)
    types = allowed_types("ImageProjectiveTransformV3", "dtype")
    for dtype, interpolation in itertools.product(types, ("NEAREST", "BILINEAR")):
        image = smooth(dtype, (2, 4, 5, 2)) if dtype in FLOATS else grid(dtype, (2, 4, 5, 2))
        # TensorFlow interpolates float64 in float32 too: these weights leave nothing to round differently.
        _add(cases, image, np.float32([SHIFTED, HALFWAY]), (4, 5), 1.0, interpolation=interpolation)
    _add(cases, np.zeros((0, 4, 5, 2), np.float32), every[:0], (4, 5), 1.0, interpolation="BILINEAR")
    return cases


def _add(cases: Recorder, images, transforms, size, fill, **attrs) -> None:
    inputs = (images, transforms, np.int32(size), np.float32(fill))
    cases.add("ImageProjectiveTransformV3", *inputs, constants=[2], **attrs)


def resizing() -> Recorder:
    cases = Recorder("resizing")
    alignments = ({}, {"align_corners": True}, {"half_pixel_centers": True})
    sizes = ((8, 10), (4, 5), (3, 3), (7, 4), (1, 1), (12, 5), (9, 13))
    for op, attrs, size in itertools.product(("ResizeNearestNeighbor", "ResizeBilinear"), alignments, sizes):
        image = smooth("float32", (2, 4, 5, 3))
        cases.add(op, image, np.int32(size), constants=[1], gradient=True, **attrs)
    for op in ("ResizeNearestNeighbor", "ResizeBilinear"):
        for dtype in allowed_types(op):
            image = grid(dtype, (1, 3, 4, 2))
            # TensorFlow's gradient for float64 is computed in float32, and rounded differently.
            gradient = dtype in ("float16", "float32")
            cases.add(op, image, np.int32([6, 6]), constants=[1], gradient=gradient, half_pixel_centers=True)
        cases.add(op, np.zeros((0, 2, 2, 1), np.float32), np.int32([3, 3]), constants=[1])
        cases.add(op, smooth("float32", (1, 1, 1, 2)), np.int32([3, 2]), constants=[1], gradient=True)
    for attrs, size in itertools.product(({}, {"align_corners": True}), sizes):
        cases.add("ResizeArea", smooth("float32", (2, 4, 5, 3)), np.int32(size), constants=[1], **attrs)
    for dtype in allowed_types("ResizeArea"):
        cases.add("ResizeArea", grid(dtype, (1, 3, 4, 2)), np.int32([2, 3]), constants=[1])
    kernels = ("lanczos1", "lanczos3", "lanczos5", "gaussian", "box", "triangle", "keyscubic", "mitchellcubic")
    moves = (((3, 4), (0.75, 0.8), (0, 0)), ((9, 7), (2.25, 1.4), (0, 0)), ((5, 6), (1.3, 0.7), (-1.2, 2.6)))
    for kernel, antialias, (size, scale, translation) in itertools.product(kernels, (True, False), moves):
        given = smooth("float32", (2, 4, 5, 3)), np.int32(size), np.float32(scale), np.float32(translation)
        cases.add("ScaleAndTranslate", *given, constants=[1], kernel_type=kernel, antialias=antialias)
    for dtype in allowed_types("ScaleAndTranslate"):
        given = grid(dtype, (1, 3, 4, 2)), np.int32([2, 6]), np.float32([2 / 3, 1.5]), np.float32([0, 0])
        cases.add("ScaleAndTranslate", *given, constants=[1])
    return cases
