"""optax's optimizers and schedules as components, declared without importing optax."""

from framework.optimizers.optimizer import OPTIMIZERS, Clip, Optimizer
from framework.optimizers.schedule import SCHEDULES, Schedule

__all__ = ["OPTIMIZERS", "SCHEDULES", "Clip", "Optimizer", "Schedule"]
