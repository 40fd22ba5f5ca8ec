"""What makes a graph train: the gradients, the optimizer's step, and the first values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from framework.build.building import Building
from framework.build.built import SKIPPED, Report
from framework.build.histograms import add_histograms
from framework.errors import GraphError
from framework.graph import Operation, Tensor
from framework.graph.hyper import SEED
from framework.optimizers.groups import frozen_by, misfits, parts


def add_training(building: Building) -> None:
    """Adds the nodes `Train/train_op`, one step, and `Train/init_op`, the first values of all variables."""
    graph, built = building.graph, building.built
    if not built.parameters:
        building.fail(("model", "layers"), GraphError("the model has no parameters, so there is nothing to train"))
        return
    groups = building.experiment.optimizer.groups
    building.mistakes.extend(misfits(groups, list(built.parameters)))
    if building.mistakes:
        return
    built.frozen.extend(frozen_by(groups, list(built.parameters)))
    trained, hyper = built.trained, _numbers(building)
    variables = [graph.tensor(name) for name in trained]
    structure = _structure(building, trained)
    attrs = {"optimizer": json.dumps(structure, sort_keys=True), "names": list(hyper)}
    loss = graph.tensor(built.reports["loss"].mean)
    with graph.as_default(), graph.name_scope("Train/"):
        types = [v.dtype for v in variables]
        gradients = graph.add("Gradients", [loss, *variables], {"Tys": [loss.dtype], "Txs": types, "Tgrads": []})
        inputs = [*variables, *gradients.outputs, *hyper.values(), loss]
        update = graph.add("Update", inputs, {**attrs, "T": types, "N": len(hyper)})
        writes = [update, *building.assignments]
        if building.experiment.trainer.on_nan == "skip":
            writes.append(_keep_finite(building, variables, [loss, *gradients.outputs], writes))
        train_op = graph.add("NoOp", name="train_op", control_inputs=writes)
        first = [building.initial[name] for name in trained]
        slots = graph.add(
            "InitializeUpdate",
            [*first, *hyper.values()],
            {**attrs, "T": types, "N": len(hyper)},
            control_inputs=[SEED.partition(":")[0]] if "key" in structure["arguments"] else [],
        )
        init_op = graph.add("NoOp", name="init_op", control_inputs=[slots, *building.initial.values()])
    built.train_op, built.init_op = train_op.name, init_op.name
    add_histograms(building, dict(zip(trained, gradients.outputs, strict=True)))


def _keep_finite(
    building: Building, variables: Sequence[Tensor], watched: Sequence[Tensor], writes: Sequence[Operation | str]
) -> Operation:
    """Adds what takes a step back that is not finite, and the report of it."""
    reports = building.built.reports
    if SKIPPED in reports:
        message = f"a metric cannot be called '{SKIPPED}' where trainer.on_nan is skip, which reports its steps so"
        building.fail(("metrics", SKIPPED), GraphError(message, hint="give it another name"))
    attrs = {"T": [tensor.dtype for tensor in variables], "S": [tensor.dtype for tensor in watched]}
    keep = building.graph.add("KeepFinite", [*variables, *watched], attrs, control_inputs=writes)
    reports[SKIPPED] = Report(keep.outputs[0].name, None, None)
    return keep


def _numbers(building: Building) -> dict[str, Tensor]:
    """The numbers of a step, by the names that the op Update knows them by."""
    optimizer, ema = building.experiment.optimizer.hyper(), building.experiment.trainer.ema
    hyper = {path: building.hyper(f"optimizer/{path}", number) for path, number in optimizer.items()}
    return hyper if ema is None else {**hyper, "ema": building.hyper("trainer/ema", ema)}


def _structure(building: Building, trained: Sequence[str]) -> dict[str, Any]:
    """What decides a step beside its numbers; what is as usual is left out."""
    optimizer, batches = building.experiment.optimizer, building.experiment.trainer.accumulate
    unusual = {"groups": parts(optimizer.groups, trained), "accumulate": batches if batches > 1 else None}
    return optimizer.structure() | {name: held for name, held in unusual.items() if held}
