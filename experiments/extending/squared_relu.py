"""An op of one's own: the square of the positive part, an activation. Source: So et al., Primer, NeurIPS 2021."""

import jax.numpy as jnp

from framework import register_kernel, register_op

register_op(
    "SquaredRelu",
    inputs="features: T",
    outputs="activations: T",
    attrs="scale: float = 1, T: {half, bfloat16, float, double}",
    shape=lambda call: [call.shapes[0]],  # from what the node is given to the shapes of its outputs
    doc="scale * max(x, 0)^2 elementwise.",
)


@register_kernel("SquaredRelu")  # or register_kernel("SquaredRelu", "cuda"), for one platform: cpu, cuda or tpu
def squared_relu(attrs, features):
    return jnp.asarray(attrs["scale"], features.dtype) * jnp.square(jnp.maximum(features, 0))
