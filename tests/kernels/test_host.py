"""Ops that write strings against what TensorFlow itself wrote: see tests/tf_cases/host.py."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tensorboard.compat.proto.summary_pb2 import Summary  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.util.tensor_util import make_ndarray

from framework import ops
from framework.errors import GraphError, InvalidArgumentError
from framework.graph import Graph, as_dtype
from framework.graph.opdef import lookup
from framework.kernels.summaries import bucket_limits, to_bytes
from framework.runtime.session import Session

FILE = Path(__file__).parents[1] / "tf_cases" / "host.json"


@dataclass(frozen=True)
class Case:
    """One use of an op and what TensorFlow made of it."""

    op: str
    attrs: dict[str, Any]
    inputs: list[np.ndarray]
    output: np.ndarray

    def run(self) -> Any:
        """What a session makes of it, fed all inputs."""
        with Graph().as_default() as graph:
            tensors = [
                graph.add("Placeholder", attrs={"dtype": dtype_of(x), "shape": x.shape}).outputs[0] for x in self.inputs
            ]
            counted = {"N": len(tensors)} if "N" in lookup(self.op).attrs else {}
            (result,) = graph.add(self.op, tensors, {**self.attrs, **counted}).outputs
        assert result.shape == self.output.shape
        return Session(graph).run(result, dict(zip(tensors, self.inputs, strict=True)))


def dtype_of(array: np.ndarray) -> Any:
    return as_dtype("string") if array.dtype == object else as_dtype(array.dtype)


def array(stored: dict[str, Any]) -> np.ndarray:
    if stored["dtype"] == "string":
        found = np.empty(len(stored["data"]), object)
        found[:] = [base64.b64decode(item) for item in stored["data"]]
        return found.reshape(stored["shape"])
    return np.frombuffer(base64.b64decode(stored["data"]), as_dtype(stored["dtype"]).numpy).reshape(stored["shape"])


CASES = [
    Case(entry["op"], entry["attrs"], [array(x) for x in entry["inputs"]], array(entry["output"]))
    for entry in json.loads(FILE.read_text())
]


def of(*names: str) -> list[Any]:
    chosen = [case for case in CASES if case.op in names]
    assert {case.op for case in chosen} == set(names)
    return [
        pytest.param(c, id=f"{c.op}-{k}-{c.attrs}-{[f'{dtype_of(x)}{x.shape}' for x in c.inputs]}")
        for k, c in enumerate(chosen)
    ]


def summary(text: Any) -> Any:
    message = Summary()
    message.MergeFromString(text if isinstance(text, bytes) else text[()])
    return message


@pytest.mark.parametrize("case", of("AsString", "StringJoin", "ShardedFilename", "MergeSummary", "ScalarSummary"))
def test_strings_are_tensorflows(case: Case) -> None:
    found = np.asarray(case.run(), dtype=object)
    assert found.tolist() == case.output.tolist()


@pytest.mark.parametrize("case", of("HistogramSummary"))
def test_histograms_are_tensorflows(case: Case) -> None:
    (found,), (expected,) = summary(case.run()).value, summary(case.output).value
    assert found.tag == expected.tag
    assert list(found.histo.bucket_limit) == list(expected.histo.bucket_limit)
    assert list(found.histo.bucket) == list(expected.histo.bucket)
    for field in ("min", "max", "num", "sum", "sum_squares"):
        assert getattr(found.histo, field) == pytest.approx(getattr(expected.histo, field), rel=1e-12), field


@pytest.mark.parametrize("case", of("ImageSummary"))
def test_images_are_tensorflows(case: Case) -> None:
    found, expected = summary(case.run()).value, summary(case.output).value
    assert [value.tag for value in found] == [value.tag for value in expected]
    for one, other in zip(found, expected, strict=True):
        for field in ("height", "width", "colorspace"):
            assert getattr(one.image, field) == getattr(other.image, field)
        pictures = [Image.open(io.BytesIO(value.image.encoded_image_string)) for value in (one, other)]
        assert pictures[0].mode == pictures[1].mode
        np.testing.assert_array_equal(*(np.asarray(picture) for picture in pictures))


@pytest.mark.parametrize("case", of("TensorSummaryV2"))
def test_tensor_summaries_are_tensorflows(case: Case) -> None:
    (found,), (expected,) = summary(case.run()).value, summary(case.output).value
    assert (found.tag, found.metadata) == (expected.tag, expected.metadata)
    np.testing.assert_array_equal(make_ndarray(found.tensor), make_ndarray(expected.tensor))


def test_buckets_grow_by_a_tenth() -> None:
    limits = bucket_limits()
    assert limits[limits.size // 2] == 0
    np.testing.assert_array_equal(limits, -limits[::-1])
    positive = limits[limits.size // 2 + 1 : -1]
    assert positive[0] == 1e-12
    np.testing.assert_allclose(positive[1:] / positive[:-1], 1.1, rtol=1e-12)
    assert positive[-1] < 1e20 <= positive[-1] * 1.1


def test_bad_pixels_take_the_color_that_is_given() -> None:
    image = np.float32([[[1, 2, 3], [np.nan, 0, 0]]])
    assert to_bytes(image, np.uint8([9, 8, 7])).tolist() == [[[85, 170, 255], [9, 8, 7]]]


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: ops.histogram_summary("h", [1.0, np.nan]), "HistogramSummary: the values for 'h' hold NaN"),
        (lambda: ops.histogram_summary("h", [1.0, -np.inf]), "'h' hold infinity"),
        (lambda: ops.merge_summary([ops.scalar_summary("a", 1.0), ops.scalar_summary("a", 2.0)]), "the tag 'a'"),
        (lambda: ops.scalar_summary(ops.placeholder("string", name="tags"), 2.0), r"\(1,\) tags"),
    ],
)
def test_values_that_no_summary_can_hold_are_named(build, said) -> None:
    with Graph().as_default() as graph:
        result = build()
    feeds: Any = {"tags:0": [b"a"]} if "tags" in graph else {}
    with pytest.raises(InvalidArgumentError, match=said):
        Session(graph).run(result, feeds)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: ops.scalar_summary(["a", "b"], [1.0]), ["2", "1"]),
        (lambda: ops.scalar_summary("a", 1j), ["complex128"]),
        (lambda: ops.image_summary("i", np.zeros((1, 2, 2, 2), np.float32)), ["1, 3 or 4 channels", "[1, 2, 2, 2]"]),
        (lambda: ops.image_summary("i", np.zeros((2, 2, 3), np.float32)), ["'tensor'", "rank 4"]),
        (lambda: ops.image_summary("i", np.zeros((1, 2, 2, 1), np.float32), max_images=0), ["at least 1"]),
        (lambda: ops.as_string(1, precision=2), ["precision", "int32"]),
        (lambda: ops.as_string(1.0, fill="0"), ["'fill'", "'width'"]),
        (lambda: ops.string_join([["a", "b"], ["c"]]), ["2 and 1"]),
    ],
)
def test_mistakes_are_found_while_the_graph_is_built(build, said) -> None:
    with Graph().as_default(), pytest.raises(GraphError) as error:
        build()
    for text in said:
        assert text in str(error.value)
