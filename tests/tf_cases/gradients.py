"""Cases of the gradient ops that graphs of training programs hold."""

from __future__ import annotations

import itertools

import numpy as np
import tensorflow as tf
from recorder import FLOATS, Recorder, allowed_types, grid, smooth

OF_INPUTS = ("ReluGrad", "Relu6Grad", "LeakyReluGrad", "EluGrad", "SeluGrad", "SoftplusGrad", "SoftsignGrad")
OF_OUTPUTS = ("SigmoidGrad", "TanhGrad", "RsqrtGrad", "SqrtGrad", "ReciprocalGrad", "InvGrad")
LAYOUTS = (None, "NCHW")
EXPLICIT = [0, 0, 1, 2, 0, 1, 0, 0]


def activation_gradients() -> Recorder:
    cases = Recorder("activation_gradients")
    for op in (*OF_INPUTS, *OF_OUTPUTS):
        # TensorFlow's second derivative of Selu is that of Elu.
        twice = op != "SeluGrad"
        for dtype in allowed_types(op):
            first = grid(dtype, (3, 4), 1, positive=op in OF_OUTPUTS)
            cases.add(op, first, grid(dtype, (3, 4), 2), gradient=twice and dtype in FLOATS)
        for shape in ((), (0, 3)):
            cases.add(op, grid("float32", shape, 3, positive=True), grid("float32", shape, 4), gradient=twice)
    cases.add("LeakyReluGrad", grid("float32", (9,), 1), grid("float32", (9,), 2), gradient=True, alpha=0.5)
    cases.add("Relu6Grad", np.ones(4, np.float32), np.float32([0, 3, 6, 7]), gradient=True)
    return cases


def network_gradients() -> Recorder:
    cases = Recorder("network_gradients")
    for dtype in allowed_types("BiasAddGrad"):
        cases.add("BiasAddGrad", grid(dtype, (2, 3, 4)), gradient=dtype in FLOATS)
    for shape, data_format in itertools.product(((2, 3), (2, 3, 4, 2), (0, 3), (2, 3, 1, 2, 2)), ("NHWC", "NCHW")):
        cases.add("BiasAddGrad", smooth("float32", shape), data_format=data_format, gradient=True)
    _filters(cases)
    _pools(cases)
    _norms(cases)
    return cases


def _filters(cases) -> None:
    steps = [((3, 3), [1, 1], [1, 1]), ((2, 3), [2, 2], [1, 1]), ((2, 2), [1, 1], [2, 2])]
    for op, forward in (
        ("Conv2DBackpropFilter", tf.raw_ops.Conv2D),
        ("DepthwiseConv2dNativeBackpropFilter", tf.raw_ops.DepthwiseConv2dNative),
    ):
        for dtype, layout, padding in [
            *((dtype, None, "SAME") for dtype in allowed_types(op)),
            *itertools.product(["float32"], LAYOUTS, ("SAME", "VALID", "EXPLICIT")),
        ]:
            for window, strides, dilations in steps if dtype == "float32" else steps[:1]:
                if op.startswith("Depthwise") and dilations != [1, 1]:
                    continue  # TensorFlow has no kernel for CPUs
                explicit = {"explicit_paddings": EXPLICIT} if padding == "EXPLICIT" else {}
                attrs = {"strides": [1, *strides, 1], "dilations": [1, *dilations, 1], "padding": padding} | explicit
                image, sizes = smooth(dtype, (2, 6, 5, 2)), (*window, 2, 3)
                output = forward(input=tf.ones(image.shape), filter=tf.ones(sizes), **attrs).shape
                given = smooth(dtype, tuple(output), 3)
                options = {"constants": [1], "images": (0, 2), "layout": layout, "gradient": True}
                options["makes_image"] = False
                cases.add(op, image, np.int32(sizes), given, **options, **attrs)


def _pools(cases) -> None:
    windows = [([2, 2], [2, 2]), ([3, 2], [1, 2]), ([2, 3], [3, 1])]
    for dtype, layout, padding in [
        *((dtype, None, "SAME") for dtype in allowed_types("MaxPoolGrad")),
        *itertools.product(["float32"], LAYOUTS, ("SAME", "VALID", "EXPLICIT")),
    ]:
        for ksize, strides in windows if dtype == "float32" else windows[1:2]:
            explicit = {"explicit_paddings": [0, 0, 1, 0, 0, 1, 0, 0]} if padding == "EXPLICIT" else {}
            attrs = {"ksize": [1, *ksize, 1], "strides": [1, *strides, 1], "padding": padding} | explicit
            x = grid(dtype, (2, 6, 5, 2), 1)
            y = tf.raw_ops.MaxPool(input=tf.cast(x, tf.float64), **attrs).numpy().astype(x.dtype)
            given = grid(dtype, y.shape, 2)
            cases.add("MaxPoolGrad", x, y, given, layout=layout, images=(0, 1, 2), **attrs)
            if padding != "EXPLICIT" and dtype in FLOATS:
                options = {"constants": [0], "images": (0, 1), "layout": layout, "gradient": True}
                cases.add("AvgPoolGrad", np.int32(x.shape), given, **options, **attrs)


def _norms(cases) -> None:
    for op, training, layout in itertools.product(
        ("FusedBatchNormGrad", "FusedBatchNormGradV2", "FusedBatchNormGradV3"), (True, False), LAYOUTS
    ):
        for dtype in allowed_types(op):
            x, dy = smooth(dtype, (4, 3, 2, 5), 1), smooth(dtype, (4, 3, 2, 5), 2)
            mean = x.astype(np.float32).mean((0, 1, 2))
            variance = x.astype(np.float32).var((0, 1, 2))
            vectors = [smooth("float32", (5,), 3), mean, variance] + [np.zeros(5, np.float32)] * op.endswith("V3")
            options = {"layout": layout, "images": (0, 1)}
            cases.add(op, dy, x, *vectors, epsilon=0.125, is_training=training, **options)
