"""Gradients of activations and of roots, as the graphs of training programs hold them."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import merge
from framework.ops.inference import Shapes, input_flops
from framework.ops.signatures import FLOATS, FLOATS_AND_COMPLEX, REALS


def _merged(call: Call) -> Shapes:
    return [merge(call.shapes[0], call.shapes[1])]


for _name, _other, _attrs, _doc in (
    ("ReluGrad", "features", f"T: {REALS}", "`gradients` where features > 0, and 0 elsewhere."),
    ("Relu6Grad", "features", f"T: {REALS}", "`gradients` where 0 < features < 6, and 0 elsewhere."),
    (
        "LeakyReluGrad",
        "features",
        f"alpha: float = 0.20000000298023224, T: {FLOATS} = float",
        "`gradients` where features > 0, and alpha times them elsewhere.",
    ),
    ("EluGrad", "outputs", f"T: {FLOATS}", "`gradients` times the slope of Elu where it gave `outputs`."),
    ("SeluGrad", "outputs", f"T: {FLOATS}", "`gradients` times the slope of Selu where it gave `outputs`."),
    ("SoftplusGrad", "features", f"T: {FLOATS}", "gradients / (1 + exp(-features))."),
    ("SoftsignGrad", "features", f"T: {FLOATS}", "gradients / (1 + |features|)^2."),
):
    register_op(
        _name,
        inputs=f"gradients: T, {_other}: T",
        outputs="backprops: T",
        attrs=_attrs,
        shape=_merged,
        flops=input_flops(2),
        doc=_doc,
    )

for _name, _doc in (
    ("SigmoidGrad", "dy * y * (1 - y), where y = sigmoid(x)."),
    ("TanhGrad", "dy * (1 - y^2), where y = tanh(x)."),
    ("RsqrtGrad", "dy * -y^3 / 2, where y = 1 / sqrt(x)."),
    ("SqrtGrad", "dy / (2 y), where y = sqrt(x)."),
    ("ReciprocalGrad", "-dy * y^2, where y = 1 / x."),
    ("InvGrad", "-dy * y^2, where y = 1 / x (the older name of ReciprocalGrad)."),
):
    register_op(
        _name,
        inputs="y: T, dy: T",
        outputs="z: T",
        attrs=f"T: {FLOATS_AND_COMPLEX}",
        shape=_merged,
        flops=input_flops(3),
        doc=_doc,
    )
