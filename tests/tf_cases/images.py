"""Cases of convolution, pooling and normalisation."""

from __future__ import annotations

import itertools

import numpy as np
import tensorflow as tf
from recorder import FLOATS, TYPES, Recorder, allowed_types, grid, smooth

LAYOUTS = (None, "NCHW")
EXPLICIT = [0, 0, 1, 2, 0, 3, 0, 0]


def convolution() -> Recorder:
    cases = Recorder("convolution")
    for dtype in allowed_types("Conv2D"):
        _conv(cases, dtype, (1, 4, 4, 2), (3, 3, 2, 2), [1, 1], "SAME", gradient=dtype in FLOATS)
    windows = [((3, 3), [1, 1], [1, 1]), ((2, 3), [2, 1], [1, 1]), ((3, 2), [2, 3], [1, 1]), ((2, 2), [1, 1], [2, 3])]
    for layout, padding in itertools.product(LAYOUTS, ("SAME", "VALID", "EXPLICIT")):
        for window, strides, dilations in windows:
            _conv(cases, "float32", (2, 7, 6, 2), (*window, 2, 3), strides, padding, dilations, layout, gradient=True)
        _conv(cases, "float32", (2, 5, 5, 4), (3, 3, 2, 6), [1, 1], padding, layout=layout)
    for groups in (2, 4):
        _conv(cases, "float32", (2, 5, 5, 4), (3, 3, 4 // groups, 4), [2, 2], "SAME", gradient=True)
    _conv(cases, "float32", (0, 5, 5, 2), (3, 3, 2, 3), [1, 1], "VALID")
    _conv(cases, "float32", (1, 1, 1, 1), (1, 1, 1, 1), [1, 1], "VALID", gradient=True)
    _conv(cases, "float32", (1, 4, 4, 1), (5, 5, 1, 1), [2, 2], "SAME", gradient=True)
    _depthwise(cases)
    _transposed(cases)
    for dtype in allowed_types("BiasAdd"):
        cases.add("BiasAdd", grid(dtype, (2, 3, 4)), grid(dtype, (4,), 2), gradient=dtype in FLOATS)
    for shape in ((2, 3), (2, 2, 2, 3), (0, 3), (2, 1, 2, 1, 3)):
        cases.add("BiasAdd", smooth("float32", shape), smooth("float32", (3,)), gradient=True)
    for shape in ((2, 3, 4), (2, 3, 4, 5), (2, 3, 1, 2, 2)):
        cases.add("BiasAdd", smooth("float32", shape), smooth("float32", (3,)), data_format="NCHW", gradient=True)
    return cases


def _conv(cases, dtype, image, kernel, strides, padding, dilations=(1, 1), layout=None, gradient=False) -> None:
    explicit = {"explicit_paddings": EXPLICIT} if padding == "EXPLICIT" else {}
    x = grid(dtype, image, 1) if dtype not in FLOATS else smooth(dtype, image, 1)
    w = grid(dtype, kernel, 2) if dtype not in FLOATS else smooth(dtype, kernel, 2)
    attrs = {"strides": [1, *strides, 1], "dilations": [1, *dilations, 1], "padding": padding} | explicit
    cases.add("Conv2D", x, w, layout=layout, gradient=gradient, **attrs)


def _depthwise(cases) -> None:
    op = "DepthwiseConv2dNative"
    for dtype in allowed_types(op):
        image, kernel = smooth(dtype, (1, 4, 4, 2), 1), smooth(dtype, (3, 3, 2, 2), 2)
        cases.add(op, image, kernel, gradient=True, strides=[1, 1, 1, 1], padding="SAME")
    for layout, padding in itertools.product(LAYOUTS, ("SAME", "VALID", "EXPLICIT")):
        explicit = {"explicit_paddings": EXPLICIT} if padding == "EXPLICIT" else {}
        for window, stride, dilation in (((3, 2), 1, 1), ((2, 3), 2, 1), ((3, 3), 1, 2)):
            image, kernel = smooth("float32", (2, 7, 6, 3), 1), smooth("float32", (*window, 3, 2), 2)
            attrs = {"strides": [1, stride, stride, 1], "dilations": [1, dilation, dilation, 1], "padding": padding}
            cases.add(op, image, kernel, layout=layout, gradient=dilation == 1, **attrs, **explicit)
    cases.add(op, smooth("float32", (0, 4, 4, 2)), smooth("float32", (3, 3, 2, 1)), strides=[1] * 4, padding="SAME")


def _transposed(cases) -> None:
    for dtype in allowed_types("Conv2DBackpropInput"):
        make = smooth if dtype in FLOATS else grid
        _backprop(cases, make(dtype, (1, 4, 4, 2)), make(dtype, (3, 3, 2, 2), 2), [1, 1], "SAME", dtype in FLOATS)
    windows = [((3, 3), [1, 1], [1, 1]), ((2, 3), [2, 1], [1, 1]), ((3, 2), [2, 3], [1, 1]), ((2, 2), [1, 1], [2, 3])]
    for layout, padding in itertools.product(LAYOUTS, ("SAME", "VALID", "EXPLICIT")):
        for window, strides, dilations in windows:
            image, kernel = smooth("float32", (2, 7, 6, 2)), smooth("float32", (*window, 2, 3), 2)
            _backprop(cases, image, kernel, strides, padding, True, dilations, layout)
    for groups in (2, 4):
        image, kernel = smooth("float32", (2, 5, 5, 4)), smooth("float32", (3, 3, 4 // groups, 8), 2)
        _backprop(cases, image, kernel, [2, 2], "SAME", False)
    image, kernel = smooth("float32", (2, 7, 6, 2)), smooth("float32", (3, 3, 2, 3), 2)
    _backprop(cases, image, kernel, [2, 2], "SAME", True, sizes=[7, 6])
    _backprop(cases, image[:0], kernel, [2, 2], "SAME", False)


def _backprop(cases, image, kernel, strides, padding, gradient, dilations=(1, 1), layout=None, sizes=None) -> None:
    """The gradient for a convolution of `image`, of which the shape alone matters."""
    explicit = {"explicit_paddings": EXPLICIT} if padding == "EXPLICIT" else {}
    attrs = {"strides": [1, *strides, 1], "dilations": [1, *dilations, 1], "padding": padding} | explicit
    output = tf.raw_ops.Conv2D(input=tf.ones(image.shape), filter=tf.ones(kernel.shape), **attrs).shape
    given = (smooth if kernel.dtype.name in FLOATS else grid)(kernel.dtype.name, tuple(output), 3)
    inputs = (np.int32(image.shape if sizes is None else sizes), kernel, given)
    options = {"constants": [0], "images": (0, 2), "layout": layout, "gradient": gradient}
    cases.add("Conv2DBackpropInput", *inputs, **options, **attrs)


def blocks() -> Recorder:
    cases = Recorder("blocks")
    for layout, block in itertools.product(LAYOUTS, (2, 3)):
        large, small = smooth("float32", (2, 2 * block, block, 2)), smooth("float32", (2, 2, 1, 2 * block * block))
        cases.add("SpaceToDepth", large, layout=layout, gradient=True, block_size=block)
        cases.add("DepthToSpace", small, layout=layout, gradient=True, block_size=block)
    for dtype in TYPES:
        cases.add("SpaceToDepth", grid(dtype, (1, 2, 4, 1)), gradient=dtype in FLOATS, block_size=2)
        cases.add("DepthToSpace", grid(dtype, (1, 1, 2, 4)), gradient=dtype in FLOATS, block_size=2)
    cases.add("SpaceToDepth", np.zeros((0, 2, 2, 1), np.float32), block_size=2)
    cases.add("DepthToSpace", np.zeros((0, 2, 2, 4), np.float32), block_size=2)
    return cases


def pooling() -> Recorder:
    cases = Recorder("pooling")
    windows = [
        ((2, 2), [2, 2]),
        ((3, 2), [3, 2]),
        ((3, 3), [2, 2]),
        ((2, 3), [1, 1]),
        ((1, 2), [3, 1]),
        ((1, 1), [1, 1]),
    ]
    for layout, padding, (window, strides) in itertools.product(LAYOUTS, ("SAME", "VALID", "EXPLICIT"), windows):
        attrs = {"ksize": [1, *window, 1], "strides": [1, *strides, 1], "padding": padding}
        for make in (smooth, grid):  # the grid has ties, which show where the gradient goes
            x = make("float32", (2, 7, 6, 2))
            if padding != "EXPLICIT":
                cases.add("MaxPool", x, layout=layout, gradient=True, **attrs)
                cases.add("AvgPool", x, layout=layout, gradient=True, **attrs)
            elif max(window) > 2:  # padding must be smaller than the window
                explicit = [0, 0, 1, window[0] - 1, 0, window[1] - 1, 0, 0]
                cases.add("MaxPool", x, layout=layout, explicit_paddings=explicit, **attrs)
    attrs = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}
    overlap = {"ksize": [1, 3, 3, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}
    for op in ("MaxPool", "AvgPool"):
        for dtype in allowed_types(op):
            for windows_of in (attrs, overlap):
                cases.add(op, grid(dtype, (1, 4, 5, 2)), gradient=dtype in FLOATS, **windows_of)
        cases.add(op, np.zeros((0, 4, 4, 2), np.float32), **attrs)
        cases.add(
            op,
            smooth("float32", (1, 4, 4, 1)),
            gradient=True,
            ksize=[1, 4, 4, 1],
            strides=[1, 4, 4, 1],
            padding="VALID",
        )
    return cases


def normalization() -> Recorder:
    cases = Recorder("normalization")
    shapes = {"NHWC": (3, 2, 4, 5), "NDHWC": (2, 2, 3, 2, 5)}
    for data_format, shape in shapes.items():
        for dtype, training in itertools.product(("float16", "bfloat16", "float32"), (True, False)):
            _norm(cases, smooth(dtype, shape), data_format=data_format, is_training=training)
    for training, epsilon in itertools.product((True, False), (1e-3, 0.5)):
        _norm(cases, smooth("float32", (4, 3, 2, 5)), is_training=training, epsilon=epsilon)
        _norm(cases, smooth("float32", (4, 3, 2, 5)), is_training=training, epsilon=epsilon, layout="NCHW")
    for factor in (0.1, 0.5):
        _norm(cases, smooth("float32", (4, 3, 2, 5)), is_training=True, exponential_avg_factor=factor)
    _norm(cases, smooth("float32", (1, 1, 1, 5)), is_training=True)
    _older_norms(cases)
    _lrn(cases)
    x, ones = smooth("float32", (4, 3, 2, 5)), np.ones(5, np.float32)
    cases.add(
        "FusedBatchNormV3", x, ones, ones, *[np.zeros(0, np.float32)] * 2, is_training=True, gradient=True, unset=[5]
    )
    return cases


def _lrn(cases) -> None:
    for dtype in allowed_types("LRN"):
        cases.add("LRN", smooth(dtype, (2, 2, 3, 7)), gradient=True)
    for radius, bias, alpha, beta in ((0, 1.0, 1.0, 0.5), (2, 2.0, 0.125, 0.75), (9, 1.0, 0.5, 1.0)):
        attrs = {"depth_radius": radius, "bias": bias, "alpha": alpha, "beta": beta}
        cases.add("LRN", smooth("float32", (2, 3, 2, 8)), gradient=True, **attrs)
    for shape in ((0, 2, 2, 3), (1, 1, 1, 1)):
        cases.add("LRN", smooth("float32", shape))


def _older_norms(cases) -> None:
    for op, layout, training in itertools.product(("FusedBatchNorm", "FusedBatchNormV2"), LAYOUTS, (True, False)):
        _norm(cases, smooth("float32", (4, 3, 2, 5)), layout, op, is_training=training, epsilon=0.5)
    for dtype in ("float16", "bfloat16"):
        _norm(cases, smooth(dtype, (3, 2, 4, 5)), op="FusedBatchNormV2", is_training=True)
    for op in ("FusedBatchNorm", "FusedBatchNormV2"):
        _norm(cases, smooth("float32", (4, 3, 2, 5)), op=op, is_training=True, exponential_avg_factor=0.5)


def _norm(cases, x, layout=None, op="FusedBatchNormV3", **attrs) -> None:
    scale, offset, mean = (smooth("float32", (5,), k) for k in (1, 2, 3))
    variance = np.abs(smooth("float32", (5,), 4)) + np.float32(0.5)
    unset = [5] if attrs["is_training"] else [3, 4, 5]
    unset = [k for k in unset if k < 5 or op == "FusedBatchNormV3"]
    cases.add(op, x, scale, offset, mean, variance, layout=layout, gradient=True, unset=unset, **attrs)
