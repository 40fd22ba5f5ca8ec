"""Ops that work on the host: they take or give strings, which the arrays of a Recorder do not hold."""

from __future__ import annotations

import base64
import json

import numpy as np
import tensorflow as tf
from recorder import FOLDER, numpy_type, smooth

OPS = [
    "ScalarSummary", "HistogramSummary", "ImageSummary", "TensorSummaryV2", "MergeSummary",
    "AsString", "StringJoin", "ShardedFilename", "SaveV2", "RestoreV2",
]  # fmt: skip


class HostRecorder:
    """Cases of ops in eager TensorFlow; `write` puts them into one JSON file."""

    def __init__(self, family: str):
        self.family = family
        self.cases: list[dict] = []

    def add(self, op: str, inputs: dict, **attrs) -> None:
        """Records `op`; inputs: by the names of its arguments, a list for several tensors."""
        several = {name: value if isinstance(value, list) else [value] for name, value in inputs.items()}
        with tf.Graph().as_default(), tf.compat.v1.Session() as session:  # eagerly, some have no default attributes
            given = {name: [tf.constant(x) for x in part] for name, part in several.items()}
            tensors = {name: part if isinstance(inputs[name], list) else part[0] for name, part in given.items()}
            fetches = [
                *(tensor for part in given.values() for tensor in part),
                getattr(tf.raw_ops, op)(**tensors, **attrs),
            ]
            *flat, output = [
                _stored(fetch.dtype, value) for fetch, value in zip(fetches, session.run(fetches), strict=True)
            ]
        self.cases.append({"op": op, "attrs": attrs, "inputs": flat, "output": output})

    def write(self) -> None:
        (FOLDER / f"{self.family}.json").write_text(json.dumps(self.cases, separators=(",", ":")) + "\n")
        print(f"{self.family}: {len(self.cases)} cases")


def _stored(dtype: tf.DType, value) -> dict:
    if dtype == tf.string:
        array = np.asarray(value, dtype=object)
        data = [base64.b64encode(item).decode() for item in array.reshape(-1).tolist()]
    else:
        array = np.asarray(value)
        data = base64.b64encode(array.tobytes()).decode()
    return {"dtype": dtype.name, "shape": list(array.shape), "data": data}


def host() -> HostRecorder:
    recorder = HostRecorder("host")
    for dtype in ("float32", "float64", "float16", "bfloat16", "int32", "uint8", "int64"):
        recorder.add("ScalarSummary", {"tags": "loss", "values": np.array(3.25).astype(numpy_type(dtype))})
    tags, numbers = [b"a", b"b/c", b"d"], np.float32([1.5, np.nan, -np.inf])
    recorder.add("ScalarSummary", {"tags": np.array(tags), "values": numbers})
    recorder.add("ScalarSummary", {"tags": np.zeros(0, "S1"), "values": numbers[:0]})
    for values in (
        smooth("float32", (40,)),
        np.zeros((2, 3), np.float32),
        np.float32([]),
        np.float64([1e-13, 1e30, -1e30]),
        np.int32([[1, 1], [2, -3]]),
        smooth("float16", (5,)),
        np.uint8([0, 255]),
        np.float32(7),
    ):
        recorder.add("HistogramSummary", {"tag": "h", "values": values})
    for shape in ((1, 3, 4, 1), (2, 2, 3, 3), (4, 2, 2, 4), (1, 1, 1, 3)):
        drawn = smooth("float64", shape)
        for images in (drawn, np.abs(drawn), drawn * 1e-9, np.where(drawn > 0.8, np.nan, drawn)):
            for dtype in ("float32", "float64", "float16"):
                recorder.add("ImageSummary", {"tag": "i", "tensor": images.astype(dtype)})
        recorder.add("ImageSummary", {"tag": "i", "tensor": (np.abs(drawn) * 50).astype(np.uint8)}, max_images=1)
    wrong = np.full((2, 1, 2, 3), np.inf, np.float32)
    recorder.add("ImageSummary", {"tag": "i", "tensor": wrong}, max_images=2)
    recorder.add("ImageSummary", {"tag": "i", "tensor": np.zeros((0, 2, 2, 3), np.float32)})
    metadata = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": "text"}).SerializeToString()
    for tensor in (np.array([b"some", b"text"]), np.float32([[1, 2]]), np.int64(3)):
        inputs = {"tag": "t", "tensor": tensor, "serialized_summary_metadata": metadata}
        recorder.add("TensorSummaryV2", inputs)
    one, two = (tf.raw_ops.ScalarSummary(tags=tag, values=1.0).numpy() for tag in ("a", "b"))
    recorder.add("MergeSummary", {"inputs": [one, two]})
    recorder.add(
        "MergeSummary", {"inputs": [np.array([one, two]), tf.raw_ops.ScalarSummary(tags="c", values=2).numpy()]}
    )
    _texts(recorder)
    return recorder


def _texts(recorder: HostRecorder) -> None:
    numbers = np.float32([1.5, -2.25, 1e10, np.nan, np.inf])
    widths = [{"width": 8, "fill": fill} for fill in ("", "0", "-", "+", " ")]
    points = [{"precision": 2}, {"scientific": True}, {"shortest": True}, {"precision": 1, "width": 9, "fill": "0"}]
    for attrs in [{}, {"width": 8}, *widths, *points]:
        for values in (numbers, numbers.astype(np.float64), np.complex64([1 + 2j])):
            recorder.add("AsString", {"input": values}, **attrs)
    for attrs in [{}, *widths]:
        for values in (np.int32([3, -4]), np.uint8(200), np.array([True, False]), np.array([b"ab", b"c"])):
            if not (values.dtype.kind == "S" and attrs.get("fill")):
                recorder.add("AsString", {"input": values}, **attrs)
    recorder.add("AsString", {"input": np.zeros((0, 2), np.int64)})
    pair = np.array([b"a", b"b"])
    for separator in ("", "-"):
        recorder.add("StringJoin", {"inputs": [pair, b"x", pair]}, separator=separator)
        recorder.add("StringJoin", {"inputs": [b"x", b"y"]}, separator=separator)
    recorder.add("StringJoin", {"inputs": [np.zeros((0, 2), "S1"), b"x"]})
    recorder.add("ShardedFilename", {"basename": b"model", "shard": 2, "num_shards": 12})
