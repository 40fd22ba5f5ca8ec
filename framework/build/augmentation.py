"""Augmentation: the features of a training batch, changed before anything reads them."""

from __future__ import annotations

from framework.build import inputs
from framework.build.building import Building
from framework.build.scope import PartScope
from framework.errors import GraphError
from framework.layers import AUGMENTATIONS, Mode


def add_augmentation(building: Building) -> None:
    """Adds what the data set lists under `augment`, to the training graph alone.

    All features are changed at once, since one may change together with another, between their scaling and their
    normalisation.
    """
    if building.mode is not Mode.TRAIN or not building.experiment.dataset.augment:
        return
    graph, features = building.graph, building.spec.features
    tensors = {name: inputs.scaled(building, feature) for name, feature in features.items()}
    for position, augmentation in enumerate(building.experiment.dataset.augment):
        scope = PartScope(building, ("dataset", "augment", str(position)), "Data/")
        try:
            with graph.as_default(), graph.name_scope("Data/"), graph.name_scope(AUGMENTATIONS.name_of(augmentation)):
                tensors = augmentation.apply(scope, tensors)
        except GraphError as error:
            building.fail(scope.path, error)
    building.tensors.update((name, inputs.prepared(building, x, features[name])) for name, x in tensors.items())
