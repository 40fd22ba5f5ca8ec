"""Ops that take one step of an optimizer: they change a variable and the slots that the rule keeps beside it.

Each has a form for references and one for handles. Graphs that train hold them; the optimizers of experiments are
`Update` nodes instead.
"""

from __future__ import annotations

from typing import NamedTuple

from framework.errors import GraphError
from framework.graph import Call, register_op
from framework.graph.shapes import merge, show
from framework.ops.inference import Shapes
from framework.ops.signatures import NUMBERS
from framework.ops.variables import changed, fitting, held


class Rule(NamedTuple):
    """The signature of an update rule.

    variables: the variable and its slots. values: the other inputs, of which `like` has the shape of the variable and
    the rest are scalars. attrs: beside `T` and `use_locking`. kinds: prefixes of the forms that TensorFlow has.
    """

    variables: str
    values: str
    doc: str
    attrs: str = ""
    like: str = "grad"
    kinds: tuple[str, ...] = ("Apply", "ResourceApply")


_NESTEROV = "use_nesterov: bool = false"
_SLOTS = "update_slots: bool = true"
RULES = {
    "GradientDescent": Rule("var", "alpha delta", "var -= alpha * delta.", like="delta"),
    "Momentum": Rule(
        "var accum", "lr grad momentum",
        "accum = momentum * accum + grad; var -= lr * accum, which `use_nesterov` looks one step ahead of.", _NESTEROV,
    ),
    "KerasMomentum": Rule(
        "var accum", "lr grad momentum",
        "accum = momentum * accum - lr * grad; var += accum, which `use_nesterov` looks one step ahead of.",
        _NESTEROV, kinds=("ResourceApply",),
    ),
    "Adagrad": Rule("var accum", "lr grad", "accum += grad^2; var -= lr * grad / sqrt(accum).", _SLOTS),
    "AdagradV2": Rule(
        "var accum", "lr epsilon grad", "accum += grad^2; var -= lr * grad / (sqrt(accum) + epsilon).", _SLOTS
    ),
    "RMSProp": Rule(
        "var ms mom", "lr rho momentum epsilon grad",
        "ms = rho * ms + (1 - rho) * grad^2; mom = momentum * mom + lr * grad / sqrt(ms + epsilon); var -= mom.",
    ),
    "CenteredRMSProp": Rule(
        "var mg ms mom", "lr rho momentum epsilon grad",
        "RMSProp by the variance of the gradient: mg = rho * mg + (1 - rho) * grad, and ms - mg^2 in place of ms.",
    ),
    "Adam": Rule(
        "var m v", "beta1_power beta2_power lr beta1 beta2 epsilon grad",
        "m and v are decaying averages of grad and grad^2; var -= lr * sqrt(1 - beta2_power) / (1 - beta1_power) * m / "
        "(sqrt(v) + epsilon).", _NESTEROV,
    ),
    "AdaMax": Rule(
        "var m v", "beta1_power lr beta1 beta2 epsilon grad",
        "m is a decaying average of grad, v = max(beta2 * v, |grad|); "
        "var -= lr / (1 - beta1_power) * m / (v + epsilon).",
    ),
    "Adadelta": Rule(
        "var accum accum_update", "lr rho epsilon grad",
        "var -= lr * update, update = grad * sqrt(accum_update + epsilon) / sqrt(accum + epsilon), where the two are "
        "decaying averages of grad^2 and update^2.",
    ),
    "Ftrl": Rule(
        "var accum linear", "grad lr l1 l2 lr_power",
        "Follow the regularised leader: the variable that minimises the sum of all gradients seen, with l1 and l2.",
        "multiply_linear_by_lr: bool = false",
    ),
}  # fmt: skip


def _shape(call: Call) -> Shapes:
    rule = RULES[call.op.name.partition("Apply")[2]]
    count = len(rule.variables.split())
    variable = held(call)
    for index in range(1, count):
        slot = held(call, index)
        try:
            variable = merge(variable, slot)
        except GraphError:
            raise call.fail(f"'{call.op.input_name(index)}' {show(slot)} is not as 'var' {show(variable)}") from None
    for index in range(count, len(call.shapes)):
        if call.op.input_name(index) == rule.like:
            variable = fitting(call, variable, index)
        else:
            call.rank(index, 0)
    return changed(call, variable)


def op_names() -> tuple[str, ...]:
    """All ops of this family."""
    return tuple(f"{kind}{name}" for name, rule in RULES.items() for kind in rule.kinds)


def _declare(name: str, rule: Rule, kind: str) -> None:
    is_handle = kind == "ResourceApply"
    variables = [f"{word}: {'resource' if is_handle else 'Ref(T)'}" for word in rule.variables.split()]
    attrs = [f"T: {NUMBERS}", "use_locking: bool = false", *([rule.attrs] if rule.attrs else [])]
    register_op(
        f"{kind}{name}",
        inputs=", ".join([*variables, *(f"{word}: T" for word in rule.values.split())]),
        outputs="" if is_handle else "out: Ref(T)",
        attrs=", ".join(attrs),
        shape=_shape,
        stateful=is_handle,
        doc=rule.doc,
    )


for _name, _rule in RULES.items():
    for _kind in _rule.kinds:
        _declare(_name, _rule, _kind)
