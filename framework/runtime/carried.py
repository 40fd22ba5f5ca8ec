"""What goes through branches and loops of a compiled program: one form that values have whichever way they came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.errors import UntraceableError
from framework.graph import show
from framework.kernels.tensor_list import TensorList

# The types and shapes of a value: a ShapeDtypeStruct, a TensorList of these, or what holds no array, as it is.
Form = Any


def placed(values: Sequence[Any]) -> list[Any]:
    """The values with JAX's arrays in place of NumPy's."""
    return [jax.tree.map(jnp.asarray, value) for value in values]


def forms_of(values: Sequence[Any]) -> list[Form]:
    """The forms of values."""
    return [jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype), value) for value in values]


def settled(alternatives: Sequence[Sequence[Form]], what: str, turns: int | None = None) -> list[Form]:
    """Position by position, the form that all alternatives can take.

    what: the alternatives in a message: branches, or turns, and then the second of two alternatives is what a turn
    makes of the first, and `turns` how often that happens at most.
    Raises UntraceableError where there is no such form.
    """
    return [_settle(forms, what, turns) for forms in zip(*alternatives, strict=True)]


def conformed(values: Sequence[Any], forms: Sequence[Form]) -> list[Any]:
    """The values, lists among them in the given forms."""
    return [_conform(value, form) for value, form in zip(values, forms, strict=True)]


def growth(before: Form, after: Form) -> int:
    """By how many elements a turn that makes `after` of `before` lengthens a list."""
    old, new = (form.length if isinstance(form, TensorList) else None for form in (before, after))
    return new - old if isinstance(old, int) and isinstance(new, int) else 0


def of_length(value: Any, before: Any, more: int) -> Any:
    """A list that is known to have `more` elements than `before`; anything else as it is."""
    if not isinstance(value, TensorList) or isinstance(value.length, int):
        return value
    if not isinstance(before, TensorList) or not isinstance(before.length, int):
        return value
    return replace(value, items=value.items[: before.length + more], length=before.length + more)


def _settle(forms: Sequence[Form], what: str, turns: int | None) -> Form:
    first, *rest = forms
    for other in rest:
        if first != other:
            first = _join(first, other, what, turns)
    return first


def _join(a: Form, b: Form, what: str, turns: int | None) -> Form:
    if isinstance(a, TensorList) and isinstance(b, TensorList):
        return _join_lists(a, b, what, turns)
    if isinstance(a, jax.ShapeDtypeStruct) and isinstance(b, jax.ShapeDtypeStruct):
        if a.shape == b.shape and a.dtype == b.dtype:
            return a
        raise UntraceableError(f"its {what} give {a.dtype}{show(a.shape)} and {b.dtype}{show(b.shape)}")
    raise UntraceableError(f"its {what} give {a} and {b}")


def _join_lists(a: TensorList, b: TensorList, what: str, turns: int | None) -> TensorList:
    element = b.element if a.element is None else a.element
    if element is None:
        raise UntraceableError(f"the shape of a list's elements does not follow from its {what}")
    if b.element not in (None, element):
        raise UntraceableError(f"its {what} give lists of elements {show(element)} and {show(b.element)}")
    capacity, is_counted = max(a.capacity, b.capacity), isinstance(a.length, int) and a.length == b.length
    if what == "turns" and (more := growth(a, b)) > 0:
        if turns is None:
            raise UntraceableError("how long a list may become must be known, but nothing bounds the loop's turns")
        capacity = a.capacity + turns * more
    items: Any = jax.ShapeDtypeStruct((capacity, *element), jax.dtypes.canonicalize_dtype(a.dtype.numpy))
    length: Any = a.length if is_counted else jax.ShapeDtypeStruct((), np.dtype(np.int32))
    return replace(a, items=items, length=length)


def _conform(value: Any, form: Form) -> Any:
    if not isinstance(form, TensorList) or not form.is_stacked:
        return value
    return value.with_room(form.capacity, form.element, is_counted=isinstance(form.length, int))
