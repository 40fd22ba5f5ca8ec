"""optax's optimizers and schedules as components, declared without importing optax."""

from framework.optimizers.groups import Group
from framework.optimizers.length import Length
from framework.optimizers.optimizer import OPTIMIZERS, Clip, Optimizer
from framework.optimizers.schedule import SCHEDULES, Call, Schedule, Span

__all__ = ["OPTIMIZERS", "SCHEDULES", "Call", "Clip", "Group", "Length", "Optimizer", "Schedule", "Span"]
