"""The networks in PyTorch, of its own modules; images are `[batch, channels, height, width]` there."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

from experiments.benchmarks.task import Task


def perceptron(task: Task) -> nn.Module:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, task.classes)
    )


def cnn(task: Task) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 1024), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1024, task.classes),
    )  # fmt: skip


def unit(inputs: int, outputs: int, window: int = 3, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, window, stride, window // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs, eps=1e-3))


class Residual(nn.Module):
    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        stride = 1 if inputs == outputs else 2
        self.first, self.second = unit(inputs, outputs, stride=stride), unit(outputs, outputs)
        self.skip = nn.Identity() if inputs == outputs else unit(inputs, outputs, 1, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.second(functional.relu(self.first(x))) + self.skip(x))


def resnet20(task: Task) -> nn.Module:
    widths = [16, 16, 16, 16, 32, 32, 32, 64, 64, 64]
    blocks = [Residual(*pair) for pair in pairwise(widths)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, task.classes)]
    return nn.Sequential(unit(3, 16), nn.ReLU(), *blocks, *head)


class Decoder(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = (nn.LayerNorm(width, eps=1e-3, bias=False) for _ in range(2))
        self.project, self.output = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.wide, self.narrow = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, time, width = x.shape
        q, k, v = (
            part.view(batch, time, self.heads, -1).transpose(1, 2)
            for part in self.project(self.norm1(x)).split(width, 2)
        )
        read = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.output(read.transpose(1, 2).reshape(batch, time, width))
        return x + self.narrow(functional.gelu(self.wide(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, window: int, vocabulary: int, width: int = 128, heads: int = 4, depth: int = 4):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(window, width)
        self.blocks = nn.Sequential(*(Decoder(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-3, bias=False)
        nn.init.normal_(self.embedding.weight, std=0.02)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.blocks(self.embedding(x) + self.positions.weight))
        return (x @ self.embedding.weight.T).transpose(1, 2)


class Recurrent(nn.Module):
    def __init__(self, vocabulary: int, width: int = 128):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, width, num_layers=2, batch_first=True)
        self.logits = nn.Linear(width, vocabulary)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.logits(self.lstm(self.embedding(x))[0]).transpose(1, 2)


NETWORKS = {
    "perceptron": perceptron,
    "cnn": cnn,
    "resnet20": resnet20,
    "transformer": lambda task: Transformer(task.inputs.shape[1], task.classes),
    "lstm": lambda task: Recurrent(task.classes),
}
