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

from framework.errors import GraphError

Arrays = Mapping[str, jax.Array]
PREFIX = "Train"
# In the order in which they are applied.
_CLIPS: dict[str, Callable[[Any], optax.GradientTransformation]] = {
    "global_norm": optax.clip_by_global_norm,
    "value": optax.clip,
    "adaptive": optax.adaptive_grad_clip,
}


@contextmanager
def _lenient() -> Iterator[None]:
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        yield


def transformation(
    structure: Mapping[str, Any], hyper: Mapping[str, jax.Array]
) -> optax.GradientTransformationExtraArgs:
    """optax's transformation for a structure and its numbers, which may be traced.

    structure: `type`, the name of optax's function; `arguments`, those that are no numbers; `clip`, which bounds
    there are. hyper: by the path of the option: `learning_rate`, `momentum`, `clip/global_norm`.
    """
    numbers = {name: number for name, number in hyper.items() if not name.startswith("clip/")}
    optimizer = getattr(optax, structure["type"])(**structure["arguments"], **numbers)
    clips = [clip(hyper[f"clip/{name}"]) for name, clip in _CLIPS.items() if name in structure.get("clip", ())]
    return optax.with_extra_args_support(optax.chain(*clips, optimizer) if clips else optimizer)


def slot_specs(
    structure: Mapping[str, Any], names: Sequence[str], parameters: Mapping[str, jax.ShapeDtypeStruct]
) -> dict[str, jax.ShapeDtypeStruct]:
    """Slot name -> shape and type, for an optimizer whose numbers are called `names`. Computes nothing."""
    hyper = {name: jax.ShapeDtypeStruct((), jnp.float32) for name in names}
    return jax.eval_shape(lambda h, p: initial_slots(structure, h, p), hyper, dict(parameters))


def initial_slots(structure: Mapping[str, Any], hyper: Arrays, parameters: Arrays) -> dict[str, jax.Array]:
    """The slots before the first step: name -> array, such as `Train/adam/mu/conv1/kernel`.

    Raises GraphError for a parameter that the optimizer cannot train.
    """
    scalars = [name for name, array in parameters.items() if not array.shape]
    if structure["type"] == "sm3" and scalars:
        raise GraphError(
            f"the optimizer sm3 keeps a number for each axis of a parameter, but '{scalars[0]}' is a scalar",
            hint="choose another optimizer, or give the parameter the shape [1]",
        )
    with _lenient():
        state = transformation(structure, hyper).init(dict(parameters))
        return dict(zip(_names(structure, state), map(_to_slot, jax.tree.leaves(state)), strict=True))


def step(
    structure: Mapping[str, Any],
    hyper: Arrays,
    parameters: Arrays,
    gradients: Arrays,
    slots: Arrays,
    value: jax.Array | None = None,
    value_fn: Callable[[Arrays], jax.Array] | None = None,
) -> tuple[dict[str, jax.Array], dict[str, jax.Array]]:
    """The parameters and the slots after one step; each keeps its type.

    value: the loss, and value_fn: the loss at other parameters; some optimizers search along a line.
    """
    with _lenient():
        optimizer = transformation(structure, hyper)
        empty = jax.eval_shape(optimizer.init, dict(parameters))
        names = _names(structure, empty)
        leaves = [_from_slot(slots[name], leaf) for name, leaf in zip(names, jax.tree.leaves(empty), strict=True)]
        state = jax.tree.unflatten(jax.tree.structure(empty), leaves)
        updates, state = optimizer.update(
            dict(gradients), state, dict(parameters), value=value, grad=dict(gradients), value_fn=value_fn
        )
        new: Any = optax.apply_updates(dict(parameters), updates)
        found = dict(zip(names, map(_to_slot, jax.tree.leaves(state)), strict=True))
        return (
            {name: jnp.asarray(new[name], parameters[name].dtype) for name in new},
            {name: jnp.asarray(array, slots[name].dtype) for name, array in found.items()},
        )


def _is_key(leaf: Any) -> bool:
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _to_slot(leaf: Any) -> jax.Array:
    """A leaf of optax's tree as an array that can be saved: of a random key, the numbers that it is made of."""
    array = jnp.asarray(leaf)
    if _is_key(array):
        return jax.random.key_data(array)
    return jax.lax.convert_element_type(array, array.dtype)  # drops the weak type of a Python number


def _from_slot(slot: jax.Array, leaf: jax.ShapeDtypeStruct) -> jax.Array:
    return jax.random.wrap_key_data(slot) if _is_key(leaf) else slot


def _names(structure: Mapping[str, Any], state: Any) -> list[str]:
    """A name for each leaf of optax's tree, from the fields and keys on its path.

    The positions of transformations in a chain are left out, so that clipping renames no slot; unless two leaves
    would share a name.
    """
    paths = [[_word(key) for key in path] for path, _ in jax.tree_util.tree_flatten_with_path(state)[0]]
    short = [path[_position_count(path) :] for path in paths]
    chosen = short if len(set(map(tuple, short))) == len(short) else paths
    return ["/".join((PREFIX, structure["type"], *path)) for path in chosen]


def _position_count(path: Sequence[str]) -> int:
    """How many positions a path begins with."""
    return next((index for index, word in enumerate(path) if not word.isdigit()), 0)


def _word(key: Any) -> str:
    """What a step of a path is called: a field of a tuple, a key of a mapping, or a position."""
    return str(next(getattr(key, kind) for kind in ("name", "key", "idx") if hasattr(key, kind)))
