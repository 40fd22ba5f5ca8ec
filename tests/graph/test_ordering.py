"""Things that read each other are built in an order that works, and what cannot be ordered is named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from framework.graph.ordering import Reference, in_order


def reads(**names: list[str]) -> dict[str, list[Reference]]:
    return {name: [Reference(r, ("layers", name)) for r in read] for name, read in names.items()}


def test_written_order_is_kept_where_it_can_be():
    order, mistakes = in_order(reads(c=["a"], x=["input"], a=["input"], b=["c"]), ["c", "x", "a", "b", "input"])
    assert order == ["x", "a", "c", "b"] or order == ["a", "c", "x", "b"]
    assert order.index("a") < order.index("c") < order.index("b")
    assert mistakes == []


def test_circles_and_unknown_names_are_each_one_mistake():
    order, mistakes = in_order(reads(a=["b"], b=["a"], c=["input"], d=["inptu"]), ["a", "b", "c", "d", "input"])
    assert order == ["c"]
    assert len(mistakes) == 2
    unknown, circle = mistakes
    assert "no 'inptu'" in unknown.message
    assert "did you mean 'input'" in unknown.message
    assert unknown.path == ("layers", "d")
    assert "circle" in circle.message
    assert "a -> b -> a" in circle.message or "b -> a -> b" in circle.message


def test_a_tensor_inside_a_layer_is_a_reference_to_the_layer():
    order, mistakes = in_order(reads(b=["a/Relu:0"], a=["input"]), ["a", "b", "input"])
    assert (order, mistakes) == (["a", "b"], [])


@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.sets(st.integers(0, n - 1)), min_size=n, max_size=n)))
def test_any_graph(edges):
    names = [f"n{k}" for k in range(len(edges))]
    references = {names[k]: [Reference(names[r], ("p",)) for r in read] for k, read in enumerate(edges)}
    order, mistakes = in_order(references, names)
    position = {name: k for k, name in enumerate(order)}
    for name in order:
        for reference in references[name]:
            if reference.name in position:
                assert position[reference.name] < position[name]
    assert (len(order) == len(names)) == (not mistakes)
