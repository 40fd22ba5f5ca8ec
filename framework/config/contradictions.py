"""What no single option can see: options that exclude each other or have no effect, and names that nothing bears."""

from __future__ import annotations

from collections.abc import Iterator

from framework.config.experiment import Experiment
from framework.config.line import PLACE
from framework.errors import Mistake
from framework.optimizers import SCHEDULES, groups
from framework.registry import did_you_mean


def contradictions(experiment: Experiment) -> Iterator[Mistake]:
    """What is wrong with an experiment whose options are right each by itself."""
    yield from _length(experiment)
    yield from _watched(experiment)
    yield from _printed(experiment)
    yield from groups.contradictions(experiment.optimizer)
    yield from _without_effect(experiment)


def _length(experiment: Experiment) -> Iterator[Mistake]:
    trainer = experiment.trainer
    if trainer.epochs is None and trainer.steps is None:
        message = "neither epochs nor steps are given, so the run would have no end"
        yield Mistake(("trainer", "epochs"), message, "such as trainer.epochs=20")
    if trainer.epochs is not None and trainer.steps is not None:
        message = f"steps ({trainer.steps}) and epochs ({trainer.epochs}) are both given"
        yield Mistake(
            ("trainer", "steps"), message, "leave one to the other: trainer.epochs=null", ("trainer", "epochs")
        )


def _watched(experiment: Experiment) -> Iterator[Mistake]:
    trainer, monitored = experiment.trainer, experiment.monitored
    watched: dict[tuple[str, ...], str | None] = {("trainer", "keep_best"): trainer.keep_best}
    if trainer.early_stop:
        watched["trainer", "early_stop", "monitor"] = trainer.early_stop.monitor
    for path, name in watched.items():
        if name is not None and name not in monitored:
            message = f"nothing is reported as '{name}'{did_you_mean(name, monitored)}  known: {', '.join(monitored)}"
            yield Mistake(path, message)


def _printed(experiment: Experiment) -> Iterator[Mistake]:
    lines = experiment.trainer.lines
    if lines is None:
        return
    means = ["loss", *(name for name, metric in experiment.metrics.items() if metric.gives == "mean")]
    known = [*PLACE, "learning_rate", *(f"train/{name}" for name in means), *experiment.monitored]
    at_end = [*known, *(name.replace("validation/", "test/", 1) for name in experiment.monitored)]
    for field, line, names in (("epoch", lines.epoch, known), ("end", lines.end, at_end)):
        for name in line.names if line else ():
            if name not in names:
                message = f"there is no number '{name}'{did_you_mean(name, names)}  known: {', '.join(names)}"
                yield Mistake(("trainer", "lines", field), message)


def _without_effect(experiment: Experiment) -> Iterator[Mistake]:
    optimizer, batches = experiment.optimizer, experiment.trainer.accumulate
    kind = optimizer.function
    if "learning_rate" not in optimizer.hyper() and not isinstance(experiment.schedule, SCHEDULES["constant"]):
        schedule = SCHEDULES.name_of(experiment.schedule)
        message = f"the optimizer {kind} chooses its own steps, so the schedule {schedule} would have no effect"
        can_be_given = "learning_rate" in type(optimizer).model_fields
        hint = "schedule=constant" + (", or give optimizer.learning_rate a number" if can_be_given else "")
        yield Mistake(("schedule",), message, hint, ("optimizer",))
    if batches > 1 and kind in groups.WHOLE:
        message = f"the optimizer {kind} weighs each step by the loss of its batch, so {batches} cannot make one step"
        yield Mistake(("trainer", "accumulate"), message, "a larger trainer.batch_size does the same", ("optimizer",))
