"""What makes a graph train: the gradients, the optimizer's step, the first values, and the histograms of them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from framework.build.building import Building
from framework.errors import GraphError
from framework.graph import Tensor


def add_training(building: Building) -> None:
    """Adds the nodes `Train/train_op`, one step, and `Train/init_op`, the first values of all variables."""
    graph, built, optimizer = building.graph, building.built, building.experiment.optimizer
    if not built.parameters:
        building.fail(("model", "layers"), GraphError("the model has no parameters, so there is nothing to train"))
        return
    numbers = optimizer.hyper()
    hyper = [building.hyper(f"optimizer/{path}", number) for path, number in numbers.items()]
    variables = [graph.tensor(name) for name in built.parameters]
    attrs = {"optimizer": json.dumps(optimizer.structure(), sort_keys=True), "names": list(numbers)}
    loss = graph.tensor(built.reports["loss"].mean)
    with graph.as_default(), graph.name_scope("Train/"):
        types = [v.dtype for v in variables]
        gradients = graph.add("Gradients", [loss, *variables], {"Tys": [loss.dtype], "Txs": types, "Tgrads": []})
        inputs = [*variables, *gradients.outputs, *hyper, loss]
        update = graph.add("Update", inputs, {**attrs, "T": types, "N": len(hyper)})
        train_op = graph.add("NoOp", name="train_op", control_inputs=[update, *building.assignments])
        first = [building.initial[name] for name in built.parameters]
        slots = graph.add("InitializeUpdate", [*first, *hyper], {**attrs, "T": types, "N": len(hyper)})
        init_op = graph.add("NoOp", name="init_op", control_inputs=[slots, *building.initial.values()])
    built.train_op, built.init_op = train_op.name, init_op.name
    if building.experiment.trainer.summaries.histograms:
        _add_histograms(building, gradients.outputs)


def _add_histograms(building: Building, gradients: Sequence[Tensor]) -> None:
    """Adds buckets of every parameter, its gradient, and the output of every layer that has parameters."""
    graph, built = building.graph, building.built
    watched: dict[str, Tensor] = {}
    for name, gradient in zip(built.parameters, gradients, strict=True):
        watched[f"parameters/{name}"] = graph.tensor(name)
        watched[f"gradients/{name}"] = gradient
    for note in built.layers:
        if note.variables:
            watched[f"activations/{note.name}"] = graph.tensor(note.output)
    with graph.as_default(), graph.name_scope("Summaries/"):
        for tag, tensor in watched.items():
            buckets = graph.add("HistogramBuckets", [tensor], name=f"{tag}/buckets")
            counts, extent, moments = (t.name for t in buckets.outputs)
            built.histograms[tag] = (counts, extent, moments)
