"""Cases of volumes, batches of blocks, further pooling, positions and boxes."""

from __future__ import annotations

import itertools

import numpy as np
import tensorflow as tf
from recorder import FLOATS, TYPES, Recorder, allowed_types, grid, smooth

I32 = np.int32


def volumes() -> Recorder:
    cases = Recorder("volumes")
    for padding, strides, dilations in itertools.product(("SAME", "VALID"), ([1, 1, 1], [2, 1, 2]), ([1, 1, 1],)):
        attrs = {"strides": [1, *strides, 1], "padding": padding, "dilations": [1, *dilations, 1]}
        cases.add(
            "Conv3D", smooth("float32", (2, 4, 5, 4, 3)), smooth("float32", (2, 3, 2, 3, 2)), gradient=True, **attrs
        )
    for dtype in ("float16", "float64"):
        attrs = {"strides": [1] * 5, "padding": "SAME"}
        cases.add("Conv3D", grid(dtype, (1, 2, 3, 2, 1)), grid(dtype, (2, 2, 2, 1, 2), 1), gradient=True, **attrs)
    cases.add(
        "Conv3D",
        np.zeros((0, 3, 3, 3, 1), np.float32),
        smooth("float32", (2, 2, 2, 1, 2)),
        strides=[1] * 5,
        padding="VALID",
    )
    for padding, strides, sizes in (
        ("SAME", [1, 1, 1], [4, 5, 4]), ("SAME", [2, 1, 2], [2, 5, 2]), ("VALID", [1, 2, 1], [3, 2, 2]),
    ):  # fmt: skip
        attrs = {"strides": [1, *strides, 1], "padding": padding}
        kernel, given = smooth("float32", (2, 3, 3, 3, 2)), smooth("float32", (2, *sizes, 2))
        for kind in (np.int32, np.int64):
            shape = kind([2, 4, 5, 4, 3])
            cases.add("Conv3DBackpropInputV2", shape, kernel, given, constants=(0,), gradient=True, **attrs)
    for dtype in ("float16", "float64"):
        kernel, given = grid(dtype, (2, 2, 2, 1, 2)), grid(dtype, (1, 2, 3, 2, 2), 1)
        attrs = {"strides": [1] * 5, "padding": "SAME"}
        cases.add("Conv3DBackpropInputV2", I32([1, 2, 3, 2, 1]), kernel, given, constants=(0,), gradient=True, **attrs)
    for op, padding in itertools.product(("MaxPool3D", "AvgPool3D"), ("SAME", "VALID")):
        for ksize, strides in (([2, 2, 2], [2, 2, 2]), ([2, 3, 1], [1, 2, 1])):
            attrs = {"ksize": [1, *ksize, 1], "strides": [1, *strides, 1], "padding": padding}
            cases.add(op, smooth("float32", (2, 4, 5, 4, 2)), gradient=True, **attrs)
    return cases


def batches() -> Recorder:
    cases = Recorder("batches")
    for block, paddings in (([2, 2], [[0, 0], [0, 0]]), ([2, 3], [[1, 1], [0, 2]]), ([1, 2], [[0, 0], [2, 0]])):
        x = smooth("float32", (2, 4, 4, 3))
        cases.add("SpaceToBatchND", x, I32(block), I32(paddings), constants=(1, 2), gradient=True)
        y = smooth("float32", (2 * block[0] * block[1], 3, 4, 2))
        cases.add("BatchToSpaceND", y, I32(block), I32(paddings), constants=(1, 2), gradient=True)
    cases.add(
        "SpaceToBatchND", smooth("float32", (2, 6)), I32([3]), np.int64([[1, 2]]), constants=(1, 2), gradient=True
    )
    cases.add("BatchToSpaceND", smooth("float32", (6, 2, 1, 2)), np.int64([3]), I32([[1, 2]]), constants=(1, 2))
    cases.add("SpaceToBatchND", np.zeros((0, 4, 2), np.float32), I32([2]), I32([[0, 0]]), constants=(1, 2))
    for dtype in TYPES:
        cases.add("SpaceToBatchND", grid(dtype, (1, 2, 2, 1)), I32([2, 2]), I32([[0, 0], [0, 0]]), constants=(1, 2))
        cases.add("BatchToSpaceND", grid(dtype, (4, 1, 1, 1)), I32([2, 2]), I32([[0, 0], [0, 0]]), constants=(1, 2))
    cases.add(
        "SpaceToBatch",
        smooth("float32", (1, 3, 4, 2)),
        I32([[0, 1], [0, 0]]),
        constants=(1,),
        block_size=2,
        gradient=True,
    )
    cases.add(
        "BatchToSpace",
        smooth("float32", (4, 2, 3, 2)),
        I32([[0, 1], [1, 0]]),
        constants=(1,),
        block_size=2,
        gradient=True,
    )
    return cases


