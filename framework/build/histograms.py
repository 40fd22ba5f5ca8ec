"""Histograms of a training step: of parameters, their gradients, and what layers give."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from framework.build.building import Building
from framework.errors import GraphError
from framework.graph import Tensor
from framework.registry import did_you_mean

_PATH = ("trainer", "summaries", "histograms")


def add_histograms(building: Building, gradients: Mapping[str, Tensor]) -> None:
    """Adds the buckets of those that `trainer.summaries.histograms` asks for; gradients: by parameter.

    True asks for every parameter, every gradient, and the output of every layer that has parameters; patterns choose
    among these and the outputs of all other layers.
    """
    wanted, graph, built = building.experiment.trainer.summaries.histograms, building.graph, building.built
    if wanted is False:
        return
    watched = {f"parameters/{name}": graph.tensor(name) for name in built.parameters}
    watched |= {f"gradients/{name}": gradient for name, gradient in gradients.items()}
    watched |= {
        f"activations/{note.name}": graph.tensor(note.output)
        for note in built.layers
        if (note.variables or wanted is not True) and graph.spec(note.output).dtype.is_floating
    }
    if wanted is not True:
        watched = _chosen(building, watched, wanted)
    with graph.as_default(), graph.name_scope("Summaries/"):
        for tag, tensor in watched.items():
            buckets = graph.add("HistogramBuckets", [tensor], name=f"{tag}/buckets")
            counts, extent, moments = (t.name for t in buckets.outputs)
            built.histograms[tag] = (counts, extent, moments)


def _chosen(building: Building, known: Mapping[str, Tensor], patterns: list[str]) -> dict[str, Tensor]:
    """Those that some pattern matches; a pattern that matches nothing is a mistake."""
    for position, pattern in enumerate(patterns):
        if not any(fnmatchcase(tag, pattern) for tag in known):
            message = (
                f"the pattern '{pattern}' matches nothing{did_you_mean(pattern, known)}  known: {', '.join(known)}"
            )
            building.fail((*_PATH, str(position)), GraphError(message))
    return {tag: tensor for tag, tensor in known.items() if any(fnmatchcase(tag, pattern) for pattern in patterns)}
