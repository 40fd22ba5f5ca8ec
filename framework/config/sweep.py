"""How a sweep runs, and what its answer is. Nothing here changes a trial: it is no part of any trial's identity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from framework.fields import Component, loop


class Search(Component):
    """Trials that are proposed one after the other, in view of how those before went. Needs Optuna."""

    trials: int = loop(50, "how many are tried in all, those of a resumed search included", unit="trials", ge=1)
    sampler: dict[str, Any] = loop(
        {"type": "tpe"}, "how trials are proposed: any sampler of Optuna by its name, with its arguments"
    )
    pruner: dict[str, Any] | None = loop(
        None, "how bad trials are ended early: any pruner of Optuna by its name, with its arguments"
    )
    space: dict[str, Any] = loop(
        {}, "option -> {low: 1e-4, high: 1, log: true}, {low: 1, high: 9, step: 2} or {choices: [a, b]}"
    )

    def dimensions(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The options that are searched over, by their paths with dots, and what each ranges over."""
        yield from _dimensions(self.space, "")


class Sweep(Component):
    """How the trials of a sweep are run, what happens when one fails, and by what they are ranked."""

    metric: str | None = loop(
        None, "what trials are ranked by, such as test/accuracy; by default the best of trainer.keep_best"
    )
    processes: int | None = loop(None, "trials at a time, each in a process of its own; null: all in this one", ge=1)
    vectorize: Literal["auto", "off"] | Annotated[int, Field(ge=1)] = loop(
        "auto", "trials of one program at once in one program; auto: where that is faster, as measured", unit="trials"
    )
    retry: int = loop(0, "how many times a trial that failed is tried again", ge=0)
    on_failure: Literal["continue", "stop"] = loop("continue", "what a failed trial means for those that wait")
    on_invalid: Literal["stop", "skip"] = loop(
        "stop", "stop: nothing runs when a configuration among them is wrong; skip: the others do"
    )
    pictures: bool = loop(True, "whether the results are drawn when the sweep ends")
    search: Search | None = loop(None, "a search in place of all combinations of listed values")


def _dimensions(space: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """A mapping with `low`, `high` or `choices` is a dimension; any other holds some below its name."""
    for key, held in space.items():
        path = f"{prefix}{key}"
        if isinstance(held, Mapping) and held and not {"low", "high", "choices"} & held.keys():
            yield from _dimensions(held, f"{path}.")
        else:
            yield path, held