def more_pooling() -> Recorder:
    cases = Recorder("more_pooling")
    for padding, make in itertools.product(("SAME", "VALID"), (smooth, grid)):
        for window, strides in (([2, 2], [2, 2]), ([3, 2], [1, 2])):
            attrs = {"ksize": [1, *window, 1], "strides": [1, *strides, 1], "padding": padding}
            x = make("float32", (2, 5, 4, 2))
            for whole, kind in ((False, "int64"), (True, "int32")):
                cases.add(
                    "MaxPoolWithArgmax", x, gradient=make is smooth, include_batch_in_index=whole, Targmax=kind, **attrs
                )
            cases.add(
                "MaxPoolV2",
                x,
                I32(attrs["ksize"]),
                I32(attrs["strides"]),
                constants=(1, 2),
                padding=padding,
                gradient=True,
            )
    for dtype in ("float16", "float64", "int32", "uint8"):
        cases.add(
            "MaxPoolWithArgmax", grid(dtype, (1, 3, 3, 2)), ksize=[1, 2, 2, 1], strides=[1, 1, 1, 1], padding="VALID"
        )
    for strides, size in (([1, 1, 1, 1], (2, 5, 4, 6)), ([1, 2, 2, 1], (2, 3, 2, 6))):
        for dtype in ("float32", "float64"):
            given = I32([2, 5, 4, 3]), smooth(dtype, (3, 2, 3, 2)), smooth(dtype, size)
            attrs = {"strides": strides, "padding": "SAME"}
            cases.add("DepthwiseConv2dNativeBackpropInput", *given, constants=(0,), gradient=True, **attrs)
    return cases


def detection() -> Recorder:
    cases = Recorder("detection")
    for dtype in allowed_types("Where"):
        cases.add("Where", grid(dtype, (3, 4)))
    for shape in ((), (0,), (2, 0, 3), (2, 3, 2), (7,)):
        cases.add("Where", grid("float32", shape))
    cases.add("Where", np.float32([np.nan, 0, -0.0, 1]))
    rng = np.random.default_rng(5)
    corners = rng.uniform(0, 1, (24, 2, 2)).astype(np.float32)
    boxes = np.concatenate([corners.min(1), corners.min(1) + rng.uniform(0.1, 0.6, (24, 2)).astype(np.float32)], 1)
    boxes[3] = boxes[3][[2, 3, 0, 1]]  # corners in the other order
    boxes[5, 2] = boxes[5, 0]  # no area
    scores = np.round(rng.uniform(0, 1, 24), 1).astype(np.float32)  # with ties
    half, least = np.float32(0.5), np.float32(0.2)
    for most, overlap in ((5, 0.5), (24, 0.3), (24, 1.0), (0, 0.5)):
        limit = np.float32(overlap)
        cases.add("NonMaxSuppressionV2", boxes, scores, I32(most), limit)
        cases.add("NonMaxSuppressionV3", boxes, scores, I32(most), limit, np.float32(0.35))
        for padded in (False, True):
            attrs = {"pad_to_max_output_size": padded}
            cases.add("NonMaxSuppressionV4", boxes, scores, I32(most), limit, np.float32(0.35), **attrs)
            for sigma in (0.0, 0.4):
                cases.add("NonMaxSuppressionV5", boxes, scores, I32(most), limit, least, np.float32(sigma), **attrs)
    cases.add("NonMaxSuppressionV3", boxes[:0], scores[:0], I32(3), half, half)
    cases.add("NonMaxSuppressionV3", boxes.astype(np.float16), scores.astype(np.float16), I32(9), half, np.float32(0.1))
    many = np.stack([boxes, boxes[::-1]])[:, :, None]
    of_classes = np.concatenate([many, many * np.float32(1.2), many[:, ::-1]], 2)
    shares = rng.uniform(0, 1, (2, 24, 3)).astype(np.float32)
    for given, (of_class, total), padded, clipped in itertools.product(
        (many, of_classes), ((4, 9), (24, 80), (2, 5)), (False, True), (False, True)
    ):
        attrs = {"pad_per_class": padded, "clip_boxes": clipped}
        limits = I32(of_class), I32(total), np.float32(0.4), least
        cases.add("CombinedNonMaxSuppression", given, shares, *limits, **attrs)
    cases.add("CombinedNonMaxSuppression", many[:, :0], shares[:, :0], I32(2), I32(3), half, least)
    cases.add("CombinedNonMaxSuppression", many[:0], shares[:0], I32(2), I32(3), half, least)
    image, owners = smooth("float32", (2, 6, 7, 3)), I32([0, 1, 1, 0])
    parts = np.float32([[0, 0, 1, 1], [0.2, 0.1, 0.7, 0.9], [-0.33, 0.21, 0.52, 1.43], [0.83, 0.91, 0.1, 0.2]])
    for method, size in itertools.product(("bilinear", "nearest"), ([4, 5], [1, 1], [7, 1])):
        attrs = {"method": method, "extrapolation_value": 2.5}
        cases.add("CropAndResize", image, parts, owners, I32(size), constants=(3,), **attrs)
    for dtype in allowed_types("CropAndResize"):
        cases.add("CropAndResize", grid(dtype, (2, 4, 4, 1)), parts, owners, I32([3, 3]), constants=(3,))
    cases.add("CropAndResize", image, parts[:0], owners[:0], I32([2, 2]), constants=(3,))
    return cases


