"""The Experiment: a frozen, typed tree of everything that decides a run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, InstanceOf, PrivateAttr

from framework.config.flat import Flat, placed
from framework.config.interval import Interval
from framework.config.line import Lines
from framework.config.sweep import Sweep
from framework.config.warm_start import WarmStart
from framework.data import Dataset
from framework.errors import Mistake
from framework.fields import Component, Kind, loop, structural, value
from framework.layers import Layer, Loss, Metric
from framework.optimizers import Optimizer, Schedule


class Model(Component):
    """The network: layers by name, each reading the one before it unless it says otherwise, and its outputs."""

    blocks: dict[str, Any] = structural({}, "parts of a network that are used as layers; written out into `layers`")
    layers: dict[str, InstanceOf[Layer]] = structural(..., "the layers, by name", min_length=1)
    outputs: dict[str, str] = structural(..., "output of the model -> the layer that gives it", min_length=1)
    _flat: dict[str, Flat] = PrivateAttr(default_factory=dict)

    def placed(self, mistake: Mistake) -> Mistake:
        """A mistake about a layer, at the place in the configuration where that layer was written."""
        return placed(mistake, self._flat)


class EarlyStop(Component):
    """Ends a run whose monitored number has stopped getting better."""

    monitor: str = loop("validation/loss", "the number that is watched")
    patience: int = loop(5, "evaluations without improvement before the run ends", unit="evaluations", ge=1)
    min_delta: float = loop(0.0, "the least change that counts as an improvement", ge=0)


class Summaries(Component):
    """What is reported while training, and how often."""

    every: Interval = loop("50 steps", "how often the means of loss and metrics are reported", validate_default=True)
    histograms: bool | list[str] = structural(
        False,
        "whether parameters, gradients and activations are reported as histograms; or patterns of those that are, such "
        "as parameters/* or activations/fc1",
    )
    images: bool = loop(False, "whether the first images, and what layers make of one, are shown at each evaluation")


class Trainer(Component):
    """How long and on what the training runs, and what it keeps."""

    epochs: int | None = loop(None, "passes over the training split; or give steps", unit="epochs", ge=1)
    steps: int | None = loop(None, "steps in all; or give epochs", unit="steps", ge=1)
    batch_size: Annotated[int, Field(ge=1)] | Literal["all"] = structural(
        64, "examples a step; all: the whole training split at once", unit="examples"
    )
    drop_last: bool = structural(False, "whether a smaller last batch is left out, rather than padded and masked")
    accumulate: int = structural(
        1, "batches whose gradients, by their mean, make one update; steps and schedules still count batches", ge=1
    )
    ema: float | None = value(
        None,
        "share of the parameters' moving averages that stays at an update; evaluation reads the averages",
        ge=0,
        lt=1,
    )
    precision: Literal["float32", "bfloat16"] = structural(
        "float32", "the type that layers compute in; parameters, slots, losses and metrics are float32 with both"
    )
    shuffle: bool = loop(True, "whether the order of the examples is drawn anew each epoch")
    evaluation_batch: int = structural(512, "examples a call while evaluating", unit="examples", ge=1)
    evaluate_every: Interval = loop("1 epoch", "how often the validation split is evaluated", validate_default=True)
    checkpoint_every: Interval = loop("1 epoch", "how often the run is saved", validate_default=True)
    on_nan: Literal["stop", "skip", "rollback"] = structural(
        "stop",
        "when a loss is not finite: stop: the run ends; skip: such a step, or one of such a gradient, changes nothing; "
        "rollback: the variables of the last checkpoint come back, and the batches since then are left out",
    )
    keep: int = loop(3, "how many of the newest checkpoints are kept", ge=1)
    keep_best: str | None = loop(None, "the number by which the best checkpoint is kept, such as validation/loss")
    early_stop: EarlyStop | None = loop(None, "when to end before the last epoch; never when left out")
    summaries: Summaries = loop(Summaries(), "what is reported while training")
    lines: Lines | None = loop(None, "lines of text that the terminal shows in place of its table")
    device: Literal["auto", "cpu", "gpu", "tpu"] = structural("auto", "where the program runs; auto: the best there is")
    execution: Literal["auto", "loop", "step"] = structural(
        "auto", "loop: many steps in one call of the program; step: one call each; auto: what is faster here"
    )


class Experiment(Component):
    """Everything that decides a run."""

    name: str | None = loop(None, "name of the run folder; by default made of the chosen files", pattern=r"^[\w.-]+$")
    plugins: list[str] = structural([], "Python modules that are imported for the components they register")
    seed: int = value(0, "decides first values, the order of the examples and dropout", ge=0, lt=2**31)
    model: Model = structural(..., "the network")
    dataset: InstanceOf[Dataset] = structural(..., "the data")
    loss: dict[str, InstanceOf[Loss]] = structural(..., "what is minimised: the weighted sum of these")
    metrics: dict[str, InstanceOf[Metric]] = structural({}, "what is reported beside the loss")
    optimizer: InstanceOf[Optimizer] = structural(..., "how the parameters change at a step")
    schedule: InstanceOf[Schedule] = loop(..., "how the learning rate changes with the steps")
    trainer: Trainer = loop(Trainer(), "how long the training runs, and what it keeps")
    warm_start: WarmStart | None = loop(None, "a run whose variables are the first values of those here")
    sweep: Sweep = loop(Sweep(), "how trials are run and ranked when there are many")

    @classmethod
    def compose(cls, *overrides: str) -> Experiment:
        """The experiment that the command line `python train.py <overrides>` would train, checked.

        Raises ConfigError with all mistakes. Example: `Experiment.compose("model=mlp", "trainer.epochs=2")`
        """
        from framework.config.check import check  # which makes experiments
        from framework.config.compose import compose

        return check(compose(overrides).tree)

    @property
    def monitored(self) -> dict[str, bool]:
        """The numbers that can be watched -> whether greater is better."""
        numbers = {name: metric for name, metric in self.metrics.items() if metric.gives != "table"}
        names = {"loss": False, **{name: metric.higher_is_better for name, metric in numbers.items()}}
        return {f"validation/{name}": better for name, better in names.items()}


def structure(component: Component) -> dict[str, Any]:
    """What of a component decides the compiled program or the data it sees, as plain data.

    That is every structural option, and of each value option only whether it is given at all. Two experiments with the
    same structure differ in runtime values and in the loop alone.
    """
    found: dict[str, Any] = {}
    for name in type(component).model_fields:
        held, kind = getattr(component, name), component.kind_of(name)
        if kind is Kind.VALUE:
            found[name] = held is not None
        elif isinstance(held, Component):
            inner = _typed(held) if kind is Kind.STRUCTURAL else structure(held)
            found.update({name: inner} if inner else {})  # an option of the loop alone leaves no trace
        elif kind is Kind.STRUCTURAL and isinstance(held, dict):
            found[name] = {key: _plain(item) for key, item in held.items()}
        elif kind is Kind.STRUCTURAL:
            found[name] = [_plain(item) for item in held] if isinstance(held, list) else held
    return found


def _plain(held: Any) -> Any:
    return _typed(held) if isinstance(held, Component) else held


def _typed(component: Component) -> dict[str, Any]:
    return {"type": type(component).__name__, **structure(component)}
