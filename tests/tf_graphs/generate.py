"""Frozen networks written by TensorFlow, each with what it answers: `python generate.py [name ...]` makes them anew.

Needs TensorFlow 2 and nothing of this project. A network is `<name>.pb.gz`, its `<name>.npz` holds what is fed
(`feed/<tensor>`) and what TensorFlow answered (`fetch/<tensor>`).
"""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

v1 = tf.compat.v1
HERE = Path(__file__).parent
NETWORKS: dict[str, Callable[[str], None]] = {}
Tensors = Mapping[str, np.ndarray]


def network(build: Callable[[str], None]) -> Callable[[str], None]:
    """Enters a builder into NETWORKS under its name."""
    NETWORKS[build.__name__] = build
    return build


def write(name: str, graph_def: Any, feeds: Tensors, fetches: Sequence[str]) -> None:
    """Writes a graph, runs it as it was written, and writes what it answers."""
    content = graph_def.SerializeToString(deterministic=True)
    with v1.Graph().as_default() as graph:
        v1.import_graph_def(v1.GraphDef.FromString(content), name="")
        with v1.Session(graph=graph) as session:
            answers = session.run(list(fetches), dict(feeds))
    (HERE / f"{name}.pb.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    arrays = {f"feed/{key}": value for key, value in feeds.items()}
    arrays |= {f"fetch/{key}": value for key, value in zip(fetches, answers, strict=True)}
    np.savez_compressed(HERE / f"{name}.npz", **arrays)
    size = sum((HERE / f"{name}{ending}").stat().st_size for ending in (".pb.gz", ".npz"))
    print(f"{name:<28} {len(graph_def.node):>5} nodes {len(graph_def.library.function):>3} functions {size:>8,} bytes")


def freeze(name: str, function: Any, *inputs: np.ndarray, lower: bool = False) -> None:
    """Freezes a function or a model, called with inputs of these types and of unknown batch size, and writes it."""
    specs = [tf.TensorSpec((None, *array.shape[1:]), array.dtype, name=f"input_{k}") for k, array in enumerate(inputs)]
    concrete = tf.function(function).get_concrete_function(*specs)
    frozen = convert_variables_to_constants_v2(concrete, lower_control_flow=lower)
    feeds = {tensor.name: array for tensor, array in zip(frozen.inputs, inputs, strict=True)}
    write(name, frozen.graph.as_graph_def(), feeds, [tensor.name for tensor in frozen.outputs])


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


L = keras.layers


def model(inputs: Any, outputs: Any) -> Any:
    return keras.Model(inputs, outputs)


def normalized(x: Any, **options: Any) -> Any:
    """Batch normalisation with statistics that are not those of a fresh layer."""
    random = keras.initializers.RandomUniform(0.5, 1.5, seed=3)
    return L.BatchNormalization(
        beta_initializer=random, gamma_initializer=random, moving_mean_initializer=random,
        moving_variance_initializer=random, **options,
    )(x)  # fmt: skip


# -- feed forward -----------------------------------------------------------------------------------------------------


@network
def classifier(name: str) -> None:
    x = keras.Input((20, 20, 3))
    h = L.ReLU()(normalized(L.Conv2D(8, 3, strides=2, padding="same")(x)))
    skip = h
    h = L.ReLU(6.0)(normalized(L.DepthwiseConv2D(3, padding="same")(h)))
    h = L.Add()([skip, L.Conv2D(8, 1)(h)])
    h = L.Concatenate()([L.MaxPooling2D(3, 2, "same")(h), L.AveragePooling2D(3, 2, "same")(h)])
    h = L.LeakyReLU(0.1)(L.SeparableConv2D(12, 3, dilation_rate=2)(L.ZeroPadding2D(1)(h)))
    h = L.Dropout(0.5)(L.GlobalAveragePooling2D()(h))
    freeze(name, model(x, L.Dense(5, activation="softmax")(h)), numbers(3, 20, 20, 3))


@network
def pyramid(name: str) -> None:
    """A backbone with heads at several scales, joined as detectors do."""
    x = keras.Input((32, 32, 3))
    levels, h = [], x
    for width in (8, 12, 16):
        h = L.Activation("swish")(normalized(L.Conv2D(width, 3, strides=2, padding="same", use_bias=False)(h)))
        levels.append(L.Conv2D(8, 1)(h))
    merged = [levels[-1]]
    for level in levels[-2::-1]:
        merged.append(L.Add()([level, L.UpSampling2D(2, interpolation="nearest")(merged[-1])]))
    box, score = L.Conv2D(2 * 4, 3, padding="same"), L.Conv2D(2 * 3, 3, padding="same", activation="sigmoid")
    boxes = L.Concatenate(axis=1)([L.Reshape((-1, 4))(box(m)) for m in merged])
    scores = L.Concatenate(axis=1)([L.Reshape((-1, 3))(score(m)) for m in merged])
    freeze(name, model(x, [boxes, scores]), numbers(2, 32, 32, 3))


@network
def unet(name: str) -> None:
    x = keras.Input((16, 16, 2))
    down = L.Conv2D(6, 3, padding="same", activation="relu")(x)
    deep = L.Conv2D(10, 3, padding="same", activation="elu")(L.MaxPooling2D()(down))
    deepest = L.Conv2D(12, 3, padding="same", activation="selu")(L.MaxPooling2D()(deep))
    h = L.Conv2DTranspose(10, 3, strides=2, padding="same")(deepest)
    h = L.Conv2D(6, 3, padding="same", activation="softplus")(L.Concatenate()([h, deep]))
    h = L.Concatenate()([L.UpSampling2D(2, interpolation="bilinear")(h), down])
    freeze(name, model(x, L.Conv2D(3, 1, activation="softmax")(h)), numbers(2, 16, 16, 2))


@network
def attention(name: str) -> None:
    x = keras.Input((9,), dtype="int32")
    h = L.Embedding(20, 16)(x)
    for _ in range(2):
        h = L.LayerNormalization()(L.Add()([h, L.MultiHeadAttention(2, 8)(h, h, use_causal_mask=True)]))
        h = L.LayerNormalization()(L.Add()([h, L.Dense(16)(L.Dense(24, activation="gelu")(h))]))
    ids = np.random.default_rng(1).integers(0, 20, (3, 9)).astype(np.int32)
    freeze(name, model(x, [h, L.Dense(4)(L.GlobalMaxPooling1D()(h))]), ids)


@network
def text_classifier(name: str) -> None:
    """Shapes taken apart and put together again, as code written by hand does."""
    table, kernel = tf.Variable(numbers(30, 6)), tf.Variable(numbers(6, 4, seed=1))

    def call(ids: Any) -> Any:
        shape = tf.shape(ids)
        mask = tf.cast(ids > 0, tf.float32)[..., tf.newaxis]
        embedded = tf.nn.embedding_lookup(table, tf.reshape(ids, [-1]))
        embedded = tf.reshape(embedded, tf.stack([shape[0], shape[1], 6])) * mask
        mean = tf.reduce_sum(embedded, 1) / tf.maximum(tf.reduce_sum(mask, 1), 1.0)
        last = embedded[:, -1, ::2]
        scores = tf.matmul(mean, kernel) + tf.pad(last, [[0, 0], [0, 1]])
        best, where = tf.math.top_k(scores, 2)
        return tf.nn.log_softmax(scores), best, where, tf.argmax(scores, 1), tf.one_hot(where[:, 0], 4)

    freeze(name, call, np.array([[3, 4, 0, 0, 29], [1, 0, 0, 0, 0]], np.int32))


def _sizes(layout: str, height: int, width: int) -> list[int]:
    return [1, 1, height, width] if layout == "NCHW" else [1, height, width, 1]


@network
def channels_first(name: str) -> None:
    """Convolutions, pooling and normalisation in NCHW, which TensorFlow itself runs on few processors."""
    first, depth = numbers(3, 3, 3, 6), numbers(3, 3, 6, 1, seed=1)
    with v1.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [None, 3, 12, 12], "x")
        nhwc = v1.placeholder(tf.float32, [None, 12, 12, 3], "nhwc")
        scale, offset = tf.constant(numbers(6, seed=2)), tf.constant(numbers(6, seed=3))
        for image, layout in ((x, "NCHW"), (nhwc, "NHWC")):
            sizes = partial(_sizes, layout)
            h = v1.nn.conv2d(image, first, sizes(1, 1), "SAME", data_format=layout, dilations=sizes(2, 2))
            h, _, _ = v1.nn.fused_batch_norm(
                h, scale, offset, tf.constant(numbers(6, seed=4)), tf.abs(tf.constant(numbers(6, seed=5))) + 1.0,
                data_format=layout, is_training=False,
            )  # fmt: skip
            h = v1.nn.depthwise_conv2d_native(h, depth, sizes(2, 2), "SAME", data_format=layout)
            h = v1.nn.max_pool(tf.nn.bias_add(h, offset, layout), sizes(2, 2), sizes(2, 2), "SAME", layout)
            h = v1.nn.avg_pool(h, sizes(2, 2), sizes(1, 1), "VALID", layout)
            tf.identity(h, f"out_{layout}")
    graph_def = graph.as_graph_def()
    image = numbers(2, 3, 12, 12)
    # TensorFlow checks the layout that every processor has; the other one must give the same, transposed.
    half = v1.graph_util.extract_sub_graph(graph_def, ["out_NHWC"])
    feeds = {"nhwc:0": image.transpose(0, 2, 3, 1)}
    with v1.Graph().as_default() as checked:
        v1.import_graph_def(half, name="")
        with v1.Session(graph=checked) as session:
            answer = session.run("out_NHWC:0", feeds)
    (HERE / f"{name}.pb.gz").write_bytes(gzip.compress(graph_def.SerializeToString(deterministic=True), 9, mtime=0))
    arrays = {
        "feed/x:0": image, "feed/nhwc:0": feeds["nhwc:0"],
        "fetch/out_NHWC:0": answer, "fetch/out_NCHW:0": answer.transpose(0, 3, 1, 2),
    }  # fmt: skip
    np.savez_compressed(HERE / f"{name}.npz", **arrays)
    print(f"{name:<28} {len(graph_def.node):>5} nodes")


