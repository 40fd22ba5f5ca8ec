"""Kernels of positions and boxes: plain NumPy where sizes follow from values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static


@register_kernel("Where")
def where(attrs: Mapping[str, Any], x: Any) -> np.ndarray:
    return np.argwhere(np.asarray(x) != 0).astype(np.int64)


# -- boxes that overlap ---------------------------------------------------------------------------------------------


@register_kernel("NonMaxSuppressionV2")
def non_max_suppression_v2(attrs: Mapping[str, Any], boxes: Any, scores: Any, most: Any, overlap: Any) -> np.ndarray:
    return _suppress(boxes, scores, most, overlap, -np.inf)[0]


@register_kernel("NonMaxSuppressionV3")
def non_max_suppression_v3(
    attrs: Mapping[str, Any], boxes: Any, scores: Any, most: Any, overlap: Any, least: Any
) -> np.ndarray:
    return _suppress(boxes, scores, most, overlap, least)[0]


@register_kernel("NonMaxSuppressionV4")
def non_max_suppression_v4(
    attrs: Mapping[str, Any], boxes: Any, scores: Any, most: Any, overlap: Any, least: Any
) -> tuple[np.ndarray, ...]:
    chosen, _ = _suppress(boxes, scores, most, overlap, least)
    return _filled(attrs, chosen, most), np.asarray(len(chosen), np.int32)


@register_kernel("NonMaxSuppressionV5")
def non_max_suppression_v5(
    attrs: Mapping[str, Any], boxes: Any, scores: Any, most: Any, overlap: Any, least: Any, sigma: Any
) -> tuple[np.ndarray, ...]:
    chosen, kept = _suppress(boxes, scores, most, overlap, least, float(sigma))
    valid = np.asarray(len(chosen), np.int32)
    return _filled(attrs, chosen, most), _filled(attrs, kept, most), valid


@register_kernel("CombinedNonMaxSuppression")
def combined_non_max_suppression(
    attrs: Mapping[str, Any], boxes: Any, scores: Any, of_class: Any, total: Any, overlap: Any, least: Any
) -> tuple[np.ndarray, ...]:
    boxes, scores = np.asarray(boxes), np.asarray(scores)
    batch, _, classes = scores.shape
    most = min(int(total), int(of_class) * classes) if attrs["pad_per_class"] else int(total)
    chosen_boxes = np.zeros((batch, most, 4), np.float32)
    chosen_scores, owners = np.zeros((batch, most), np.float32), np.zeros((batch, most), np.float32)
    valid = np.zeros(batch, np.int32)
    for image in range(batch):
        found: list[tuple[float, int, np.ndarray]] = []
        for owner in range(classes):
            own = boxes[image, :, owner if boxes.shape[2] > 1 else 0]
            left, kept = _suppress(own, scores[image, :, owner], of_class, overlap, least)
            found += [(float(score), owner, own[place]) for place, score in zip(left, kept, strict=True)]
        found = sorted(found, key=lambda one: -one[0])[:most]
        for place, (score, owner, box) in enumerate(found):
            chosen_boxes[image, place] = np.clip(box, 0, 1) if attrs["clip_boxes"] else box
            chosen_scores[image, place], owners[image, place] = score, owner
        valid[image] = len(found)
    return chosen_boxes, chosen_scores, owners, valid


def _filled(attrs: Mapping[str, Any], values: np.ndarray, most: Any) -> np.ndarray:
    missing = int(most) - len(values) if attrs["pad_to_max_output_size"] else 0
    return np.concatenate([values, np.zeros(missing, values.dtype)])


def _suppress(
    boxes: Any, scores: Any, most: Any, overlap: Any, least: Any, sigma: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Positions and scores of the boxes that are left, best first, of equal ones the first.

    With `sigma`, a box whose score was lowered goes back among the others, as in TensorFlow: it is compared only with
    those that were chosen since.
    """
    boxes, kind = np.asarray(boxes).astype(np.float32), np.asarray(scores).dtype
    current = np.asarray(scores).astype(np.float32)
    if sigma <= 0:
        chosen = _suppress_whole(boxes, current, int(most), float(np.float32(overlap)), np.float32(least))
        return chosen, current[chosen].astype(kind)
    waiting = current > np.float32(least)
    seen = np.zeros(len(current), np.int64)  # how many of the chosen a box was compared with
    left: list[int] = []
    while waiting.any() and len(left) < int(most):
        best = int(np.flatnonzero(waiting)[np.argmax(current[waiting])])
        waiting[best] = False
        before = current[best]
        # Those chosen last are the likeliest to overlap it.
        for shared in _overlaps(boxes[best], boxes[left[seen[best] :]])[::-1]:
            current[best] *= np.float32(np.exp(-0.5 / sigma * shared * shared))
            if current[best] <= np.float32(least):
                break
        seen[best] = len(left)
        if current[best] == before:
            left.append(best)
        else:
            waiting[best] = current[best] > np.float32(least)
    return np.asarray(left, np.int32), current[left].astype(kind)


