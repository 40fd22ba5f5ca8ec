"""Groups of parameters that an optimizer trains otherwise than the rest, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from framework.errors import Mistake
from framework.fields import Component, structural, value
from framework.registry import did_you_mean, listed

if TYPE_CHECKING:
    from framework.optimizers.optimizer import Optimizer

# Optimizers that choose one step for all parameters together, from the loss or along a line.
WHOLE = ("lbfgs", "polyak_sgd")
_PATH = ("optimizer", "groups")


class Group(Component):
    """Parameters by their names, and what is another for them than for the rest.

    A parameter may be in several groups, each of which sets another option for it. `freeze` comes before all: a frozen
    parameter keeps its value and has neither gradient nor slots. The statistics of a batch normalisation are no
    parameters: they move at every training step, frozen or not.
    """

    parameters: str = structural(..., "pattern over the names of parameters; * matches any characters")
    learning_rate_multiplier: float | None = value(None, "factor of the learning rate, schedule included", ge=0)
    weight_decay: float | None = value(None, "in place of the optimizer's weight_decay", ge=0)
    freeze: bool = structural(False, "whether the parameters keep their values")

    def numbers(self) -> dict[str, float]:
        """The options that are numbers and are given."""
        found = {option: getattr(self, option) for option in ("learning_rate_multiplier", "weight_decay")}
        return {option: number for option, number in found.items() if number is not None}

    def options(self) -> list[str]:
        """The options that are set, by name."""
        return [*self.numbers(), *(["freeze"] if self.freeze else [])]

    def matches(self, parameter: str) -> bool:
        """Whether the parameter of this name is in the group."""
        return fnmatchcase(parameter, self.parameters)


def contradictions(optimizer: Optimizer) -> Iterator[Mistake]:
    """What is wrong with the groups of an optimizer whatever the parameters are."""
    kind, known = optimizer.function, type(optimizer).model_fields
    for position, group in enumerate(optimizer.groups):
        path, options = (*_PATH, str(position)), group.options()
        if not options:
            hint = "learning_rate_multiplier, weight_decay or freeze: true"
            yield Mistake(path, f"the group '{group.parameters}' changes nothing; say what is another for it", hint)
        if group.freeze and len(options) > 1:
            message = f"the parameters '{group.parameters}' are frozen, so {options[0]} would have no effect on them"
            yield Mistake((*path, options[0]), message)
        elif group.numbers() and kind in WHOLE:
            message = f"the optimizer {kind} chooses one step for all parameters together, so a group can only freeze"
            yield Mistake((*path, options[0]), message)
        elif group.weight_decay is not None and "weight_decay" not in known:
            message = f"the optimizer {kind} has no option 'weight_decay'"
            yield Mistake((*path, "weight_decay"), message, "choose one that has, such as adamw")
        elif group.learning_rate_multiplier is not None and getattr(optimizer, "learning_rate", None) is None:
            message = f"the optimizer {kind} has no learning rate that could be multiplied"
            hint = "give it one: optimizer.learning_rate=..." if "learning_rate" in known else None
            yield Mistake((*path, "learning_rate_multiplier"), message, hint)


def misfits(groups: Sequence[Group], parameters: Sequence[str]) -> Iterator[Mistake]:
    """What is wrong with groups over these parameters: patterns that match nothing, options that are set twice."""
    frozen = set(frozen_by(groups, parameters))
    if parameters and len(frozen) == len(parameters):
        yield Mistake(_PATH, "every parameter is frozen, so there is nothing to train")
    setter: dict[tuple[str, str], int] = {}
    for position, group in enumerate(groups):
        path = (*_PATH, str(position), "parameters")
        matched = [name for name in parameters if group.matches(name)]
        if not matched:
            pattern = group.parameters
            near, known = did_you_mean(pattern, parameters), listed(pattern, parameters)
            yield Mistake(path, f"the pattern '{pattern}' matches no parameter{near}  parameters: {known}")
        elif not group.freeze and frozen.issuperset(matched):
            yield Mistake(path, f"every parameter that '{group.parameters}' matches is frozen by another group")
        twice = [
            (name, option, setter[name, option])
            for name in matched
            for option in group.options()
            if setter.setdefault((name, option), position) != position
        ]
        if twice:
            name, option, other = twice[0]
            message = (
                f"'{group.parameters}' and '{groups[other].parameters}' both set {option} for the parameter '{name}'"
            )
            hint = "a parameter may be in several groups, if each sets another option for it"
            yield Mistake(path, message, hint, (*_PATH, str(other), "parameters"))


def frozen_by(groups: Sequence[Group], parameters: Sequence[str]) -> list[str]:
    """The parameters that some group freezes."""
    return [name for name in parameters if any(group.freeze and group.matches(name) for group in groups)]


def parts(groups: Sequence[Group], parameters: Sequence[str]) -> list[dict[str, Any]]:
    """The parameters, divided by what is another for them, as plain data; nothing where no group has any of them.

    groups: positions of the groups of a part, joined by `+`; empty for the parameters that are in none. parameters:
    their names. numbers: option -> its path among the numbers of the optimizer, `weight_decay` ->
    `groups/1/weight_decay`.
    """
    found: dict[tuple[int, ...], list[str]] = {}
    for name in parameters:
        inside = tuple(k for k, group in enumerate(groups) if group.matches(name))
        found.setdefault(inside, []).append(name)
    return [
        {"groups": "+".join(map(str, inside)), "parameters": names, "numbers": _paths(groups, inside)}
        for inside, names in sorted(found.items())
        if any(found)
    ]


def _paths(groups: Sequence[Group], positions: Sequence[int]) -> dict[str, str]:
    return {option: f"groups/{k}/{option}" for k in positions for option in groups[k].numbers()}
