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
from framework.kernels.threefry import fold_in

Arrays = Mapping[str, jax.Array]
PREFIX = "Train"
_KINDS_OF_KEYS = ("name", "key", "idx")  # a field of a tuple, a key of a mapping, a position
_PARTS = optax.transforms.PartitionState._fields[0]
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
    there are; `groups`, the parameters for which some number is another (see `framework.optimizers.groups.parts`).
    hyper: by the path of the option: `learning_rate`, `momentum`, `clip/global_norm`, `groups/0/weight_decay`.
    """
    clips = [clip(hyper[f"clip/{name}"]) for name, clip in _CLIPS.items() if name in structure.get("clip", ())]
    parts = structure.get("groups", ())
    optimizer = _of_parts(structure, hyper, parts) if parts else _of_part(structure, hyper, 0, {})
    return optax.with_extra_args_support(optax.chain(*clips, optimizer) if clips else optimizer)


def _of_parts(
    structure: Mapping[str, Any], hyper: Mapping[str, jax.Array], parts: Sequence[Mapping[str, Any]]
) -> optax.GradientTransformationExtraArgs:
    """One transformation for each part of the parameters."""
    found = {part["groups"]: _of_part(structure, hyper, k, part["numbers"]) for k, part in enumerate(parts)}
    labels = {name: part["groups"] for part in parts for name in part["parameters"]}
    return optax.partition(found, lambda tree: {name: labels[name] for name in tree})


def _of_part(
    structure: Mapping[str, Any], hyper: Mapping[str, jax.Array], position: int, changed: Mapping[str, str]
) -> optax.GradientTransformation:
    """optax's transformation for one part of the parameters. changed: option -> the path of its number."""
    numbers = {name: number for name, number in hyper.items() if "/" not in name}
    for option, path in changed.items():
        if option == "learning_rate_multiplier":
            numbers["learning_rate"] = numbers["learning_rate"] * hyper[path]
        else:
            numbers[option] = hyper[path]
    arguments = dict(structure["arguments"])
    if "key" in arguments:
        arguments["key"] += position  # parts that draw from one key would be disturbed alike
    return getattr(optax, structure["type"])(**{**arguments, **numbers})


def initial_slots(
    structure: Mapping[str, Any], hyper: Arrays, parameters: Arrays, seed: jax.Array | None = None
) -> dict[str, jax.Array]:
    """The slots before the first step: name -> array, such as `Train/adam/mu/conv1/kernel`.

    seed: int32 scalar, of the run, which random keys are made of beside the optimizer's own. Raises GraphError for a
    parameter that the optimizer cannot train.
    """
    scalars = [name for name, array in parameters.items() if not array.shape]
    if structure["type"] == "sm3" and scalars:
        raise GraphError(
            f"the optimizer sm3 keeps a number for each axis of a parameter, but '{scalars[0]}' is a scalar",
            hint="choose another optimizer, or give the parameter the shape [1]",
        )
    with _lenient():
        state = transformation(structure, hyper).init(dict(parameters))
        leaves = [leaf if seed is None or not _is_key(leaf) else fold_in(leaf, seed) for leaf in jax.tree.leaves(state)]
        return dict(zip(_names(structure, state), map(_to_slot, leaves), strict=True))


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
    would share a name. What is kept of a parameter bears the same name in whatever group it is; what a part keeps
    beside, such as a count, bears that of its groups.
    """
    places = [_place(keys) for keys, _ in jax.tree_util.tree_flatten_with_path(state)[0]]
    short = [(part, path[_position_count(path) :]) for part, path in places]
    chosen = short if len({(*part, *path) for part, path in short}) == len(short) else places
    return ["/".join((PREFIX, structure["type"], *part, *path)) for part, path in chosen]


def _place(keys: Sequence[Any]) -> tuple[list[str], list[str]]:
    """The words of a path, those that name a part of the parameters before the rest."""
    words = [str(next(getattr(key, kind) for kind in _KINDS_OF_KEYS if hasattr(key, kind))) for key in keys]
    if _PARTS not in words:
        return [], words
    start = words.index(_PARTS) + 3  # inner_states, the part, inner_state
    groups = words[start - 2]
    is_of_a_parameter = any(isinstance(key, jax.tree_util.DictKey) for key in keys[start:])
    return ([] if is_of_a_parameter or not groups else ["groups", groups]), words[start:]


def _position_count(path: Sequence[str]) -> int:
    """How many positions a path begins with."""
    return next((index for index, word in enumerate(path) if not word.isdigit()), 0)