def _suppress_whole(boxes: np.ndarray, scores: np.ndarray, most: int, limit: float, least: np.float32) -> np.ndarray:
    """Positions of the boxes that are left where each chosen one takes away all that overlap it too much."""
    order, chosen = np.argsort(-scores, kind="stable"), list[int]()
    order = order[scores[order] > least]
    while order.size and len(chosen) < most:
        best, order = order[0], order[1:]
        chosen.append(int(best))
        order = order[~(_overlaps(boxes[best], boxes[order]) > limit)]
    return np.asarray(chosen, np.int32)


def _overlaps(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of a box with each of others; corners may be given in any order.

    A box without area overlaps nothing.
    """
    low, high = np.minimum(one[:2], one[2:]), np.maximum(one[:2], one[2:])
    lows, highs = np.minimum(others[:, :2], others[:, 2:]), np.maximum(others[:, :2], others[:, 2:])
    area, areas = np.prod(high - low), np.prod(highs - lows, axis=1)
    shared = np.prod(np.maximum(np.minimum(high, highs) - np.maximum(low, lows), 0), axis=1)
    has_area = (area > 0) & (areas > 0)
    return np.where(has_area, shared / np.where(has_area, area + areas - shared, 1), 0).astype(np.float32)


# -- parts of images ------------------------------------------------------------------------------------------------


@register_kernel("CropAndResize")
def crop_and_resize(
    attrs: Mapping[str, Any], image: jax.Array, boxes: jax.Array, owners: jax.Array, size: np.ndarray
) -> jax.Array:
    image, boxes = jnp.asarray(image).astype(jnp.float32), jnp.asarray(boxes)
    rows, columns = (int(d) for d in static(size, "crop_size"))
    y, y_inside = _positions(boxes[:, 0], boxes[:, 2], image.shape[1], rows)
    x, x_inside = _positions(boxes[:, 1], boxes[:, 3], image.shape[2], columns)
    own = jnp.asarray(owners).astype(jnp.int32)[:, None, None]

    def pixels(rows: jax.Array, columns: jax.Array) -> jax.Array:
        return image.at[own, rows[:, :, None], columns[:, None, :]].get(mode="clip")

    if attrs["method"] == "nearest":
        # std::round: away from zero where two are as near
        crops = pixels(lax.floor(y + 0.5).astype(jnp.int32), lax.floor(x + 0.5).astype(jnp.int32))
    else:
        top, left = lax.floor(y), lax.floor(x)
        down, across = (y - top)[:, :, None, None], (x - left)[:, None, :, None]
        above, below = top.astype(jnp.int32), lax.ceil(y).astype(jnp.int32)
        before, behind = left.astype(jnp.int32), lax.ceil(x).astype(jnp.int32)
        upper = pixels(above, before) + (pixels(above, behind) - pixels(above, before)) * across
        lower = pixels(below, before) + (pixels(below, behind) - pixels(below, before)) * across
        crops = upper + (lower - upper) * down
    inside = (y_inside[:, :, None] & x_inside[:, None, :])[..., None]
    return jnp.where(inside, crops, jnp.full((), attrs["extrapolation_value"], crops.dtype)[None, None, None, None])


def _positions(first: jax.Array, last: jax.Array, length: int, output: int) -> tuple[jax.Array, jax.Array]:
    """Where along an axis each pixel of each crop lies, [boxes, output], and whether that is inside of the image."""
    edge = np.float32(length - 1)
    if output > 1:
        step = (last - first) * edge / np.float32(output - 1)
        found = (first * edge)[:, None] + np.arange(output, dtype=np.float32)[None] * step[:, None]
    else:
        found = (np.float32(0.5) * (first + last) * edge)[:, None]
    return found, (found >= 0) & (found <= edge)


@register_kernel("ExtractImagePatches")
def extract_image_patches(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    x, parts = jnp.asarray(x), []
    reach = [(attrs["ksizes"][axis] - 1) * attrs["rates"][axis] + 1 for axis in (1, 2)]
    margins, counts = [(0, 0)], []
    for k, axis in enumerate((1, 2)):
        size, stride = x.shape[axis], attrs["strides"][axis]
        is_same = attrs["padding"] == "SAME"
        counts.append(-(-size // stride) if is_same else (size - reach[k]) // stride + 1)
        total = max((counts[k] - 1) * stride + reach[k] - size, 0) if is_same else 0
        margins.append((total // 2, total - total // 2))
    x = jnp.pad(x, [*margins, (0, 0)])
    for row, column in np.ndindex(attrs["ksizes"][1], attrs["ksizes"][2]):
        first = [row * attrs["rates"][1], column * attrs["rates"][2]]
        stop = [first[k] + (counts[k] - 1) * attrs["strides"][k + 1] + 1 for k in (0, 1)]
        parts.append(lax.slice(x, (0, *first, 0), (x.shape[0], *stop, x.shape[3]), (1, *attrs["strides"][1:3], 1)))
    return jnp.concatenate(parts, 3)
