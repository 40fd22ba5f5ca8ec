"""Kernels of the update rules: a variable, its slots and a gradient give the new variable and slots.

Source: the formulas of TensorFlow's op pages (tf/raw_ops/ResourceApply...), which differ from the papers in where
epsilon stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from framework.kernels.registry import Kernel, register_kernel
from framework.ops.update_rules import RULES

Array = jax.Array
Attrs = Mapping[str, Any]


def _rule(name: str) -> Callable[[Kernel], Kernel]:
    """A decorator that makes its target the kernel of all forms of an update rule."""

    def enter(kernel: Kernel) -> Kernel:
        for kind in RULES[name].kinds:
            register_kernel(f"{kind}{name}")(kernel)
        return kernel

    return enter


@_rule("GradientDescent")
def gradient_descent(attrs: Attrs, var: Array, alpha: Array, delta: Array) -> Array:
    return var - alpha * delta


@_rule("Momentum")
def momentum(attrs: Attrs, var: Array, accum: Array, lr: Array, grad: Array, momentum: Array) -> tuple[Array, Array]:
    accum = accum * momentum + grad
    step = grad + accum * momentum if attrs["use_nesterov"] else accum
    return var - lr * step, accum


@_rule("KerasMomentum")
def keras_momentum(
    attrs: Attrs, var: Array, accum: Array, lr: Array, grad: Array, momentum: Array
) -> tuple[Array, Array]:
    accum = accum * momentum - lr * grad
    step = accum * momentum - lr * grad if attrs["use_nesterov"] else accum
    return var + step, accum


@_rule("Adagrad")
def adagrad(attrs: Attrs, var: Array, accum: Array, lr: Array, grad: Array) -> tuple[Array, Array]:
    accum = _collect(attrs, accum, grad)
    return var - lr * grad * jax.lax.rsqrt(accum), accum


@_rule("AdagradV2")
def adagrad_v2(attrs: Attrs, var: Array, accum: Array, lr: Array, epsilon: Array, grad: Array) -> tuple[Array, Array]:
    accum = _collect(attrs, accum, grad)
    return var - lr * grad / (jnp.sqrt(accum) + epsilon), accum


def _collect(attrs: Attrs, accum: Array, grad: Array) -> Array:
    return accum + jnp.square(grad) if attrs["update_slots"] else accum


@_rule("RMSProp")
def rms_prop(
    attrs: Attrs,
    var: Array,
    ms: Array,
    mom: Array,
    lr: Array,
    rho: Array,
    momentum: Array,
    epsilon: Array,
    grad: Array,
) -> tuple[Array, Array, Array]:
    ms = _average(ms, jnp.square(grad), rho)
    mom = momentum * mom + lr * grad * jax.lax.rsqrt(ms + epsilon)
    return var - mom, ms, mom


@_rule("CenteredRMSProp")
def centered_rms_prop(
    attrs: Attrs,
    var: Array,
    mg: Array,
    ms: Array,
    mom: Array,
    lr: Array,
    rho: Array,
    momentum: Array,
    epsilon: Array,
    grad: Array,
) -> tuple[Array, Array, Array, Array]:
    ms, mg = _average(ms, jnp.square(grad), rho), _average(mg, grad, rho)
    mom = momentum * mom + lr * grad * jax.lax.rsqrt(ms - jnp.square(mg) + epsilon)
    return var - mom, mg, ms, mom


@_rule("Adam")
def adam(
    attrs: Attrs,
    var: Array,
    m: Array,
    v: Array,
    beta1_power: Array,
    beta2_power: Array,
    lr: Array,
    beta1: Array,
    beta2: Array,
    epsilon: Array,
    grad: Array,
) -> tuple[Array, Array, Array]:
    rate = lr * jnp.sqrt(1 - beta2_power) / (1 - beta1_power)
    m, v = _average(m, grad, beta1), _average(v, jnp.square(grad), beta2)
    ahead = _average(m, grad, beta1) if attrs["use_nesterov"] else m
    return var - rate * ahead / (jnp.sqrt(v) + epsilon), m, v


@_rule("AdaMax")
def ada_max(
    attrs: Attrs,
    var: Array,
    m: Array,
    v: Array,
    beta1_power: Array,
    lr: Array,
    beta1: Array,
    beta2: Array,
    epsilon: Array,
    grad: Array,
) -> tuple[Array, Array, Array]:
    m, v = _average(m, grad, beta1), jnp.maximum(beta2 * v, jnp.abs(grad))
    return var - lr / (1 - beta1_power) * m / (v + epsilon), m, v


@_rule("Adadelta")
def adadelta(
    attrs: Attrs, var: Array, accum: Array, accum_update: Array, lr: Array, rho: Array, epsilon: Array, grad: Array
) -> tuple[Array, Array, Array]:
    accum = _average(accum, jnp.square(grad), rho)
    update = jnp.sqrt(accum_update + epsilon) * jax.lax.rsqrt(accum + epsilon) * grad
    return var - lr * update, accum, _average(accum_update, jnp.square(update), rho)


@_rule("Ftrl")
def ftrl(
    attrs: Attrs,
    var: Array,
    accum: Array,
    linear: Array,
    grad: Array,
    lr: Array,
    l1: Array,
    l2: Array,
    lr_power: Array,
) -> tuple[Array, Array, Array]:
    total = accum + jnp.square(grad)
    before, after = accum**-lr_power, total**-lr_power
    if attrs["multiply_linear_by_lr"]:
        linear = linear + lr * grad - (after - before) * var
        quadratic, threshold = after + 2 * l2 * lr, l1 * lr
    else:
        linear = linear + grad - (after - before) / lr * var
        quadratic, threshold = after / lr + 2 * l2, l1
    var = (jnp.clip(linear, -threshold, threshold) - linear) / quadratic
    return var, total, linear


def _average(average: Array, value: Array, decay: Array) -> Array:
    return average + (value - average) * (1 - decay)
