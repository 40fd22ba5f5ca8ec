"""PyTorch: eager, with images in the order that its kernels prefer, and compiled; fused optimizers throughout."""

from __future__ import annotations

from itertools import islice

import torch
from torch.nn import functional

from experiments.benchmarks.peers.torch_networks import NETWORKS
from experiments.benchmarks.task import Programs, Task, Turn, timed


def programs(task: Task) -> Programs:
    found: Programs = {"eager": lambda: _program(task)}
    last = task.inputs.ndim == 4 and task.name != "perceptron"
    if last:
        found["channels last"] = lambda: _program(task, channels_last=True)
    found["compiled"] = lambda: _program(task, channels_last=last, compiled=True)
    return found


def _program(task: Task, *, channels_last: bool = False, compiled: bool = False) -> Turn:
    torch.manual_seed(0)
    network = NETWORKS[task.name](task).train()
    inputs, targets = torch.from_numpy(task.inputs), torch.from_numpy(task.targets).long()
    if task.inputs.ndim == 4:
        inputs = inputs.permute(0, 3, 1, 2)
        inputs = inputs if channels_last else inputs.contiguous()
    if channels_last:
        network = network.to(memory_format=torch.channels_last)
    kind = torch.optim.SGD if task.name == "perceptron" else torch.optim.Adam
    optimizer = kind(network.parameters(), task.rate, fused=True)

    def loss(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(network(x), y)

    value_of = torch.compile(loss) if compiled else loss
    orders = task.orders()

    def train(steps: int) -> None:
        for rows in islice(orders, steps):
            chosen = torch.from_numpy(rows)
            optimizer.zero_grad(set_to_none=True)
            value = value_of(inputs[chosen], targets[chosen])
            value.backward()
            optimizer.step()
        value.item()

    return timed(train)
