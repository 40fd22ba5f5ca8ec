"""What differs between two experiments, counted by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from framework.config.compose import compose
from framework.config.loader import Source
from framework.config.origins import PlacedError
from framework.difference import Difference, Side, difference, flatten, kind_at, render
from framework.fields import Kind

IRIS = ["model=perceptron", "dataset=iris"]


def side(*overrides: str) -> Side:
    return Side.of(" ".join(overrides), compose([*IRIS, *overrides], Source()))


def between(left: list[str], right: list[str]) -> Difference:
    return difference(side(*left), side(*right))


def changes(found: Difference) -> Iterator[tuple[str, str | None, str | None, str]]:
    for change in found.changes:
        yield ".".join(change.path), change.left, change.right, change.kind.value


def test_a_value_is_changed_without_another_program():
    found = between([], ["optimizer.learning_rate=0.5", "trainer.epochs=3"])
    assert [row[0] for row in changes(found)] == ["optimizer.learning_rate", "trainer.epochs"]
    assert [(row[2], row[3]) for row in changes(found)] == [("0.5", "value"), ("3", "loop")]
    assert found.fingerprints[0] == found.fingerprints[1]
    assert (found.layers, found.ops) == ({}, {})
    assert any("recompiles  no" in line for line in render(found, 80))


def test_another_layer_is_another_program():
    layer = "model.layers.norm={type: batch_norm}"
    found = between([], [layer])
    assert list(changes(found)) == [("model.layers.norm", None, "{type: batch_norm}", "structural")]
    assert found.layers == {"batch_norm": 1}
    assert found.parameters == (4 * 3 + 3, 4 * 3 + 3 + 2 * 3)  # scale and offset of each of three logits
    assert found.ops["VariableV2"] == 4  # and the two moving averages
    assert found.nodes[1] - found.nodes[0] == sum(found.ops.values())
    assert found.fingerprints[0] != found.fingerprints[1]
    lines = render(found, 80)
    assert any(line.startswith("layers") and "+1 batch_norm" in line for line in lines)
    assert any(line.startswith("parameters  15 -> 21") for line in lines)
    assert any(line.startswith("recompiles  yes") for line in lines)


def test_what_one_has_and_the_other_has_not_is_counted_with_its_sign():
    found = between(["model.layers.norm={type: batch_norm}"], ["model.layers.drop={type: dropout, rate: 0.5}"])
    assert found.layers == {"batch_norm": -1, "dropout": 1}


def test_a_default_that_is_written_out_is_no_difference():
    assert list(changes(between([], ["optimizer.b2=0.999", "trainer.shuffle=true"]))) == []
    assert "no option is different" in render(between([], []), 80)


def test_a_number_against_null_is_structural_and_against_another_number_a_value():
    clip = "optimizer.clip.global_norm"
    assert [row[3] for row in changes(between([f"{clip}=1"], [f"{clip}=2"]))] == ["value"]
    found = between([f"{clip}=null"], [f"{clip}=2"])
    assert list(changes(found)) == [(clip, "null", "2", "structural")]
    assert found.fingerprints[0] != found.fingerprints[1]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("seed", Kind.VALUE),
        ("trainer.batch_size", Kind.STRUCTURAL),
        ("trainer.summaries.every", Kind.LOOP),
        ("trainer.summaries.histograms", Kind.STRUCTURAL),
        ("optimizer.type", Kind.STRUCTURAL),
        ("schedule.type", Kind.LOOP),
        ("loss.classification.weight", Kind.VALUE),
        ("model.layers.nothing", Kind.STRUCTURAL),
    ],
)
def test_the_kind_of_an_option_is_that_of_the_innermost(path, kind):
    assert kind_at(side().experiment, tuple(path.split("."))) == kind


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_line_fits(width):
    left = Side.of("a", compose(["model=cnn"], Source()))
    right = Side.of("b", compose(["model=mlp", "optimizer=sgd"], Source()))
    lines = render(difference(left, right), width)
    assert max(map(len, lines)) <= width
    assert any("…" in line for line in lines)  # a whole layer is cut


def test_a_mistake_is_placed_on_the_side_that_has_it():
    with pytest.raises(PlacedError, match="did you mean 'learning_rate'") as caught:
        side("optimizer.learning_rtae=1")
    ((mistake, origins),) = caught.value.placed
    assert "command line" in str(origins.locate(mistake.path))


def test_flatten_keeps_empty_mappings_and_lists():
    assert dict(flatten({"a": {"b": 1, "c": {}}, "d": [1]})) == {"a.b": 1, "a.c": {}, "d": [1]}