# -- recurrent --------------------------------------------------------------------------------------------------------


def recurrent(name: str, layer: Any, *, lower: bool) -> None:
    x = keras.Input((7, 5))
    net = model(x, L.Dense(3)(layer(x)))
    freeze(name, net, numbers(2, 7, 5), lower=lower)


for _lower, _suffix in ((False, ""), (True, "_frames")):
    NETWORKS[f"lstm{_suffix}"] = lambda name, lower=_lower: recurrent(
        name, L.LSTM(6, return_sequences=True, use_cudnn=False), lower=lower
    )
    NETWORKS[f"gru{_suffix}"] = lambda name, lower=_lower: recurrent(
        name, L.Bidirectional(L.GRU(4, use_cudnn=False)), lower=lower
    )


def branching(x: Any) -> Any:
    """A condition in a loop in a condition."""

    def body(k: Any, value: Any) -> Any:
        halved = tf.cond(tf.reduce_sum(value) > 4.0, lambda: value * 0.5, lambda: value + tf.cast(k, tf.float32))
        return k + 1, halved

    looped = tf.while_loop(lambda k, value: k < 6, body, (tf.constant(0), x))[1]
    return tf.cond(tf.reduce_any(looped > 3.0), lambda: looped - 3.0, lambda: looped * 2.0)


