"""Where a value was written is named rightly through the defaults list, packages, interpolations and overrides."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.config.compose import compose
from framework.config.loader import Source
from framework.config.origins import Origins, Place


@pytest.fixture
def conf(tmp_path, monkeypatch):
    """Writes files below a folder `conf`, from which what `Source` names is composed."""
    monkeypatch.chdir(tmp_path)

    def write(**files: str) -> Source:
        for name, text in files.items():
            file = tmp_path / "conf" / f"{name.replace('__', '/')}.yaml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return Source(directory=tmp_path / "conf")

    return write


THREE = {
    "config": "defaults:\n  - model: small\n  - extra: more\n  - _self_\nmodel:\n  width: 3\n",
    "model__small": "width: 1\ndepth: 1\n",
    "extra__more": "# @package model\nwidth: 2\ndepth: 2\n",
}


def place(composed, key: str) -> str:
    return str(composed.origins.locate(key.split(".")))


def test_of_three_files_the_last_merged_is_named(conf):
    composed = compose([], conf(**THREE))
    assert composed.tree["model"] == {"width": 3, "depth": 2}
    assert place(composed, "model.width") == "conf/config.yaml:6:3"
    assert place(composed, "model.depth") == "conf/extra/more.yaml:3:1"


def test_self_before_the_others_lets_them_win(conf):
    files = THREE | {"config": "defaults:\n  - _self_\n  - model: small\n  - extra: more\nmodel:\n  width: 3\n"}
    composed = compose([], conf(**files))
    assert composed.tree["model"]["width"] == 2
    assert place(composed, "model.width") == "conf/extra/more.yaml:2:1"


def test_a_package_of_the_defaults_list_is_followed(conf):
    source = conf(
        config="defaults:\n  - model@left: small\n  - model@nested.right: small\n  - _self_\n",
        model__small="width: 1\n",
    )
    composed = compose([], source)
    assert composed.tree == {"left": {"width": 1}, "nested": {"right": {"width": 1}}}
    assert place(composed, "left.width") == place(composed, "nested.right.width") == "conf/model/small.yaml:1:1"


def test_a_defaults_list_within_a_file_is_followed(conf):
    source = conf(
        config="defaults:\n  - model: big\n",
        model__small="width: 1\ndepth: 1\n",
        model__big="defaults:\n  - small\n  - _self_\nwidth: 9\n",
    )
    composed = compose([], source)
    assert composed.tree == {"model": {"width": 9, "depth": 1}}
    assert place(composed, "model.width") == "conf/model/big.yaml:4:1"
    assert place(composed, "model.depth") == "conf/model/small.yaml:2:1"


@pytest.mark.parametrize(
    ("override", "key", "named"),
    [
        ("model.width=7", "model.width", "command line  model.width=7"),
        ("++model.width=7", "model.width", "command line  ++model.width=7"),
        ("+model.extra=7", "model.extra", "command line  +model.extra=7"),
        ("model={width: 7}", "model.width", "command line  model={width: 7}"),
        ("model={width: 7}", "model.depth", "conf/extra/more.yaml:3:1"),
        ("model.width=[7]", "model.width.0", "command line  model.width=[7]"),
        ("~model.width", "model.width", "command line  ~model.width"),
    ],
)
def test_the_command_line_is_named_for_what_it_wrote(conf, override, key, named):
    assert place(compose([override], conf(**THREE)), key) == named


def test_a_chosen_file_is_named_and_not_the_choice(conf):
    composed = compose(["model=other"], conf(**THREE, model__other="depth: 5\nheight: 5\n"))
    assert composed.tree["model"] == {"depth": 2, "height": 5, "width": 3}
    assert place(composed, "model.height") == "conf/model/other.yaml:2:1"


def test_a_group_left_out_is_the_command_lines(conf):
    source = conf(config="defaults:\n  - model: small\n", model__small="width: 1\n")
    assert place(compose(["~model"], source), "model") == "command line  ~model"
    assert place(compose(["model=null"], source), "model.width") == "command line  model=null"


def test_a_missing_key_is_placed_at_what_is_around_it(conf):
    composed = compose([], conf(**THREE))
    assert place(composed, "model.units") == "conf/config.yaml:5:1"
    assert place(composed, "nothing") == "conf/config.yaml:1:1"  # where it could be written


def test_an_interpolation_names_both_places_in_every_form(conf):
    source = conf(
        config="defaults:\n  - model: small\n  - _self_\nwidth: 4\nall: ${model}\nrow: [1, '${width}']\n",
        model__small="width: ${width}\nhalf: ${.width}\ntext: a${..width}b\n",
    )
    composed = compose([], source)
    assert composed.tree["all"] == {"width": 4, "half": 4, "text": "a4b"}
    assert composed.tree["row"] == [1, 4]
    width = (("width",), Place("conf/config.yaml", 4, 1))

    def sources(key: str) -> list:
        return [(keys, (p.file, p.line, p.column)) for keys, p in composed.origins.sources(key.split("."))]

    last = (width[0], ("conf/config.yaml", 4, 1))
    own = (("model", "width"), ("conf/model/small.yaml", 1, 1))
    assert sources("model.width") == [last]
    assert sources("model.half") == [own, last]
    assert sources("model.text") == [last]
    assert sources("row.1") == [last]
    assert sources("all.width") == [own, last]
    assert sources("width") == []


def test_an_interpolation_of_the_command_line_names_both_places(conf):
    composed = compose(["model.width=${model.depth}"], conf(**THREE))
    assert composed.tree["model"]["width"] == 2
    assert place(composed, "model.width") == "command line  model.width=${model.depth}"
    assert [str(p) for _, p in composed.origins.sources(["model", "width"])] == ["conf/extra/more.yaml:3:1"]


def test_a_circle_of_references_ends(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("a: ${b}\nb: ${a}\n")
    origins = Origins()
    origins.read_file(file)
    assert [keys for keys, _ in origins.sources(["a"])] == [("b",), ("a",)]


def test_anchors_and_merge_keys_are_placed_where_they_were_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.yaml"
    file.write_text("base: &b\n  x: 1\n  y: 2\nuse:\n  <<: *b\n  y: 3\n")
    origins = Origins()
    origins.read_file(file)
    assert str(origins.locate(["use", "x"])) == "a.yaml:2:3"
    assert str(origins.locate(["use", "y"])) == "a.yaml:6:3"


def test_a_shorter_list_leaves_nothing_of_the_longer_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {"a": "list: [1, 2, 3]\n", "b": "list: [1]\n"}.items():
        Path(f"{name}.yaml").write_text(text)
    origins = Origins()
    origins.read_file(Path("a.yaml"))
    origins.read_file(Path("b.yaml"))
    assert str(origins.locate(["list", "2"])) == "b.yaml:1:1"


def test_files_elsewhere_are_shown_whole(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "a.yaml").write_text("x: 1\n")
    origins = Origins()
    origins.read_file(tmp_path / "a.yaml")
    assert str(origins.locate(["x"])) == f"{tmp_path}/a.yaml:1:1"


NAMES = st.sampled_from(["a", "b", "c"])
TREES = st.recursive(st.integers(0, 9), lambda inner: st.dictionaries(NAMES, inner, min_size=1), max_leaves=6)


def leaves(tree, keys=()):
    if isinstance(tree, dict):
        return [leaf for key, item in tree.items() for leaf in leaves(item, (*keys, key))]
    return [(keys, tree)]


@given(st.lists(st.dictionaries(NAMES, TREES, min_size=1), min_size=1, max_size=4))
def test_the_last_writer_of_each_value_is_named(trees):
    """Against a merge written out here: a mapping is merged with a mapping, and anything else replaces."""

    def merge(old, new, number):
        if not isinstance(new, dict):
            return number
        return {
            **(old if isinstance(old, dict) else {}),
            **{k: merge(old.get(k) if isinstance(old, dict) else None, v, number) for k, v in new.items()},
        }

    origins, expected = Origins(), {}
    for number, tree in enumerate(trees):
        expected = merge(expected, tree, number)
        for key, value in tree.items():
            origins.read_override(key, value, str(number))
    for keys, number in leaves(expected):
        found = origins.locate(keys)
        assert found is not None
        assert found.override == str(number)
