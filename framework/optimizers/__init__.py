"""optax's optimizers and schedules as components, declared without importing optax."""

from framework.optimizers.length import Length
from framework.optimizers.optimizer import OPTIMIZERS, Clip, Optimizer
from framework.optimizers.schedule import SCHEDULES, Call, Schedule, Span

__all__ = ["OPTIMIZERS", "SCHEDULES", "Call", "Clip", "Length", "Optimizer", "Schedule", "Span"]
