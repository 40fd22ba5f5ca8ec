"""Frozen graphs: one GraphDef of TensorFlow's own ops that holds a model whole, with nothing left to train."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from framework.build import build
from framework.config.experiment import Experiment
from framework.graph import Graph, Tensor
from framework.graph.passes.expand import expand
from framework.graph.passes.freeze import freeze
from framework.graph.passes.simplify import simplify
from framework.layers import Mode
from framework.runtime.session import Session
from framework.train.averages import averaged
from framework.train.past_run import Run


class Frozen(NamedTuple):
    """A frozen model. inputs: feature -> the placeholder it is fed to. outputs: output of the model -> tensor."""

    graph: Graph
    inputs: dict[str, str]
    outputs: dict[str, str]


def freeze_graph(session: Session, outputs: Iterable[Tensor | str], passes: Sequence[str] = ()) -> Graph:
    """What the tensors `outputs` follow from, with the session's variables as constants, in ops that TensorFlow has.

    passes: of `graph.passes.simplify.PASSES`, run before. Outputs keep their names.
    Raises NotFoundError for an output that the graph does not hold, FailedPreconditionError for a variable without a
    value, and GraphError for an output that writes variables.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/graph_util/convert_variables_to_constants
    """
    names = [output if isinstance(output, str) else output.name for output in outputs]
    return _frozen(session.graph, session.state, names, passes)


def freeze_run(run: Run, passes: Sequence[str] = ()) -> Frozen:
    """The model of a run as it predicts, with the variables of its checkpoint, averaged where it keeps averages.

    Raises CheckpointError when the run has no whole checkpoint.
    """
    return freeze_model(run.experiment, averaged(run.checkpoint.state), passes)


def freeze_model(experiment: Experiment, values: Mapping[str, Any], passes: Sequence[str] = ()) -> Frozen:
    """The model of an experiment as it predicts, with these values of its variables.

    The outputs are named `outputs/<output>`. passes: as for `freeze_graph`.
    """
    built = build(experiment, Mode.PREDICT)
    outputs = {name: _named(built.graph, tensor, f"outputs/{name}") for name, tensor in built.outputs.items()}
    graph = _frozen(built.graph, values, list(outputs.values()), passes)
    # An input that no output depends on is not there any more.
    inputs = {name: tensor for name, tensor in built.features.items() if tensor in graph}
    return Frozen(graph, inputs, outputs)


def _named(graph: Graph, tensor: str, name: str) -> str:
    return graph.add("Identity", [graph.tensor(tensor)], name=name).outputs[0].name


def _frozen(graph: Graph, values: Mapping[str, Any], outputs: Sequence[str], passes: Sequence[str]) -> Graph:
    simple = simplify(freeze(graph, values, outputs), outputs, passes)
    expanded, renamed = expand(simple)
    for name in outputs:
        if name in renamed:
            expanded.add("Identity", [expanded.tensor(renamed[name])], name=name.rpartition(":")[0])
    return expanded
