"""What a network sees, against a convolution done by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework.config.check import check
from framework.config.compose import compose
from framework.config.loader import Source
from framework.train.engine import Engine
from framework.train.loop import train_loop
from framework.train.observer import Moment, Observer, Pictures
from framework.train.position import Progress


def engine(*overrides: str) -> Engine:
    small = ["model.layers.conv1.filters=3", "model.layers.conv2.filters=2", "model.layers.fc.units=4"]
    tree = compose([*small, "trainer.device=cpu", "dataset.limit=64", *overrides], Source()).tree
    experiment = check(tree)
    return Engine(experiment, experiment.dataset.load())


def test_inputs_are_the_first_validation_examples_as_grey_levels():
    made = engine()
    (picture,) = made.views.inputs().values()
    first = made.data.splits["validation"]["image"][0, :, :, 0]  # 0 to 16; each pixel is enlarged to 4 by 4
    assert (picture[1:33:4, 1:33:4, 0] == np.rint(first / 16 * 255)).all()
    assert picture.shape == (4 * 33 + 1, 4 * 33 + 1, 1)


def test_maps_are_the_channels_of_the_layers_that_learn():
    made = engine("model.layers.conv1.kernel_size=1", "model.layers.conv1.activation=null")
    state = dict(made.initialize())
    kernel = np.array([1.0, -1.0, 2.0], np.float32).reshape(1, 1, 1, 3)
    state["conv1/kernel"] = kernel  # type: ignore[assignment]
    found = made.views.maps(state)
    assert list(found) == ["features/conv1", "features/conv2"]  # fc is no map
    image = made.data.splits["validation"]["image"][0, :, :, 0].astype(np.float32)
    grey = np.rint((image - image.min()) / (image.max() - image.min()) * 255)
    picture = found["features/conv1"][..., 0].astype(int)
    assert (abs(picture[1:33:4, 1:33:4] - grey) <= 1).all()
    assert (abs(picture[1:33:4, 34:66:4] - (255 - grey)) <= 1).all()  # negated
    assert (abs(picture[34:66:4, 1:33:4] - grey) <= 1).all()


@pytest.mark.parametrize("overrides", [["model=perceptron", "dataset=iris"]])
def test_a_table_of_numbers_has_no_pictures(overrides):
    experiment = check(compose([*overrides, "trainer.device=cpu"], Source()).tree)
    made = Engine(experiment, experiment.dataset.load())
    assert made.views.inputs() == {}
    assert made.views.maps(made.initialize()) == {}


class _Album(Observer):
    def __init__(self) -> None:
        self.pages: list[tuple[int, list[str]]] = []

    def pictures(self, moment: Moment, found: Pictures) -> None:
        self.pages.append((moment.step, list(found)))


class _NoCheckpoints:
    is_quick = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps nothing."""


class _NoFaults:
    def answer(self, state: Any, records: Any, *_: Any) -> Any:
        return state, records

    def end(self) -> None: ...

    def check(self, *_: Any) -> None: ...

    def saved(self, *_: Any) -> None: ...


class _NoStop:
    requested = None


@pytest.mark.parametrize("images", [True, False])
def test_they_are_shown_at_every_evaluation_and_inputs_once(images):
    made = engine(f"trainer.summaries.images={str(images).lower()}", "trainer.epochs=2", "trainer.batch_size=32")
    album = _Album()
    around: Any = (_NoCheckpoints(), _NoFaults(), _NoStop())
    train_loop(made, made.initialize(), Progress(), [album], *around)
    maps = ["features/conv1", "features/conv2"]
    assert album.pages == ([(2, ["inputs/image", *maps]), (4, maps)] if images else [])
