"""How near the cost of a graph, counted node by node without JAX, comes to XLA's own analysis: FLOPs of an inference.

    python experiments/benchmarks/costs.py

Every network of conf/model as it predicts a batch, and the networks that TensorFlow wrote for the tests.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from framework.build import build
from framework.config.loader import ROOT, Source
from framework.graph import Graph
from framework.graph.cost import cost
from framework.graph.graphdef.loading import load_graph
from framework.graph.passes.copying import Copy, emptied
from framework.graph.passes.reach import prune
from framework.launch import prepare
from framework.layers import Mode
from framework.plan import magnitude
from framework.runtime.program import get_program

BATCH = 32
IMPORTED = (
    "attention", "channels_first", "classifier", "gru", "lstm", "old", "pyramid", "text_classifier", "unet",
)  # fmt: skip
# What a network is made for, where that is not the default data set with its classes.
PARTNERS = {
    "char_transformer": ["dataset=text", "loss=language", "metrics=none"],
    "lstm": ["dataset=text", "loss=language", "metrics=none"],
    "regressor": ["dataset=diabetes", "loss=mean_squared_error", "metrics=regression"],
    "unet": ["loss=reconstruction", "metrics=none"],
}
Network = tuple[str, Graph, list[str], dict[str, tuple[int, ...]]]


def shipped() -> Iterator[Network]:
    """The networks of conf/model: name, graph, fetches, and the shape of each feed."""
    for file in sorted((ROOT / "conf" / "model").glob("*.yaml")):
        built = build(prepare([f"model={file.stem}", *PARTNERS.get(file.stem, [])], Source()).experiment, Mode.PREDICT)
        shapes = {t: (BATCH, *(built.graph.spec(t).shape or ())[1:]) for t in built.features.values()}
        yield file.stem, built.graph, list(built.outputs.values()), shapes


def imported() -> Iterator[Network]:
    """The networks that TensorFlow wrote: the tests', and those beside the data where they are."""
    for name in IMPORTED:
        path = ROOT / "tests" / "tf_graphs" / f"{name}.pb.gz"
        with np.load(path.with_name(f"{name}.npz")) as file:
            fed = {key.removeprefix("feed/"): file[key].shape for key in file.files if key.startswith("feed/")}
            fetches = [key.removeprefix("fetch/") for key in file.files if key.startswith("fetch/")]
        yield f"{name} (TensorFlow's)", load_graph(path), fetches, fed
    for path in sorted(Path(os.environ.get("GRAPHWRIGHT_DATA", "nowhere")).parent.glob("graphs/*.pb.gz")):
        with np.load(path.with_name(path.name.replace(".pb.gz", ".npz"))) as file:
            yield (
                f"{path.name.removesuffix('.pb.gz')} (TensorFlow's)",
                load_graph(path),
                [str(file["out"])],
                {str(file["inp"]): (BATCH, *file["x"].shape[1:])},
            )


def sized(graph: Graph, fetches: list[str], shapes: dict[str, tuple[int, ...]]) -> Graph:
    """What the fetches need, with placeholders of known shapes."""
    copy = Copy(emptied(graph))
    for node in prune(graph, fetches):
        shape = shapes.get(f"{node.name}:0")
        copy.add(node, attrs=None if shape is None else {**node.attrs, "shape": shape})
    return copy.target


def main() -> None:
    print("| network | nodes | counted in | FLOPs: counted | XLA | ratio |")
    print("|---|---|---|---|---|---|")
    ratios = []
    for name, whole, fetches, shapes in (*shipped(), *imported()):
        graph = sized(whole, fetches, shapes)
        began = time.perf_counter()
        counted = sum(cost(graph, node).flops or 0 for node in graph)
        seconds = time.perf_counter() - began
        analysis = get_program(graph, fetches, [], [feed for feed in shapes if feed in graph]).analyse()
        ratios.append(counted / analysis.flops)
        cells = [name, str(len(graph)), f"{seconds * 1e3:.0f} ms", magnitude(counted), magnitude(analysis.flops)]
        print(f"| {' | '.join(cells)} | {ratios[-1]:.2f} |", flush=True)
    print(f"\n{len(ratios)} networks, median ratio {np.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
