"""Sequences of steps of ops that change variables: what TensorFlow's variables hold after each."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from recorder import FOLDER, Recorder, numpy_type, smooth

# The forms that take handles run by themselves; those that take references are tested with the same numbers.
OPS = [
    "VarHandleOp", "ReadVariableOp", "VariableShape", "AssignVariableOp", "VarIsInitializedOp", "IsVariableInitialized",
    "AssignAddVariableOp", "AssignSubVariableOp", "AssignAdd", "AssignSub",
    "ResourceGather", "ResourceGatherNd",
    "ResourceScatterAdd", "ResourceScatterSub", "ResourceScatterUpdate", "ScatterAdd", "ScatterSub", "ScatterUpdate",
    *(
        f"{kind}{rule}"
        for kind in ("Apply", "ResourceApply")
        for rule in (
            "GradientDescent", "Momentum", "Adagrad", "AdagradV2", "RMSProp", "CenteredRMSProp", "Adam", "AdaMax",
            "Adadelta", "Ftrl",
        )
    ),
    "ResourceApplyKerasMomentum",
]  # fmt: skip


class SequenceRecorder(Recorder):
    """Sequences of one op each; `write` puts them into a file of the folder `sequences`."""

    def __init__(self, family: str):
        super().__init__(f"sequences/{family}")
        (FOLDER / "sequences").mkdir(exist_ok=True)

    def steps(self, op: str, variables: dict, steps: list[dict], **attrs) -> None:
        """Runs `op` on variables that begin as `variables` (by the names of the op's inputs), once for each of `steps`.

        steps: the op's other inputs, by name. What the variables hold after each step and what the op returned is kept.
        """
        held = {name: tf.Variable(value) for name, value in variables.items()}
        handles = {name: variable.handle for name, variable in held.items()}
        # What an op gives back has a type that no other input of it says.
        typed = {"dtype": held["resource"].dtype} if op.startswith("ResourceGather") else {}
        recorded = []
        for values in steps:
            given = {name: tf.constant(value) for name, value in values.items()}
            try:
                output = getattr(tf.raw_ops, op)(**handles, **given, **typed, **attrs)
            except tf.errors.OpError as error:
                self._refuse(op, [*held.values()], error)
                return
            recorded.append(
                {
                    "inputs": {name: self._store(value.numpy()) for name, value in given.items()},
                    "after": {name: self._store(variable.numpy()) for name, variable in held.items()},
                    "output": self._store(output.numpy()) if isinstance(output, tf.Tensor) else None,
                }
            )
        before = {name: self._store(np.asarray(value)) for name, value in variables.items()}
        self.cases.append({"op": op, "attrs": attrs, "before": before, "steps": recorded})


# rule -> slots and their first values; scalars; attributes to try; the name of the gradient
RULES = {
    "GradientDescent": ({}, {"alpha": 0.1}, [{}], "delta"),
    "Momentum": ({"accum": 0.0}, {"lr": 0.1, "momentum": 0.9}, [{}, {"use_nesterov": True}], "grad"),
    "KerasMomentum": ({"accum": 0.0}, {"lr": 0.1, "momentum": 0.9}, [{}, {"use_nesterov": True}], "grad"),
    "Adagrad": ({"accum": 0.1}, {"lr": 0.1}, [{}, {"update_slots": False}], "grad"),
    "AdagradV2": ({"accum": 0.1}, {"lr": 0.1, "epsilon": 1e-3}, [{}, {"update_slots": False}], "grad"),
    "RMSProp": (
        {"ms": 0.0, "mom": 0.0}, {"lr": 0.01, "rho": 0.9, "momentum": 0.5, "epsilon": 1e-3}, [{}], "grad",
    ),
    "CenteredRMSProp": (
        {"mg": 0.0, "ms": 0.0, "mom": 0.0}, {"lr": 0.01, "rho": 0.9, "momentum": 0.5, "epsilon": 1e-3}, [{}], "grad",
    ),
    "Adam": (
        {"m": 0.0, "v": 0.0}, {"lr": 0.01, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-3},
        [{}, {"use_nesterov": True}], "grad",
    ),
    "AdaMax": ({"m": 0.0, "v": 0.0}, {"lr": 0.01, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-3}, [{}], "grad"),
    "Adadelta": ({"accum": 0.0, "accum_update": 0.0}, {"lr": 1.0, "rho": 0.95, "epsilon": 1e-3}, [{}], "grad"),
    "Ftrl": (
        {"accum": 0.1, "linear": 0.0}, {"lr": 0.1, "l1": 0.05, "l2": 0.01, "lr_power": -0.5},
        [{}, {"multiply_linear_by_lr": True}], "grad",
    ),
}  # fmt: skip


def updates() -> Recorder:
    recorder = SequenceRecorder("updates")
    for rule, (slots, scalars, choices, gradient) in RULES.items():
        for attrs in choices:
            for dtype, shape, count in (("float32", (2, 3), 20), ("float64", (3,), 20), ("float16", (4,), 4)):
                _updates(recorder, rule, slots, scalars, attrs, gradient, dtype, shape, count)
        _updates(recorder, rule, slots, scalars, choices[0], gradient, "float32", (), 4)
        _updates(recorder, rule, slots, scalars, choices[0], gradient, "float32", (0, 2), 4)
        _updates(recorder, rule, slots, scalars, choices[0], gradient, "bfloat16", (4,), 4)
    return recorder


def _updates(recorder, rule, slots, scalars, attrs, gradient, dtype, shape, count) -> None:
    kind = numpy_type(dtype)
    variables = {"var": smooth(dtype, shape, 1)} | {name: np.full(shape, v, kind) for name, v in slots.items()}
    steps = []
    for step in range(1, count + 1):
        powers = {
            "beta1_power": scalars.get("beta1", 0.0) ** step, "beta2_power": scalars.get("beta2", 0.0) ** step,
        }  # fmt: skip
        wanted = {"Adam": powers, "AdaMax": {"beta1_power": powers["beta1_power"]}}.get(rule, {})
        values = {name: kind.type(value) for name, value in {**scalars, **wanted}.items()}
        steps.append({**values, gradient: smooth(dtype, shape, 10 + step)})
    recorder.steps(f"ResourceApply{rule}", variables, steps, **attrs)


def variables() -> Recorder:
    recorder = SequenceRecorder("variables")
    for op in ("AssignAddVariableOp", "AssignSubVariableOp"):
        for dtype, shape in (
            ("float32", (2, 3)),
            ("float64", ()),
            ("int32", (3,)),
            ("complex64", (2,)),
            ("uint8", (0,)),
        ):
            first, second, third = (np.arange(np.prod(shape)).reshape(shape).astype(dtype) + k for k in (5, 1, 2))
            recorder.steps(op, {"resource": third * 3 + first}, [{"value": first}, {"value": second}])
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    rows, one = np.int32([2, 0, 2]), np.int64(1)
    for op in ("ResourceScatterAdd", "ResourceScatterSub", "ResourceScatterUpdate"):
        same = np.float32([[1, 2, 3], [4, 5, 6], [1, 2, 3]])  # which of two updates of a row stays is not promised
        recorder.steps(op, {"resource": table}, [{"indices": rows, "updates": same}] * 2)
        recorder.steps(op, {"resource": table}, [{"indices": one, "updates": same[0]}])
        recorder.steps(op, {"resource": table.astype(np.int32)}, [{"indices": rows, "updates": np.int32(7)}])
        recorder.steps(op, {"resource": table[0].astype(np.float64)}, [{"indices": rows, "updates": np.ones(3)}])
        none = {"indices": np.zeros((0,), np.int32), "updates": np.zeros((0, 3), np.float32)}
        recorder.steps(op, {"resource": table}, [none])
    for indices in (rows, one, np.int64([[0, 3], [1, 1]]), np.zeros((0,), np.int32)):
        recorder.steps("ResourceGather", {"resource": table}, [{"indices": indices}])
    batched = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    recorder.steps("ResourceGather", {"resource": batched}, [{"indices": np.int32([[2, 0], [1, 1]])}], batch_dims=1)
    for indices in (np.int32([[1, 2], [0, 0]]), np.int64([[1], [0]]), np.int32([1, 2, 3])):
        recorder.steps("ResourceGatherNd", {"resource": batched}, [{"indices": indices}])
    return recorder
