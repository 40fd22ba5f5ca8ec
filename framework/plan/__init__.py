"""The plan of an experiment: what it would compile and run, and what that costs; without JAX."""

from framework.plan.memory import Memory
from framework.plan.render import magnitude, render
from framework.plan.table import Plan, Row, plan, steps_of

__all__ = ["Memory", "Plan", "Row", "magnitude", "plan", "render", "steps_of"]
