"""A structure comes apart into leaves, and together again around others."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from framework.runtime.fetches import flatten, key_of

leaves = st.integers() | st.text(max_size=3)
structures = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(structures)
def test_leaves_go_back_into_their_places(structure: Any):
    found, rebuild = flatten(structure)
    assert rebuild(found) == structure
    assert _doubled(structure) == rebuild([(leaf, leaf) for leaf in found])


def _doubled(structure: Any) -> Any:
    if isinstance(structure, dict):
        return {name: _doubled(item) for name, item in structure.items()}
    if isinstance(structure, (list, tuple)):
        return type(structure)(_doubled(item) for item in structure)
    return (structure, structure)


@given(structures, structures)
def test_keys_are_equal_where_structures_are(one: Any, other: Any):
    assert hash(key_of(one)) == hash(key_of(one))
    if key_of(one) == key_of(other):
        assert one == other
    assert key_of([1]) != key_of((1,))
