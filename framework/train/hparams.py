"""The options by which TensorBoard's HParams tab compares runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from framework.config.experiment import Experiment
from framework.difference import flatten, kind_at
from framework.fields import Kind

_BESIDE = ("trainer.batch_size", "trainer.epochs", "trainer.steps")


def chosen(
    tree: Mapping[str, Any], experiment: Experiment, choices: Mapping[str, str]
) -> dict[str, float | str | bool]:
    """What a user is likely to vary: the file chosen of each group, every value that is written, and the run's length.

    tree: the configuration as composed. choices: group -> file.
    """
    written = {
        path: item
        for path, item in flatten(tree)
        if isinstance(item, (bool, int, float, str))
        and (path in _BESIDE or kind_at(experiment, tuple(path.split("."))) is Kind.VALUE)
    }
    return {**choices, **written}