for _lower, _suffix in ((False, ""), (True, "_frames")):
    NETWORKS[f"branching{_suffix}"] = lambda name, lower=_lower: freeze(name, branching, numbers(2, 3), lower=lower)


@network
def v1_loops(name: str) -> None:
    """Loops and conditions as TensorFlow 1 wrote them, one loop in another, with a TensorArray."""
    v1.disable_control_flow_v2()
    try:
        with v1.Graph().as_default() as graph:
            x = v1.placeholder(tf.float32, [4, 3], "x")
            limit = v1.placeholder(tf.int32, [], "limit")

            def outer(k: Any, total: Any, array: Any) -> Any:
                row = tf.gather(x, k)
                inner = v1.while_loop(
                    lambda j, value: j < k + 1, lambda j, value: (j + 1, value * 2.0), [tf.constant(0), row]
                )[1]
                step = v1.cond(tf.reduce_sum(inner) > 0.0, lambda: inner, lambda: -inner + 1.0)
                return k + 1, total + step, array.write(k, step)

            array = v1.TensorArray(tf.float32, size=limit, element_shape=[3])
            start = (tf.constant(0), tf.zeros([3]), array)
            _, total, array = v1.while_loop(lambda k, *_: k < limit, outer, start)
            tf.identity(total, "total")
            tf.identity(array.stack(), "steps")
            tf.identity(v1.cond(limit > 2, lambda: total * 2.0, lambda: total - 1.0), "chosen")
        feeds = {"x:0": numbers(4, 3), "limit:0": np.int32(3)}
        write(name, graph.as_graph_def(), feeds, ["total:0", "steps:0", "chosen:0"])
    finally:
        v1.enable_control_flow_v2()


