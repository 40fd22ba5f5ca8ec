"""How long it takes to build and check a graph of 10,000 nodes, without JAX: the median of several.

python experiments/benchmarks/building.py
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from framework import ops
from framework.graph import Graph

NODES, ROUNDS = 10_000, 9


def seconds() -> float:
    """Of one graph: a chain of convolutions, biases, activations and products."""
    with Graph().as_default() as graph:
        x = ops.placeholder("float32", [None, 8, 8, 4])
        kernel = ops.constant(np.zeros((3, 3, 4, 4), np.float32))
        bias = ops.constant(np.zeros(4, np.float32))
        began = time.perf_counter()
        while len(graph) < NODES:
            x = ops.relu(ops.bias_add(ops.conv2d(x, kernel, [1, 1, 1, 1], "SAME"), bias)) * 0.5
        return time.perf_counter() - began


def main() -> None:
    rounds = [seconds() for _ in range(ROUNDS)]
    print(f"{NODES:,} nodes: {statistics.median(rounds):.2f} s ({min(rounds):.2f} to {max(rounds):.2f})")


if __name__ == "__main__":
    main()