def patches() -> Recorder:
    cases = Recorder("patches")
    for padding, (ksize, strides, rates) in itertools.product(
        ("SAME", "VALID"), (([2, 2], [1, 1], [1, 1]), ([3, 2], [2, 1], [1, 2]), ([1, 1], [3, 2], [1, 1]))
    ):
        attrs = {"ksizes": [1, *ksize, 1], "strides": [1, *strides, 1], "rates": [1, *rates, 1], "padding": padding}
        cases.add("ExtractImagePatches", smooth("float32", (2, 6, 5, 2)), gradient=True, **attrs)
    for dtype in allowed_types("ExtractImagePatches"):
        attrs = {"ksizes": [1, 2, 2, 1], "strides": [1, 1, 1, 1], "rates": [1, 1, 1, 1], "padding": "VALID"}
        cases.add("ExtractImagePatches", grid(dtype, (1, 3, 3, 1)), **attrs)
    for align, centers in ((False, False), (True, False), (False, True)):
        attrs = {"align_corners": align, "half_pixel_centers": centers}
        for size in ((9, 4), (3, 11), (5, 6), (1, 1)):
            cases.add(
                "ResizeBicubic", smooth("float32", (2, 5, 6, 2)), I32(size), constants=(1,), gradient=True, **attrs
            )
        for dtype in ("uint8", "int32", "float16", "float64"):
            cases.add("ResizeBicubic", grid(dtype, (1, 3, 4, 1)), I32([5, 3]), constants=(1,), **attrs)
    x = (5, 4, 3)
    for begin, end, strides, attrs in (
        ([1, 0, 0], [4, 4, 3], [1, 2, 1], {}),
        ([0, 1, 0], [0, 0, 2], [1, 1, 1], {"begin_mask": 1, "end_mask": 3}),
        ([4, 0, 0], [0, 4, 3], [-2, 1, 1], {"end_mask": 1}),
        ([1, 0, 2], [2, 0, 3], [1, 1, 1], {"shrink_axis_mask": 5, "end_mask": 2}),
        ([0, 0, 1], [0, 0, 2], [1, 1, 1], {"ellipsis_mask": 1, "new_axis_mask": 2}),
    ):
        sliced = np.zeros(x)
        dy = tf.raw_ops.StridedSlice(input=sliced, begin=begin, end=end, strides=strides, **attrs)
        for dtype, index in (("float32", I32), ("float64", np.int64), ("int32", I32)):
            given = [index(x), index(begin), index(end), index(strides)]
            gradient = dtype in FLOATS
            cases.add(
                "StridedSliceGrad",
                *given,
                grid(dtype, tuple(dy.shape)),
                constants=(0, 1, 2, 3),
                gradient=gradient,
                **attrs,
            )
    return cases