# -- functions, sizes that follow from values, old graphs -------------------------------------------------------------


@network
def functions(name: str) -> None:
    """Calls of functions that call functions."""

    @tf.function(autograph=False)
    def inner(x: Any, y: Any) -> Any:
        top, index = tf.math.top_k(x @ tf.constant(numbers(3, 3)), 2)
        parts = tf.split(y, 3, axis=1)
        return top + parts[1], index, tf.concat(parts[::-1], 1)

    @tf.function(autograph=False)
    def outer(x: Any) -> Any:
        a, index, b = inner(x, x * 2.0)
        c, _, d = inner(b, x)
        return a - c, index, d

    with v1.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [None, 3], "x")
        a, index, d = outer(x)
        tf.identity(a, "a")
        tf.identity(index, "index")
        chosen = tf.switch_case(tf.shape(x)[0], [lambda: d, lambda: d * 2.0, lambda: outer(d)[2]])
        tf.identity(chosen, "d")
    write(name, graph.as_graph_def(), {"x:0": numbers(2, 3)}, ["a:0", "index:0", "d:0"])


@network
def detection(name: str) -> None:
    """The tail of a detector: images resized, boxes decoded, the overlapping ones left out."""

    def call(image: Any, raw: Any) -> Any:
        resized = tf.image.resize(image, [12, 12])
        nearest = tf.image.resize(image, [5, 7], method="nearest")
        boxes, scores = tf.sigmoid(raw[0, :, :4]), tf.sigmoid(raw[0, :, 4])
        corner = tf.minimum(boxes[:, :2], boxes[:, 2:])
        boxes = tf.concat([corner, corner + 0.3 + boxes[:, 2:] * 0.2], 1)
        kept = tf.image.non_max_suppression(boxes, scores, 5, 0.4, 0.3)
        crops = tf.image.crop_and_resize(image[:1], tf.gather(boxes, kept[:2]), [0, 0], [3, 3])
        certain = tf.where(scores > 0.5)
        return resized, nearest, kept, tf.gather(boxes, kept), crops, tf.gather_nd(scores, certain)

    freeze(name, call, numbers(1, 8, 9, 3), numbers(1, 12, 5, seed=4))


@network
def old(name: str) -> None:
    """A graph as the first versions wrote them: few attributes, scalar shapes for unknown ones, ops since renamed."""
    with v1.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, None, "x")
        h = v1.raw_ops.Add(x=v1.nn.lrn(tf.reshape(x, [-1, 6, 6, 4]), 2), y=tf.constant(np.full((1, 6, 6, 4), 0.5, "f")))
        h = v1.nn.conv2d(h, tf.constant(numbers(3, 3, 4, 8)), [1, 2, 2, 1], "VALID")
        h = v1.raw_ops.Concat(concat_dim=3, values=[tf.nn.relu(h), v1.raw_ops.Inv(x=h + 9.0)])
        h = v1.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
        tf.nn.softmax(tf.squeeze(h, [1, 2]), name="y")
    graph_def = graph.as_graph_def()
    defaults = ("use_cudnn_on_gpu", "dilations", "explicit_paddings", "data_format", "Tshape", "alpha", "beta", "bias")
    for node in graph_def.node:
        for attribute in defaults:
            node.attr.pop(attribute, None)
        if node.op == "Placeholder":
            node.attr["shape"].shape.Clear()
            node.attr["shape"].SetInParent()
    graph_def.versions.producer = 9
    write(name, graph_def, {"x:0": numbers(2, 6, 6, 4)}, ["y:0"])


def main(names: Sequence[str]) -> None:
    for name in names or NETWORKS:
        keras.utils.set_random_seed(7)
        NETWORKS[name](name)


if __name__ == "__main__":
    main(sys.argv[1:])
