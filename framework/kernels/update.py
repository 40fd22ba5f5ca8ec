"""The optimizer's step: optax's transformation, rebuilt from plain data, over a flat mapping of slots.

This is the one place where types and ranks may be promoted silently: many of optax's transformations rely on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import optax

Arrays = Mapping[str, jax.Array]
PREFIX = "Train"


@contextmanager
def _lenient() -> Iterator[None]:
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        yield


def transformation(
    structure: Mapping[str, Any], hyper: Mapping[str, jax.Array]
) -> optax.GradientTransformationExtraArgs:
    """optax's transformation for a `structure` (`type`, `arguments`) and its numbers, which may be traced.

    hyper: by the path of the option: `learning_rate`, `momentum`, `clip/global_norm`, `clip/value`.
    """
    clips = {"clip/global_norm": optax.clip_by_global_norm, "clip/value": optax.clip}
    numbers = {name: number for name, number in hyper.items() if name not in clips}
    optimizer = getattr(optax, structure["type"])(**structure["arguments"], **numbers)
    before = [clip(hyper[name]) for name, clip in clips.items() if name in hyper]
    return optax.with_extra_args_support(optax.chain(*before, optimizer) if before else optimizer)


def slot_specs(
    structure: Mapping[str, Any], names: Sequence[str], parameters: Mapping[str, jax.ShapeDtypeStruct]
) -> dict[str, jax.ShapeDtypeStruct]:
    """Slot name -> shape and type, for an optimizer whose numbers are called `names`. Computes nothing."""
    hyper = {name: jax.ShapeDtypeStruct((), jnp.float32) for name in names}
    return jax.eval_shape(lambda h, p: initial_slots(structure, h, p), hyper, dict(parameters))


def initial_slots(structure: Mapping[str, Any], hyper: Arrays, parameters: Arrays) -> dict[str, jax.Array]:
    """The slots before the first step: name -> array, such as `Train/mu/conv1/kernel`."""
    with _lenient():
        state = transformation(structure, hyper).init(dict(parameters))
    return dict(zip(_names(state), map(_array, jax.tree.leaves(state)), strict=True))


def step(
    structure: Mapping[str, Any],
    hyper: Arrays,
    parameters: Arrays,
    gradients: Arrays,
    slots: Arrays,
    value: jax.Array | None = None,
    value_fn: Callable[[Arrays], jax.Array] | None = None,
) -> tuple[dict[str, jax.Array], dict[str, jax.Array]]:
    """The parameters and the slots after one step.

    value: the loss, and value_fn: the loss at other parameters; some optimizers search along a line.
    """
    with _lenient():
        optimizer = transformation(structure, hyper)
        empty = jax.eval_shape(optimizer.init, dict(parameters))
        names = _names(empty)
        state = jax.tree.unflatten(jax.tree.structure(empty), [slots[name] for name in names])
        updates, state = optimizer.update(
            dict(gradients), state, dict(parameters), value=value, grad=dict(gradients), value_fn=value_fn
        )
        new = optax.apply_updates(dict(parameters), updates)
        found = dict(zip(names, jax.tree.leaves(state), strict=True))
        # What is carried from step to step keeps its type, or the program would be compiled anew.
        return (
            {name: jnp.asarray(new[name], parameters[name].dtype) for name in new},
            {name: jnp.asarray(array, slots[name].dtype) for name, array in found.items()},
        )


def _array(leaf: Any) -> jax.Array:
    array = jnp.asarray(leaf)
    return jax.lax.convert_element_type(array, array.dtype)  # drops the weak type of a Python number


def _names(state: Any) -> list[str]:
    """A name for each leaf of optax's tree, from the fields and keys on its path; positions only where needed."""
    paths = [path for path, _ in jax.tree_util.tree_flatten_with_path(state)[0]]
    short = ["/".join(_words(path, positions=False)) for path in paths]
    if len(set(short)) < len(short):
        short = ["/".join(_words(path, positions=True)) for path in paths]
    return [f"{PREFIX}/{name}" for name in short]


def _words(path: Sequence[Any], *, positions: bool) -> list[str]:
    words = []
    for key in path:
        if isinstance(key, jax.tree_util.SequenceKey):
            words += [str(key.idx)] * positions
        else:
            words.append(str(getattr(key, "name", getattr(key, "key", key))))
    return words
