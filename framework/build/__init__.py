"""From an Experiment to a Graph: layers, losses, metrics, gradients and update become named ops. No JAX yet.

This is the only room that knows all parts. The three graphs of an experiment (train, evaluate, predict) hold the same
variables under the same names. The boxes that TensorBoard shows are: `Data`, one a layer, `Loss`, `Metrics`, `Train`,
`Hyper`.
"""

from __future__ import annotations

from framework.build.augmentation import add_augmentation
from framework.build.building import Building
from framework.build.built import Built, LayerNote, Report
from framework.build.inputs import add_weights, check_batch
from framework.build.network import RESERVED, add_layers, add_outputs
from framework.build.objective import add_losses, add_metrics, warn_of_the_best
from framework.build.training import add_training
from framework.config.experiment import Experiment
from framework.errors import ConfigError
from framework.layers import Mode

__all__ = ["RESERVED", "Built", "LayerNote", "Report", "build"]


def build(experiment: Experiment, mode: Mode) -> Built:
    """The graph of an experiment in one mode.

    Raises ConfigError with every mistake that shows only here: references that dangle or go in circles, shapes that
    do not fit, patterns that match nothing.
    """
    building = Building(experiment, mode)
    building.hyper("seed", experiment.seed)
    building.graph.seed_node = "Hyper/seed"
    check_batch(building)
    add_weights(building)
    add_augmentation(building)
    add_layers(building)
    add_outputs(building)
    if mode is not Mode.PREDICT:
        has_loss = add_losses(building)
        add_metrics(building)
        if has_loss and mode is Mode.TRAIN and not building.mistakes:
            add_training(building)
            warn_of_the_best(building)
    if building.mistakes:
        # The layers of a block that is used more than once repeat a mistake that was written once.
        raise ConfigError(dict.fromkeys(experiment.model.placed(mistake) for mistake in building.mistakes))
    return building.built
