"""Optimizers: operations that take one step of a loss downhill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from framework import ops
from framework.errors import GraphError
from framework.graph import Operation, Tensor, get_default_graph
from framework.ops.apply import TensorLike, apply
from framework.tf.arrays import zeros
from framework.tf.collections import GraphKeys
from framework.tf.derivatives import gradients
from framework.tf.variables import Variable, group, trainable_variables

Pairs = Sequence[tuple[Tensor | None, Variable]]


class Optimizer:
    """What every optimizer does: gradients, a step of its rule for each variable, and the state that the rule keeps.

    learning_rate and the other numbers may be tensors, so that a run feeds them. name: the scope of the step.
    """

    op: ClassVar[str]
    slots: ClassVar[Mapping[str, float]] = {}  # slot -> the value that it starts from

    def __init__(self, learning_rate: TensorLike, name: str):
        self.learning_rate, self.name = learning_rate, name
        self._slots: dict[str, dict[str, Variable]] = {slot: {} for slot in self.slots}

    def minimize(
        self,
        loss: Tensor,
        global_step: Variable | None = None,
        var_list: Iterable[Variable] | None = None,
        name: str | None = None,
    ) -> Operation:
        """An operation that takes one step. global_step: a variable that is one more afterwards.

        var_list: by default the trainable variables. Raises ValueError when the loss depends on none of them.
        """
        return self.apply_gradients(self.compute_gradients(loss, var_list), global_step, name)

    def compute_gradients(
        self, loss: Tensor, var_list: Iterable[Variable] | None = None, grad_loss: Tensor | None = None
    ) -> list[tuple[Tensor | None, Variable]]:
        """Each variable with its gradient, None where the loss does not depend on it."""
        with loss.graph.as_default():
            variables = list(trainable_variables() if var_list is None else var_list)
        if not variables:
            raise ValueError("there are no variables to optimize")
        return list(
            zip(gradients([loss], variables, None if grad_loss is None else [grad_loss]), variables, strict=True)
        )

    def apply_gradients(
        self, grads_and_vars: Iterable[tuple[Tensor | None, Variable]], global_step: Variable | None = None,
        name: str | None = None,
    ) -> Operation:  # fmt: skip
        """An operation that changes each variable by its gradient. Raises ValueError when none has a gradient."""
        pairs = [(gradient, variable) for gradient, variable in grads_and_vars if gradient is not None]
        if not pairs:
            raise ValueError("no variable has a gradient: the loss depends on none of them")
        graph = pairs[0][1].graph
        with graph.as_default(), graph.control_dependencies(None):
            for _, variable in pairs:
                self._make_slots(variable)
            with graph.name_scope(name or self.name):
                steps = [self._step(gradient, variable) for gradient, variable in pairs]
                done: list[Any] = [*steps, *self._finish(steps)]
                if global_step is not None:
                    with graph.control_dependencies(done):
                        done.append(ops.assign_add(global_step, np.asarray(1, global_step.dtype.numpy)))
            return group(*done, name=f"{name or self.name}/step")

    def get_slot(self, var: Variable, name: str) -> Variable | None:
        """The state of this name that is kept for a variable, or None."""
        return self._slots.get(name, {}).get(var.name)

    def get_slot_names(self) -> list[str]:
        """The names of the state that is kept for each variable."""
        return list(self.slots)

    def variables(self) -> list[Variable]:
        """All that the optimizer keeps."""
        return [slot for kept in self._slots.values() for slot in kept.values()]

    def _make_slots(self, variable: Variable) -> None:
        for slot, value in self._starts().items():
            if variable.name not in self._slots[slot]:
                shape: Any = variable.shape
                start = np.full(shape, value, variable.dtype.numpy)
                name = f"{variable.op.name}/{self.name}" if len(self.slots) == 1 else f"{variable.op.name}/{slot}"
                with variable.graph.name_scope(None):
                    self._slots[slot][variable.name] = Variable(start, trainable=False, name=name)

    def _starts(self) -> Mapping[str, float]:
        """What each slot starts from."""
        return self.slots

    def _step(self, gradient: Tensor, variable: Variable) -> Tensor:
        kept = [self._slots[slot][variable.name] for slot in self.slots]
        inputs = [variable, *kept, *self._values(gradient)]
        return apply(self.op, inputs, self._attrs(), f"update_{variable.op.name}")[0]

    def _values(self, gradient: Tensor) -> list[Any]:
        """What the op of the rule takes behind the variable and its slots."""
        return [self.learning_rate, gradient]

    def _attrs(self) -> dict[str, Any]:
        return {}

    def _finish(self, steps: Sequence[Tensor]) -> Sequence[Tensor]:
        """What is changed once, when all variables have been."""
        return ()


class GradientDescentOptimizer(Optimizer):
    """var -= learning_rate * gradient.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/GradientDescentOptimizer
    """

    op = "ApplyGradientDescent"

    def __init__(self, learning_rate: TensorLike, name: str = "GradientDescent"):
        super().__init__(learning_rate, name)


class MomentumOptimizer(Optimizer):
    """Gradient descent along a decaying sum of the gradients; with `use_nesterov` that sum looks one step ahead.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/MomentumOptimizer
    """

    op = "ApplyMomentum"
    slots: ClassVar[Mapping[str, float]] = {"momentum": 0.0}

    def __init__(
        self, learning_rate: TensorLike, momentum: TensorLike, name: str = "Momentum", use_nesterov: bool = False
    ):
        super().__init__(learning_rate, name)
        self.momentum, self.use_nesterov = momentum, use_nesterov

    def _values(self, gradient: Tensor) -> list[Any]:
        return [self.learning_rate, gradient, self.momentum]

    def _attrs(self) -> dict[str, Any]:
        return {"use_nesterov": self.use_nesterov}


class AdagradOptimizer(Optimizer):
    """Steps that shrink by the sum of the squares of the gradients (Duchi et al., JMLR 2011).

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/AdagradOptimizer
    """

    op = "ApplyAdagrad"
    slots: ClassVar[Mapping[str, float]] = {"accumulator": 0.1}

    def __init__(self, learning_rate: TensorLike, initial_accumulator_value: float = 0.1, name: str = "Adagrad"):
        super().__init__(learning_rate, name)
        if initial_accumulator_value <= 0:
            raise ValueError(f"initial_accumulator_value must be above 0, found {initial_accumulator_value}")
        self.initial_accumulator_value = initial_accumulator_value

    def _starts(self) -> dict[str, float]:
        return {"accumulator": self.initial_accumulator_value}


class RMSPropOptimizer(Optimizer):
    """Steps divided by a decaying average of the size of the gradients (Hinton, 2012), with momentum.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/RMSPropOptimizer
    """

    op = "ApplyRMSProp"
    slots: ClassVar[Mapping[str, float]] = {"rms": 1.0, "momentum": 0.0}

    def __init__(
        self,
        learning_rate: TensorLike,
        decay: TensorLike = 0.9,
        momentum: TensorLike = 0.0,
        epsilon: TensorLike = 1e-10,
        name: str = "RMSProp",
    ):
        super().__init__(learning_rate, name)
        self.decay, self.momentum, self.epsilon = decay, momentum, epsilon

    def _values(self, gradient: Tensor) -> list[Any]:
        return [self.learning_rate, self.decay, self.momentum, self.epsilon, gradient]


class AdadeltaOptimizer(Optimizer):
    """Steps in the units of the variables themselves (Zeiler, 2012).

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/AdadeltaOptimizer
    """

    op = "ApplyAdadelta"
    slots: ClassVar[Mapping[str, float]] = {"accum": 0.0, "accum_update": 0.0}

    def __init__(
        self,
        learning_rate: TensorLike = 0.001,
        rho: TensorLike = 0.95,
        epsilon: TensorLike = 1e-8,
        name: str = "Adadelta",
    ):
        super().__init__(learning_rate, name)
        self.rho, self.epsilon = rho, epsilon

    def _values(self, gradient: Tensor) -> list[Any]:
        return [self.learning_rate, self.rho, self.epsilon, gradient]


class AdamOptimizer(Optimizer):
    """Momentum divided by the size of the gradients, both corrected for their start at 0 (Kingma and Ba, ICLR 2015).

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/AdamOptimizer
    """

    op = "ApplyAdam"
    slots: ClassVar[Mapping[str, float]] = {"m": 0.0, "v": 0.0}

    def __init__(
        self,
        learning_rate: TensorLike = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: TensorLike = 1e-8,
        name: str = "Adam",
    ):
        super().__init__(learning_rate, name)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self._powers: list[Variable] = []

    def variables(self) -> list[Variable]:
        return [*super().variables(), *self._powers]

    def _make_slots(self, variable: Variable) -> None:
        if not self._powers:
            with variable.graph.name_scope(None):
                self._powers = [
                    Variable(np.float32(beta), trainable=False, name=f"{self.name}/{name}")
                    for name, beta in (("beta1_power", self.beta1), ("beta2_power", self.beta2))
                ]
        super()._make_slots(variable)

    def _values(self, gradient: Tensor) -> list[Any]:
        numbers = (*self._powers, self.learning_rate, self.beta1, self.beta2, self.epsilon)
        is_other = [isinstance(x, Tensor) and x.dtype is not gradient.dtype for x in numbers]
        cast = [ops.cast(x, gradient.dtype) if other else x for x, other in zip(numbers, is_other, strict=True)]
        return [*cast, gradient]

    def _finish(self, steps: Sequence[Tensor]) -> Sequence[Tensor]:
        with steps[0].graph.control_dependencies(steps):
            betas = zip(self._powers, (self.beta1, self.beta2), strict=True)
            return [ops.assign(power, ops.multiply(power, np.float32(beta))) for power, beta in betas]


def get_or_create_global_step() -> Variable:
    """The variable of the default graph that counts steps, int64; it starts at 0."""
    graph = get_default_graph()
    known = graph.collections.get(GraphKeys.GLOBAL_STEP)
    if known:
        return Variable.of(graph.tensor(known[0]))
    with graph.name_scope(None):
        step = Variable(zeros((), "int64"), trainable=False, name="global_step")
    graph.collect(GraphKeys.GLOBAL_STEP, step.name)
    return step


def exponential_decay(
    learning_rate: TensorLike,
    global_step: Tensor,
    decay_steps: TensorLike,
    decay_rate: TensorLike,
    staircase: bool = False,
    name: str = "ExponentialDecay",
) -> Tensor:
    """learning_rate * decay_rate ** (global_step / decay_steps); with `staircase` the exponent is rounded down.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/exponential_decay
    """
    if not isinstance(global_step, Tensor):
        raise GraphError("exponential_decay follows a tensor that counts steps")
    with global_step.graph.name_scope(name) as scope:
        periods = ops.divide(ops.cast(global_step, "float32"), ops.cast(decay_steps, "float32"))
        power = ops.pow(decay_rate, ops.floor(periods) if staircase else periods)
        return ops.multiply(learning_rate, power, name=scope)
