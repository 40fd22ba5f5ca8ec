"""Positions and boxes: what a detector's last steps are made of. Their sizes follow from values."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import show
from framework.ops.inference import Shapes, at_least_rank, input_flops, product, static_scalar, static_vector

_FLOATS = "{half, float}"


def _where_shape(call: Call) -> Shapes:
    shape = call.shapes[0]
    return [(None, None if shape is None else len(shape))]


register_op(
    "Where",
    inputs="input: T",
    outputs="index: int64",
    attrs="T: {float, double, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, half, uint32, "
    "uint64, bool} = bool",
    shape=_where_shape,
    traceable=False,
    flops=input_flops(),
    wrapper="positions_where",
    doc="The positions of the elements that are not 0, in row-major order: [how many, rank].",
)


def _check_boxes(call: Call) -> None:
    boxes, scores = call.rank(0, 2), call.rank(1, 1)
    if boxes is not None and boxes[1] not in (4, None):
        raise call.fail(f"boxes are [boxes, 4], found {show(boxes)}")
    if boxes is not None and scores is not None and None not in (boxes[0], scores[0]) and boxes[0] != scores[0]:
        raise call.fail(f"there are {boxes[0]} boxes and {scores[0]} scores")
    for index in range(2, len(call.shapes)):
        static_scalar(call, index) if call.dtypes[index].is_integer else call.rank(index, 0)


def _selected_shape(call: Call) -> Shapes:
    _check_boxes(call)
    return [(None,)]


def _padded_shape(call: Call) -> Shapes:
    _check_boxes(call)
    most = static_scalar(call, 2) if call.attrs["pad_to_max_output_size"] else None
    return [(most,), ()]


def _soft_shape(call: Call) -> Shapes:
    _check_boxes(call)
    most = static_scalar(call, 2) if call.attrs["pad_to_max_output_size"] else None
    return [(most,), (most,), ()]


_BOXES = "boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold"
_THRESHOLDS = f"T: {_FLOATS} = float, T_threshold: {_FLOATS} = float"
_GREEDY = (
    "The boxes [y1, x1, y2, x2] that are left, best first, when each takes away those that overlap it by more than "
    "`iou_threshold` (intersection over union). selected_indices: positions among `boxes`."
)

register_op(
    "NonMaxSuppressionV2",
    inputs=_BOXES,
    outputs="selected_indices: int32",
    attrs=_THRESHOLDS,
    shape=_selected_shape,
    traceable=False,
    flops=input_flops(),
    doc=_GREEDY,
)
register_op(
    "NonMaxSuppressionV3",
    inputs=f"{_BOXES}, score_threshold: T_threshold",
    outputs="selected_indices: int32",
    attrs=_THRESHOLDS,
    shape=_selected_shape,
    traceable=False,
    flops=input_flops(),
    doc=_GREEDY + " Boxes with a score of at most `score_threshold` are left out.",
)
register_op(
    "NonMaxSuppressionV4",
    inputs=f"{_BOXES}, score_threshold: T_threshold",
    outputs="selected_indices: int32, valid_outputs: int32",
    attrs=f"{_THRESHOLDS}, pad_to_max_output_size: bool = false",
    shape=_padded_shape,
    traceable=False,
    flops=input_flops(),
    doc=_GREEDY + " With `pad_to_max_output_size`, zeros follow; `valid_outputs` says how many are boxes.",
)
register_op(
    "NonMaxSuppressionV5",
    inputs="boxes: T, scores: T, max_output_size: int32, iou_threshold: T, score_threshold: T, soft_nms_sigma: T",
    outputs="selected_indices: int32, selected_scores: T, valid_outputs: int32",
    attrs=f"T: {_FLOATS} = float, pad_to_max_output_size: bool = false",
    shape=_soft_shape,
    traceable=False,
    flops=input_flops(),
    doc=_GREEDY + " Where `soft_nms_sigma` is above 0, overlaps lower a score by exp(-iou^2 / (2 sigma)) instead of "
    "taking the box away (Bodla et al., ICCV 2017).",
)


def _combined_shape(call: Call) -> Shapes:
    boxes, scores = call.rank(0, 4), call.rank(1, 3)
    of_class, total = static_scalar(call, 2), static_scalar(call, 3)
    call.rank(4, 0)
    call.rank(5, 0)
    classes = scores[2] if scores else None
    if boxes is not None and boxes[3] not in (4, None):
        raise call.fail(f"boxes are [batch, boxes, classes or 1, 4], found {show(boxes)}")
    if boxes is not None and None not in (boxes[2], classes) and boxes[2] not in (1, classes):
        raise call.fail(f"boxes are those of 1 class or of all {classes}, found {show(boxes)}")
    if boxes is not None and scores is not None and None not in (boxes[1], scores[1]) and boxes[1] != scores[1]:
        raise call.fail(f"there are {boxes[1]} boxes and {scores[1]} scores")
    most = total
    if call.attrs["pad_per_class"]:
        at_most = product([of_class, classes])
        most = None if total is None or at_most is None else min(total, at_most)
    batch = boxes[0] if boxes is not None and boxes[0] is not None else scores[0] if scores is not None else None
    return [(batch, most, 4), (batch, most), (batch, most), (batch,)]


register_op(
    "CombinedNonMaxSuppression",
    inputs="boxes: float, scores: float, max_output_size_per_class: int32, max_total_size: int32, "
    "iou_threshold: float, score_threshold: float",
    outputs="nmsed_boxes: float, nmsed_scores: float, nmsed_classes: float, valid_detections: int32",
    attrs="pad_per_class: bool = false, clip_boxes: bool = true",
    shape=_combined_shape,
    traceable=False,
    flops=input_flops(),
    doc="NonMaxSuppression of each image of a batch and each class by itself, and the best of all classes together. "
    "boxes: [batch, boxes, classes or 1, 4]; scores: [batch, boxes, classes]. Zeros follow what is left; "
    "`valid_detections` says how many that is, `clip_boxes` that boxes are cut to [0, 1].",
)


def _crop_shape(call: Call) -> Shapes:
    image, boxes, owners = call.rank(0, 4), call.rank(1, 2), call.rank(2, 1)
    size = static_vector(call, 3)
    if boxes is not None and boxes[1] not in (4, None):
        raise call.fail(f"boxes are [boxes, 4], found {show(boxes)}")
    if size is not None and (len(size) != 2 or min(size) < 1):
        raise call.fail(f"crop_size must be a height and width of at least 1, found {list(size)}")
    count = boxes[0] if boxes is not None and boxes[0] is not None else owners[0] if owners is not None else None
    height, width = size or (None, None)
    return [(count, height, width, image[3] if image is not None else None)]


register_op(
    "CropAndResize",
    inputs="image: T, boxes: float, box_ind: int32, crop_size: int32",
    outputs="crops: float",
    attrs="T: {uint8, uint16, int8, int16, int32, int64, half, float, double}, "
    "method: {'bilinear', 'nearest'} = 'bilinear', extrapolation_value: float = 0",
    shape=_crop_shape,
    flops=lambda call, outputs: None if outputs[0] is None else product([8, *outputs[0]]),
    doc="Parts of images in one size. boxes: [boxes, 4] as [y1, x1, y2, x2] from 0 to 1 in the image that `box_ind` "
    "names; what lies outside is `extrapolation_value`.",
)


def _patches_shape(call: Call) -> Shapes:
    image = at_least_rank(call, 0, 4)
    for name in ("ksizes", "strides", "rates"):
        numbers = call.attrs[name]
        if len(numbers) != 4 or any(n < 1 for n in numbers) or numbers[0] != 1 or numbers[3] != 1:
            raise call.fail(f"attribute '{name}' must be [1, rows, columns, 1], found {list(numbers)}")
    if image is None:
        return [(None,) * 4]
    sizes: list[int | None] = []
    for axis in (1, 2):
        reach = (call.attrs["ksizes"][axis] - 1) * call.attrs["rates"][axis] + 1
        size, stride = image[axis], call.attrs["strides"][axis]
        if size is None:
            sizes.append(None)
        elif call.attrs["padding"] == "SAME":
            sizes.append(-(-size // stride))
        elif size < reach:
            raise call.fail(f"a patch that reaches over {reach} pixels does not fit into the {size} of axis {axis}")
        else:
            sizes.append((size - reach) // stride + 1)
    depth = product([call.attrs["ksizes"][1], call.attrs["ksizes"][2], image[3]])
    return [(image[0], *sizes, depth)]


register_op(
    "ExtractImagePatches",
    inputs="images: T",
    outputs="patches: T",
    attrs="ksizes: list(int) >= 4, strides: list(int) >= 4, rates: list(int) >= 4, T: {bfloat16, half, float, double, "
    "int8, int16, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128, bool}, "
    "padding: {'SAME', 'VALID'}",
    shape=_patches_shape,
    flops=lambda call, outputs: 0,
    doc="The window around each position as channels: [batch, rows, columns, ksize rows * ksize columns * channels].",
)
