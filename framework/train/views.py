"""What a network sees: the first examples as pictures, and what its first layers make of one of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from framework.build import Built
from framework.data import DataSpec, Feature
from framework.runtime.program import State, get_program
from framework.train.averages import averaged
from framework.train.drawing import draw_grid, stretched
from framework.train.evaluator import hyper_values, placeholders

_EXAMPLES = 16
_CHANNELS = 64
_LAYERS = 3


class Views:
    """The pictures of one graph and the examples that it is shown.

    built: the evaluate graph. examples: feature -> `[examples, ...]`, as they are stored.
    """

    def __init__(self, built: Built, spec: DataSpec, examples: Mapping[str, np.ndarray]):
        self.built, self.spec = built, spec
        self.examples = {name: array[:_EXAMPLES] for name, array in examples.items()}
        learned = [note for note in built.layers if note.variables and _is_map(built, note.output)]
        self._watched = {note.name: note.output for note in learned[:_LAYERS]}

    def inputs(self) -> dict[str, np.ndarray]:
        """`inputs/<feature>` -> the first examples side by side, uint8 `[height, width, channels]`; of images alone."""
        features = [self.spec.features[name] for name in self.spec.inputs]
        shown = [f for f in features if len(f.shape) == 3 and f.shape[2] in (1, 3) and f.categories is None]
        return {f"inputs/{f.name}": draw_grid(_visible(self.examples[f.name], f)) for f in shown}

    def maps(self, state: State) -> dict[str, np.ndarray]:
        """`features/<layer>` -> the channels of the layer's output for the first example, side by side."""
        if not self._watched:
            return {}
        one = {name: array[:1] for name, array in placeholders(self.built, self.examples).items()}
        hyper = hyper_values(self.built)
        program = get_program(self.built.graph, list(self._watched.values()), [], [*one, *hyper])
        variables = averaged(state)
        known = {name: variables[name] for name in program.lowering.variables.read}
        values, _ = program.run(known, {**hyper, **one}, 0)
        return {
            f"features/{name}": draw_grid(_channels(np.asarray(value)[0]))
            for name, value in zip(self._watched, values, strict=True)
        }


def _is_map(built: Built, output: str) -> bool:
    """Whether a tensor has height and width, and is more than one pixel."""
    shape = built.graph.spec(output).shape
    return shape is not None and len(shape) == 4 and all(side is None or side > 1 for side in shape[1:3])


def _visible(images: np.ndarray, feature: Feature) -> np.ndarray:
    """Stored images as uint8: by the scale that makes 0 to 1 of them, or each between its least and greatest number."""
    scaled = images.astype(np.float32) * feature.scale
    if scaled.size and scaled.min() >= 0 and scaled.max() <= 1:
        return np.rint(scaled * 255).astype(np.uint8)
    return np.stack([stretched(image) for image in scaled])


def _channels(output: np.ndarray) -> np.ndarray:
    """`[height, width, channels]` as one grey image a channel, each between its least and greatest number."""
    return np.stack([stretched(output[..., k])[..., None] for k in range(min(output.shape[-1], _CHANNELS))])
