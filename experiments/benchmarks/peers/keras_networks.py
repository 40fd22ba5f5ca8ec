"""The networks in Keras 3, of its own layers, for whichever backend it runs on."""

from __future__ import annotations

import keras
from keras import layers

from experiments.benchmarks.task import Task


def perceptron(task: Task) -> keras.Model:
    return keras.Sequential([
        layers.Input(task.inputs.shape[1:]),
        layers.Flatten(),
        layers.Dense(256, "relu"),
        layers.Dense(256, "relu"),
        layers.Dense(task.classes),
    ])  # fmt: skip


def cnn(task: Task) -> keras.Model:
    return keras.Sequential([
        layers.Input(task.inputs.shape[1:]),
        layers.Conv2D(32, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(1024, "relu"),
        layers.Dropout(0.5),
        layers.Dense(task.classes),
    ])  # fmt: skip


def unit(x, filters: int, window: int = 3, stride: int = 1):
    x = layers.Conv2D(filters, window, stride, "same", use_bias=False)(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def resnet20(task: Task) -> keras.Model:
    x = source = layers.Input(task.inputs.shape[1:])
    x = layers.ReLU()(unit(x, 16))
    for filters in (16, 32, 64):
        for number in range(3):
            stride = 2 if filters > 16 and not number else 1
            y = unit(layers.ReLU()(unit(x, filters, stride=stride)), filters)
            x = layers.ReLU()(layers.Add()([y, unit(x, filters, 1, stride) if stride == 2 else x]))
    return keras.Model(source, layers.Dense(task.classes)(layers.GlobalAveragePooling2D()(x)))


class Tokens(layers.Layer):
    """Embeds a window with its positions; `reverse=True` gives logits by the same table."""

    def __init__(self, vocabulary: int, window: int, width: int):
        super().__init__()
        self.table = self.add_weight((vocabulary, width), keras.initializers.RandomNormal(stddev=0.02))
        self.positions = self.add_weight((window, width), keras.initializers.RandomNormal(stddev=0.02))

    def call(self, x, reverse: bool = False):
        if reverse:
            return keras.ops.matmul(x, keras.ops.transpose(self.table))
        return keras.ops.take(self.table, x, axis=0) + self.positions

    def compute_output_spec(self, x, reverse: bool = False):
        last = self.table.shape[0 if reverse else 1]
        return keras.KerasTensor((*(x.shape[:-1] if reverse else x.shape), last), "float32")


def transformer(task: Task, width: int = 128, heads: int = 4, depth: int = 4) -> keras.Model:
    source = layers.Input(task.inputs.shape[1:], dtype="int32")
    tokens = Tokens(task.classes, task.inputs.shape[1], width)
    x = tokens(source)
    for _ in range(depth):
        y = layers.LayerNormalization(epsilon=1e-3, center=False)(x)
        x = x + layers.MultiHeadAttention(heads, width // heads, use_bias=False)(y, y, use_causal_mask=True)
        y = layers.LayerNormalization(epsilon=1e-3, center=False)(x)
        x = x + layers.Dense(width, use_bias=False)(layers.Dense(4 * width, "gelu", use_bias=False)(y))
    return keras.Model(source, tokens(layers.LayerNormalization(epsilon=1e-3, center=False)(x), reverse=True))


def lstm(task: Task, width: int = 128) -> keras.Model:
    return keras.Sequential([
        layers.Input(task.inputs.shape[1:], dtype="int32"),
        layers.Embedding(task.classes, width),
        layers.LSTM(width, return_sequences=True),
        layers.LSTM(width, return_sequences=True),
        layers.Dense(task.classes),
    ])  # fmt: skip


NETWORKS = {"perceptron": perceptron, "cnn": cnn, "resnet20": resnet20, "transformer": transformer, "lstm": lstm}


def optimizer(task: Task) -> keras.optimizers.Optimizer:
    kind = keras.optimizers.SGD if task.name == "perceptron" else keras.optimizers.Adam
    return kind(task.rate)
