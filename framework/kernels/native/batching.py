"""How a native primitive is made known to JAX: its shape, its lowering, its call outside of a program, and `vmap`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.interpreters import mlir

Rule = Callable[..., tuple[Any, Any]]


def define(name: str, shape: Callable[..., Any], lower: Callable[..., Any], several: bool = False) -> Primitive:
    """A primitive. shape: from its inputs and parameters to (shape, dtype), or to a list of them for `several`."""
    primitive = Primitive(name)
    primitive.multiple_results = several

    def abstract(*inputs: Any, **parameters: Any) -> Any:
        found = shape(*inputs, **parameters)
        return [ShapedArray(*one) for one in found] if several else ShapedArray(*found)

    @lru_cache(maxsize=256)
    def compiled(parameters: tuple[tuple[str, Any], ...]) -> Any:
        return jax.jit(partial(primitive.bind, **dict(parameters)))

    primitive.def_abstract_eval(abstract)
    primitive.def_impl(lambda *inputs, **parameters: compiled(tuple(parameters.items()))(*inputs))
    mlir.register_lowering(primitive, lower, platform="cpu")
    return primitive


def of_images(primitive: Primitive, images: int = 1) -> Rule:
    """The rule of `vmap` for a primitive whose first inputs are images and whose outputs are images.

    Where these alone are batched, all images are those of one call. images: how many of the inputs are images.
    """
    one_by_one = of_each(primitive)

    def rule(inputs: Sequence[Any], axes: Sequence[Any], **parameters: Any) -> tuple[Any, Any]:
        if any(axis is None for axis in axes[:images]) or any(axis is not None for axis in axes[images:]):
            return one_by_one(inputs, axes, **parameters)
        front = [jnp.moveaxis(x, axis, 0) for x, axis in zip(inputs[:images], axes, strict=False)]
        size = front[0].shape[:2]
        found = primitive.bind(*(x.reshape(-1, *x.shape[2:]) for x in front), *inputs[images:], **parameters)
        if not primitive.multiple_results:
            return found.reshape(*size, *found.shape[1:]), 0
        return [y.reshape(*size, *y.shape[1:]) for y in found], [0] * len(found)

    return rule


def of_each(primitive: Primitive) -> Rule:
    """The rule of `vmap` that calls a primitive once for each."""

    def rule(inputs: Sequence[Any], axes: Sequence[Any], **parameters: Any) -> tuple[Any, Any]:
        front = {k: jnp.moveaxis(inputs[k], axis, 0) for k, axis in enumerate(axes) if axis is not None}

        def call(chosen: dict[int, Any]) -> Any:
            return primitive.bind(*(chosen.get(k, x) for k, x in enumerate(inputs)), **parameters)

        found = jax.lax.map(call, front)
        return found, [0] * len(found) if primitive.multiple_results else 0

    return rule
