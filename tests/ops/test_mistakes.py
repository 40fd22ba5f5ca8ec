"""A use of an op that cannot be is refused while the graph is built, in words that name what was found."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError
from framework.graph import Graph, Tensor


def f(*shape: int | None) -> Tensor:
    return ops.placeholder("float32", shape)


def i(*shape: int | None) -> Tensor:
    return ops.placeholder("int32", shape)


IMAGE = (2, 8, 8, 4)
VECTOR = np.zeros(4, np.float32)
POOL = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}
CONV = {"strides": [1, 1, 1, 1], "padding": "SAME"}


def norm(x: Tensor, *vectors: int) -> object:
    return ops.fused_batch_norm(x, *(np.zeros(n, np.float32) for n in vectors), name="n")


def projected(*transforms: int, size: object = (2, 2), **attrs: str) -> object:
    attrs = {"interpolation": "NEAREST", **attrs}
    return ops.image_projective_transform_v3(f(*IMAGE), f(*transforms), size, 0.0, name="n", **attrs)


def moved(size: object, scale: Tensor, **attrs: str) -> object:
    return ops.scale_and_translate(f(*IMAGE), size, scale, np.zeros(2, np.float32), name="n", **attrs)


def combined(boxes: Tensor, scores: Tensor) -> object:
    return ops.combined_non_max_suppression(boxes, scores, 2, 3, 0.5, 0.1, name="n")


def transposed(sizes: object, kernel: Tensor, given: Tensor) -> object:
    return ops.conv3d_backprop_input(sizes, kernel, given, strides=[1] * 5, padding="SAME", name="n")


MISTAKES: dict[str, tuple[Callable[[], object], list[str]]] = {
    # volumes, images and boxes
    "Conv3DBackpropInputV2": (lambda: transposed([2, 4, 4], f(1, 1, 1, 3, 2), f(2, 4, 4, 4, 2)), ["[2, 4, 4]", "5"]),
    "Conv3DBackpropInputV2 size": (
        lambda: transposed([2, 4, 4, 4, 3], f(1, 1, 1, 3, 2), f(2, 4, 5, 4, 2)),
        ["size 4 along axis 2", "[2, 4, 5, 4, 2]"],
    ),
    "Conv3DBackpropInputV2 channels": (
        lambda: transposed([2, 4, 4, 4, 4], f(1, 1, 1, 3, 2), f(2, 4, 4, 4, 2)),
        ["4 channels", "[1, 1, 1, 3, 2]"],
    ),
    "ResizeArea": (lambda: ops.resize_area(f(*IMAGE), [0, 2], name="n"), ["size", "[0, 2]"]),
    "ScaleAndTranslate": (lambda: moved([2, 2], f(3)), ["'scale'", "[3]"]),
    "ScaleAndTranslate kernel": (lambda: moved([2, 2], f(2), kernel_type="cubic"), ["keyscubic", "'cubic'"]),
    "CombinedNonMaxSuppression": (lambda: combined(f(1, 5, 2, 4), f(1, 5, 3)), ["all 3", "[1, 5, 2, 4]"]),
    "CombinedNonMaxSuppression count": (lambda: combined(f(1, 5, 1, 4), f(1, 6, 3)), ["5 boxes and 6 scores"]),
    "Bucketize": (lambda: ops.bucketize(f(3), boundaries=[2.0, 1.0], name="n"), ["'boundaries'", "[2.0, 1.0]"]),
    # arithmetic, logic
    "Add": (lambda: ops.add(f(2, 3), f(2), name="n"), ["[2, 3]", "[2]", "broadcast"]),
    "Mul": (lambda: ops.multiply(f(2), i(2), name="n"), ["'y'", "float32", "int32"]),
    "FloorMod": (lambda: ops.floormod(f(2, 3), f(4, 3), name="n"), ["[4, 3]"]),
    "Pow": (lambda: ops.pow(np.uint8(1), np.uint8(1), name="n"), ["'T'", "uint8", "bfloat16"]),
    "Exp": (lambda: ops.exp(i(2), name="n"), ["'T'", "int32", "float32"]),
    "Neg": (lambda: ops.negative(np.uint8(1), name="n"), ["'T'", "uint8"]),
    "AddN": (lambda: ops.add_n([f(2), f(3)], name="n"), ["2 and 3"]),
    "AddN of nothing": (lambda: ops.add_n([], name="n"), ["'N'", "at least 1", "0"]),
    "Cast": (lambda: ops.cast(f(2), "float33", name="n"), ["float33", "float32"]),
    "Less": (lambda: ops.less(True, False, name="n"), ["'T'", "bool"]),
    "Equal": (lambda: ops.equal(f(2), f(3), name="n"), ["[2]", "[3]", "broadcast"]),
    "LogicalAnd": (lambda: ops.logical_and(f(2), True, name="n"), ["'x'", "bool", "float32"]),
    "SelectV2": (lambda: ops.where(np.zeros(3, bool), f(2), f(2), name="n"), ["[3]", "[2]"]),
    "Select": (lambda: ops.select(np.zeros(3, bool), f(2, 3), f(2, 3), name="n"), ["3 and 2", "[2, 3]"]),
    "ClipByValue": (lambda: ops.clip_by_value(f(3), np.zeros((2, 3), np.float32), 1.0, name="n"), ["[3]", "[2, 3]"]),
    "Round": (lambda: ops.round(np.complex64(1), name="n"), ["'T'", "complex64"]),
    # matrices
    "BatchMatMul": (lambda: ops.batch_matmul_v1(f(2, 1, 3), f(1, 3, 1), name="n"), ["2 and 1"]),
    "MatrixBandPart": (lambda: ops.matrix_band_part(f(3), 0, 0, name="n"), ["'input'", "rank 2 or more", "[3]"]),
    "Cumsum": (lambda: ops.cumsum(f(2, 3), 2, name="n"), ["axis 2", "rank-2"]),
    "Einsum": (lambda: ops.einsum([f(2, 3), f(3, 4)], "ij,jk", name="n"), ["'equation'", "ij,jk->ik", "'ij,jk'"]),
    "Einsum sizes": (lambda: ops.einsum([f(2, 3), f(4, 5)], "ij,jk->ik", name="n"), ["3 and 4", "[2, 3]", "[4, 5]"]),
    "Einsum rank": (lambda: ops.einsum([f(2, 3)], "ijk->ij", name="n"), ["'ijk'", "2 axes", "[2, 3]"]),
    "Einsum tensors": (lambda: ops.einsum([f(2, 3)], "ij,jk->ik", name="n"), ["2 tensors", "found 1"]),
    "Einsum output": (lambda: ops.einsum([f(2, 3)], "ij->ik", name="n"), ["'equation'", "'ij->ik'"]),
    "Einsum rest": (lambda: ops.einsum([f(2, 3)], "...j->j", name="n"), ["'...'", "'...j->j'"]),
    "TopKV2": (lambda: ops.top_k(f(2, 3), 4, name="n"), ["'k' is 4", "[2, 3]", "3 elements"]),
    "InTopKV2": (lambda: ops.in_top_k(f(2, 3), i(3), 1, name="n"), ["2 rows", "3 'targets'"]),
    "MatMul rank": (lambda: ops.matmul(f(2, 3, 4), f(4, 5), name="n"), ["'a'", "rank 2", "[2, 3, 4]"]),
    "MatMul inner": (lambda: ops.matmul(f(2, 3), f(2, 3), name="n"), ["inner", "3 and 2", "[2, 3]"]),
    "MatMul transposed": (lambda: ops.matmul(f(2, 3), f(3, 2), transpose_a=True, name="n"), ["2 and 3", "transposed"]),
    "BatchMatMulV2": (lambda: ops.batch_matmul(f(3), f(3, 2), name="n"), ["'x'", "rank 2 or more", "[3]"]),
    "BatchMatMulV2 batch": (lambda: ops.batch_matmul(f(2, 1, 3), f(5, 3, 1), name="n"), ["[2]", "[5]"]),
    "Sum axis": (lambda: ops.reduce_sum(f(2, 3), 2, name="n"), ["axis 2", "rank-2"]),
    "Sum twice": (lambda: ops.reduce_sum(f(2, 3), [1, -1], name="n"), ["once", "[1, -1]"]),
    "Mean axes": (lambda: ops.reduce_mean(f(2, 3), [[0]], name="n"), ["'reduction_indices'", "rank 0 or 1", "[1, 1]"]),
    "Max": (lambda: ops.reduce_max(np.complex64(1), name="n"), ["'T'", "complex64"]),
    "All": (lambda: ops.reduce_all(f(2), name="n"), ["'input'", "bool", "float32"]),
    "ArgMax": (lambda: ops.argmax(f(2, 3), -3, name="n"), ["axis -3", "rank-2"]),
    "ArgMax empty": (lambda: ops.argmax(f(2, 0), 1, name="n"), ["axis 1", "[2, 0]", "empty"]),
    "ArgMax type": (lambda: ops.argmax(f(2), 0, output_type="float32", name="n"), ["'output_type'", "int64"]),
    "ArgMin empty": (lambda: ops.argmin(f(2, 0), 1, name="n"), ["axis 1", "[2, 0]", "empty"]),
    # images
    "LRN": (lambda: ops.lrn(f(8, 8, 4), name="n"), ["'input'", "rank 4", "[8, 8, 4]"]),
    "SpaceToDepth": (lambda: ops.space_to_depth(f(2, 9, 8, 4), 2, name="n"), ["axis 1", "size 9", "multiple of 2"]),
    "DepthToSpace": (lambda: ops.depth_to_space(f(2, 8, 8, 6), 2, name="n"), ["axis 3", "size 6", "multiple of 4"]),
    "SpaceToDepth size": (lambda: ops.space_to_depth(f(*IMAGE), 1, name="n"), ["'block_size'", "at least 2", "1"]),
    "DepthwiseConv2dNative": (
        lambda: ops.depthwise_conv2d(f(*IMAGE), f(3, 3, 3, 2), **CONV, name="n"),
        ["4 and 3", "[3, 3, 3, 2]"],
    ),
    "DepthwiseConv2dNative strides": (
        lambda: ops.depthwise_conv2d(f(*IMAGE), f(3, 3, 4, 2), strides=[1, 2, 1, 1], padding="SAME", name="n"),
        ["'strides'", "equal", "2, 1"],
    ),
    "Conv2DBackpropInput": (
        lambda: ops.conv2d_backprop_input([2, 8, 8, 3], f(3, 3, 3, 5), f(2, 7, 8, 5), **CONV, name="n"),
        ["[2, 8, 8, 3]", "size 8 along axis 1", "[2, 7, 8, 5]"],
    ),
    "Conv2DBackpropInput channels": (
        lambda: ops.conv2d_backprop_input([8, 8], f(3, 3, 3, 5), f(2, 8, 8, 4), **CONV, name="n"),
        ["5 channels", "[2, 8, 8, 4]"],
    ),
    "Conv2DBackpropInput sizes": (
        lambda: ops.conv2d_backprop_input([8, 8, 3], f(3, 3, 3, 5), f(2, 8, 8, 5), **CONV, name="n"),
        ["input_sizes", "[8, 8, 3]"],
    ),
    "ResizeBilinear": (lambda: ops.resize_bilinear(f(*IMAGE), [0, 8], name="n"), ["at least 1", "[0, 8]"]),
    "ResizeNearestNeighbor": (
        lambda: ops.resize_nearest_neighbor(f(*IMAGE), [4, 4], align_corners=True, half_pixel_centers=True, name="n"),
        ["align_corners", "half_pixel_centers"],
    ),
    "Conv2D rank": (
        lambda: ops.conv2d(f(2, 8, 8), f(3, 3, 4, 4), **CONV, name="n"),
        ["'input'", "rank 4", "[2, 8, 8]"],
    ),
    "Conv2D channels": (
        lambda: ops.conv2d(f(*IMAGE), f(3, 3, 3, 4), **CONV, name="n"),
        ["4 channels", "3", "[3, 3, 3, 4]"],
    ),
    "Conv2D groups": (lambda: ops.conv2d(f(*IMAGE), f(3, 3, 2, 3), **CONV, name="n"), ["3 filters", "2 groups"]),
    "Conv2D padding": (
        lambda: ops.conv2d(f(*IMAGE), f(3, 3, 4, 4), [1, 1, 1, 1], "SAM", name="n"),
        ["'padding'", "SAME, VALID, EXPLICIT", "'SAM'", "did you mean 'SAME'"],
    ),
    "Conv2D strides": (
        lambda: ops.conv2d(f(*IMAGE), f(3, 3, 4, 4), [1, 2], "SAME", name="n"),
        ["'strides'", "4 positive numbers", "[1, 2]"],
    ),
    "Conv2D batch stride": (
        lambda: ops.conv2d(f(*IMAGE), f(3, 3, 4, 4), [2, 1, 1, 1], "SAME", name="n"),
        ["'strides'", "1 for batch and channels", "[2, 1, 1, 1]"],
    ),
    "Conv2D window": (
        lambda: ops.conv2d(f(*IMAGE), f(9, 3, 4, 4), [1, 1, 1, 1], "VALID", name="n"),
        ["9 elements", "8 of axis 1"],
    ),
    "Conv2D explicit": (
        lambda: ops.conv2d(f(*IMAGE), f(3, 3, 4, 4), [1, 1, 1, 1], "EXPLICIT", name="n"),
        ["'explicit_paddings'", "8 numbers", "[]"],
    ),
    "Conv2D explicit with SAME": (
        lambda: ops.conv2d(f(*IMAGE), f(3, 3, 4, 4), **CONV, explicit_paddings=[0] * 8, name="n"),
        ["'explicit_paddings'", "EXPLICIT only", "SAME"],
    ),
    "BiasAdd": (lambda: ops.bias_add(f(*IMAGE), f(3), name="n"), ["3 elements", "4 channels", "axis 3"]),
    "BiasAdd rank": (lambda: ops.bias_add(f(4), f(4), name="n"), ["'value'", "rank 2 or more", "[4]"]),
    "MaxPool": (lambda: ops.max_pool(f(8, 8), **POOL, name="n"), ["'input'", "rank 4", "[8, 8]"]),
    "MaxPool list": (
        lambda: ops.max_pool(f(*IMAGE), [2], [1, 2, 2, 1], "SAME", name="n"),
        ["'ksize'", "at least 4", "1"],
    ),
    "MaxPool channels": (
        lambda: ops.max_pool(f(*IMAGE), [1, 2, 2, 4], [1, 2, 2, 4], "SAME", name="n"),
        ["'ksize'", "1 for batch and channels", "[1, 2, 2, 4]"],
    ),
    "AvgPool": (lambda: ops.avg_pool(f(2, 1, 8, 4), **POOL, name="n"), ["2 elements", "1 of axis 1"]),
    "AvgPool type": (lambda: ops.avg_pool(i(*IMAGE), **POOL, name="n"), ["'T'", "int32", "float32"]),
    "FusedBatchNormV3": (lambda: norm(f(*IMAGE), 4, 3, 4, 4), ["'offset'", "3 elements", "4 channels"]),
    "FusedBatchNormV3 rank": (lambda: norm(f(2, 4), 4, 4, 4, 4), ["'x'", "rank 4", "[2, 4]"]),
    # activations, losses
    "Relu": (lambda: ops.relu(True, name="n"), ["'T'", "bool"]),
    "LeakyRelu": (lambda: ops.leaky_relu(f(2), alpha="0.2", name="n"), ["'alpha'", "float", "'0.2'"]),  # type: ignore[arg-type]
    "Softmax": (lambda: ops.softmax(f(), name="n"), ["'logits'", "rank 1 or more", "[]"]),
    "SoftmaxCrossEntropyWithLogits": (
        lambda: ops.softmax_cross_entropy_with_logits(f(2, 3), f(2, 4), name="n"),
        ["[2, 3]", "[2, 4]"],
    ),
    "SoftmaxCrossEntropyWithLogits rank": (
        lambda: ops.softmax_cross_entropy_with_logits(f(3), f(3), name="n"),
        ["rank 2", "[3]"],
    ),
    "SparseSoftmaxCrossEntropyWithLogits": (
        lambda: ops.sparse_softmax_cross_entropy_with_logits(f(2, 3), i(4), name="n"),
        ["2 rows", "4 'labels'"],
    ),
    "L2Loss": (lambda: ops.l2_loss(i(2), name="n"), ["'T'", "int32"]),
    # arrays
    "Reshape": (lambda: ops.reshape(f(2, 3), [4, 2], name="n"), ["[2, 3]", "6 elements", "[4, 2]"]),
    "Reshape part": (lambda: ops.reshape(f(None, 3), [4, 2], name="n"), ["[?, 3]", "[4, 2]"]),
    "Reshape -1": (lambda: ops.reshape(f(2, 3), [-1, 4], name="n"), ["[-1, 4]"]),
    "Reshape two": (lambda: ops.reshape(f(2, 3), [-1, -1], name="n"), ["at most once", "[-1, -1]"]),
    "Squeeze": (lambda: ops.squeeze(f(2, 1), axis=[0], name="n"), ["axis 0", "[2, 1]", "size 2"]),
    "ExpandDims": (lambda: ops.expand_dims(f(2), 3, name="n"), ["axis 3"]),
    "Transpose": (lambda: ops.transpose(f(2, 3), [0, 0], name="n"), ["'perm'", "[2, 3]", "[0, 0]"]),
    "Pad": (lambda: ops.pad(f(2, 3), [[1, 1]], name="n"), ["1 rows", "[2, 3]", "2 axes"]),
    "Pad negative": (lambda: ops.pad(f(2), [[-1, 1]], name="n"), ["at least 0", "-1"]),
    "PadV2": (lambda: ops.pad_v2(f(2), [[1, 1]], [0.0], name="n"), ["'constant_values'", "rank 0", "[1]"]),
    "MirrorPad": (
        lambda: ops.mirror_pad(f(2, 3), [[0, 0], [3, 0]], "REFLECT", name="n"),
        ["axis 1", "[2, 3]", "at most 2", "[3, 0]"],
    ),
    "MirrorPad symmetric": (lambda: ops.mirror_pad(f(2), [[0, 3]], "SYMMETRIC", name="n"), ["at most 2", "[0, 3]"]),
    "BroadcastTo": (lambda: ops.broadcast_to(f(2, 3), [3, 2], name="n"), ["[2, 3]", "[3, 2]", "broadcast"]),
    "BroadcastTo smaller": (lambda: ops.broadcast_to(f(2, 3), [1, 3], name="n"), ["[2, 3]", "[1, 3]", "broadcast"]),
    "ReverseV2": (lambda: ops.reverse(f(2, 3), [1, -1], name="n"), ["once", "[1, -1]"]),
    "Roll": (lambda: ops.roll(f(2, 3), 1, 2, name="n"), ["axis 2", "rank-2"]),
    "Roll shifts": (lambda: ops.roll(f(2, 3), [1, 2], [0], name="n"), ["2 and 1"]),
    "Tile": (lambda: ops.tile(f(2, 3), [2], name="n"), ["'multiples'", "2 numbers", "[2]"]),
    "ConcatV2": (lambda: ops.concat([f(2, 3), f(3, 3)], 1, name="n"), ["2 and 3"]),
    "ConcatV2 scalar": (lambda: ops.concat([f(), f()], 0, name="n"), ["scalars", "stack"]),
    "ConcatV2 one": (lambda: ops.concat([f(2)], 0, name="n"), ["'N'", "at least 2"]),
    "Concat": (lambda: ops.concat_v1(1, [f(2, 3), f(3, 3)], name="n"), ["2 and 3"]),
    "Split": (lambda: ops.split(1, f(2, 5), 2, name="n"), ["axis 1", "[2, 5]", "size 5", "'num_split' 2"]),
    "Split scalar": (lambda: ops.split(0, f(), 1, name="n"), ["'value'", "rank 1 or more"]),
    "SplitV": (lambda: ops.split_v(f(2, 5), [1, 2], 1, 2, name="n"), ["[1, 2]", "add up to the 5"]),
    "SplitV rest": (lambda: ops.split_v(f(2, 5), [6, -1], 1, 2, name="n"), ["[6, -1]", "add up to the 5"]),
    "SplitV number": (lambda: ops.split_v(f(2, 5), [-1, -1], 1, 2, name="n"), ["2 sizes", "one may be -1", "[-1, -1]"]),
    "Pack": (lambda: ops.stack([f(2), f(2, 2)], name="n"), ["[2]", "[2, 2]", "ranks"]),
    "Pack axis": (lambda: ops.stack([f(2)], axis=2, name="n"), ["axis 2"]),
    "Unpack": (lambda: ops.unstack(f(2, 3), 3, name="n"), ["[2, 3]", "size 2", "'num' is 3"]),
    "StridedSlice": (lambda: ops.strided_slice(f(2), [0], [1], [0], name="n"), ["stride", "0"]),
    "StridedSlice index": (
        lambda: ops.strided_slice(f(2), [2], [3], [1], shrink_axis_mask=1, name="n"),
        ["index 2", "axis 0", "[2]"],
    ),
    "StridedSlice axes": (lambda: ops.strided_slice(f(2), [0, 0], [1, 1], [1, 1], name="n"), ["more axes", "[2]"]),
    "Slice": (lambda: ops.slice(f(2, 3), [0, 2], [1, 2], name="n"), ["2 elements from 2", "axis 1", "[2, 3]"]),
    "GatherV2 axis": (lambda: ops.gather(f(2, 3), [0], 2, name="n"), ["axis 2"]),
    "GatherV2 batch": (lambda: ops.gather(f(2, 3), 0, batch_dims=1, name="n"), ["'batch_dims'", "1", "[]"]),
    "Gather": (lambda: ops.gather_v1(f(), [0], name="n"), ["'params'", "rank 1 or more", "[]"]),
    "GatherNd": (lambda: ops.gather_nd(f(2, 3), i(4, 3), name="n"), ["[4, 3]", "3 positions", "[2, 3]", "2 axes"]),
    "LinSpace": (lambda: ops.linspace(0.0, 1.0, 0, name="n"), ["'num'", "at least 1", "0"]),
    "Fill": (lambda: ops.fill([-1], 0.0, name="n"), ["'dims'", "at least 0", "[-1]"]),
    "Range": (lambda: ops.range(0, 3, 0, name="n"), ["'delta'", "0"]),
    "Range never": (lambda: ops.range(0, 3, -1, name="n"), ["3", "-1"]),
    "OneHot": (lambda: ops.one_hot(i(2), -1, name="n"), ["'depth'", "-1"]),
    "OneHot axis": (lambda: ops.one_hot(i(2), 3, axis=2, name="n"), ["axis 2"]),
    "OnesLike": (lambda: Graph().add("OnesLike", [], name="n"), ["1 input (x)", "found 0"]),
    # images
    "ImageProjectiveTransformV3": (lambda: projected(2, 6), ["8 numbers", "[2, 6]"]),
    "ImageProjectiveTransformV3 batch": (lambda: projected(3, 8), ["2 and 3"]),
    "ImageProjectiveTransformV3 size": (lambda: projected(1, 8, size=(0, 2)), ["at least 1", "[0, 2]"]),
    "ImageProjectiveTransformV3 way": (lambda: projected(1, 8, interpolation="CUBIC"), ["BILINEAR", "'CUBIC'"]),
    "ImageProjectiveTransformV3 fill": (lambda: projected(1, 8, fill_mode="WARP"), ["WRAP", "'WARP'"]),
    # state, random numbers
    "Placeholder": (lambda: ops.placeholder("float", [2, "x"], name="n"), ["'shape'"]),  # type: ignore[list-item]
    "PlaceholderWithDefault": (lambda: ops.placeholder_with_default(VECTOR, [3], name="n"), ["[4]", "[3]"]),
    "Assign": (lambda: ops.assign(ops.variable("float32", [2]), VECTOR, name="n"), ["[2]", "[4]"]),
    "RandomUniform": (lambda: ops.random_uniform([2, -1], name="n"), ["'shape'", "at least 0", "[2, -1]"]),
    "RandomStandardNormal": (lambda: ops.random_normal(3, name="n"), ["'shape'", "rank 1", "[]"]),
    "TruncatedNormal": (lambda: ops.truncated_normal([2], dtype="int32", name="n"), ["'dtype'", "int32", "float32"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_names_the_node_what_was_found_and_what_was_allowed(name: str) -> None:
    mistake, words = MISTAKES[name]
    with Graph().as_default(), pytest.raises(GraphError) as caught:
        mistake()
    assert caught.value.node == "n"
    for word in words:
        assert word in str(caught.value), str(caught.value)
