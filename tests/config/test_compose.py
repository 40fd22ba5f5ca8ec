"""Composing: files, choices, overrides and interpolations become one tree, or all mistakes at once."""

from __future__ import annotations

import pytest

from framework.config.check import check
from framework.config.compose import compose, to_yaml
from framework.config.loader import ROOT, Loader, Source
from framework.config.report import screen
from framework.errors import ConfigError


def refused(overrides, source=None) -> str:
    with pytest.raises(ConfigError) as caught:
        compose(overrides, source or Source())
    return screen(caught.value)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(**files: str) -> Source:
        for name, text in files.items():
            file = tmp_path / "conf" / f"{name.replace('__', '/')}.yaml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return Source(directory=tmp_path / "conf")

    return write


def test_a_new_choice_takes_the_place_of_the_whole_file():
    tree = compose(["optimizer=sgd", "optimizer.momentum=0.9"]).tree
    assert tree["optimizer"] == {"type": "sgd", "momentum": 0.9}


@pytest.mark.parametrize("prefix", ["", "+", "++"])
def test_a_new_key_needs_no_plus_and_may_have_one(prefix):
    assert compose([f"{prefix}model.layers.drop.name=x"]).tree["model"]["layers"]["drop"]["name"] == "x"


def test_values_are_of_the_types_that_were_written():
    tree = compose(
        [
            "optimizer.a=1e-3",
            "optimizer.b=1",
            "optimizer.c='1'",
            "optimizer.d=null",
            "optimizer.e=[1,{f: x}]",
            "name=2.0",
        ]
    ).tree
    assert [tree["optimizer"][key] for key in "abcde"] == [0.001, 1, "1", None, [1, {"f": "x"}]]
    assert tree["name"] == 2.0
    assert isinstance(tree["name"], float)


def test_deletion_takes_out_one_layer_and_keeps_the_order():
    layers = compose(["~model.layers.drop"]).tree["model"]["layers"]
    assert list(layers) == ["conv1", "conv2", "pool", "flatten", "fc", "logits"]


@pytest.mark.parametrize("override", ["metrics=null", "~metrics"])
def test_a_group_can_be_left_out(override):
    assert "metrics" not in compose([override]).tree


@pytest.mark.parametrize("override", ["experiments=null", "~experiments"])
def test_leaving_out_what_is_not_there_changes_nothing(override):
    assert compose([override]).tree == compose([]).tree


def test_the_same_is_composed_from_any_folder(tmp_path, monkeypatch):
    here = compose(["model=mlp"]).tree
    monkeypatch.chdir(tmp_path)
    assert compose(["model=mlp"]).tree == here


def test_recipes_are_found_beside_the_framework_and_win(folder, tmp_path):
    source = folder(
        config="defaults:\n  - model: small\n  - _self_\n  - experiments: null\nseed: 0\n",
        model__small="width: 1\n",
        model__big="width: 9\n",
        experiments__deep="# @package _global_\ndefaults:\n  - override /model: big\nseed: 5\nmodel: {depth: 3}\n",
    )
    composed = compose(["experiments=deep", "model.depth=4"], source)
    assert composed.tree == {"model": {"width": 9, "depth": 4}, "seed": 5}
    assert composed.choices == {"model": "big", "experiments": "deep"}


def test_a_further_folder_of_groups_is_searched(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine.yaml").write_text("layers: {logits: {type: dense, units: 2}}\n")
    assert compose(["model=mine"], Source(extra=(tmp_path,))).tree["model"] == {
        "layers": {"logits": {"type": "dense", "units": 2}}
    }


def test_every_malformed_override_is_reported_at_once():
    text = refused(["a=[1", "b", "c={x", "=3", "seed=1"])
    assert "5 mistakes" not in text
    assert all(f"command line  {bad}\n" in text for bad in ["a=[1", "b", "c={x", "=3"])
    assert text.endswith("4 mistakes; nothing was run")


def test_several_values_need_a_sweep():
    assert "add -m to run once with each" in refused(["seed=1,2"])
    assert "add -m" in refused(["seed=range(3)"])


def test_every_wrong_choice_is_reported_at_once_with_the_nearest():
    text = refused(["model=ccn", "optimizer=sdg", "dataset=digits"])
    assert "command line  model=ccn\n  there is no 'ccn' in model; did you mean 'cnn'?" in text
    assert "command line  optimizer=sdg\n  there is no 'sdg' in optimizer; did you mean 'sgd'?" in text
    assert text.endswith("2 mistakes; nothing was run")


def test_a_recipe_that_is_not_there():
    assert "there is no 'nothing_like_it' in experiments" in refused(["experiments=nothing_like_it"])


def test_a_wrong_name_in_a_defaults_list(folder):
    source = folder(config="defaults:\n  - model: smal\n", model__small="width: 1\n")
    assert "there is no 'smal' in model; did you mean 'small'?" in refused([], source)


def test_deleting_what_is_not_there():
    text = refused(["~model.layers.dorp", "~nothing"])
    assert "there is no 'model.layers.dorp' to leave out; did you mean 'drop'?" in text
    assert "there is no 'nothing' to leave out" in text


def test_a_missing_primary_file_and_folder(tmp_path):
    assert "there is no 'confg.yaml' in" in refused([], Source(name="confg"))
    assert "did you mean 'config'?" in refused([], Source(name="confg"))
    none = tmp_path / "none"
    assert refused([], Source(directory=none, extra=(none,))) == (
        f"command line  --config-path\n  there is no folder '{none}'\n"
        f"command line  --config-dir\n  there is no folder '{none}'\n"
        "2 mistakes; nothing was run"
    )


def test_broken_yaml_is_placed(folder):
    assert refused([], folder(config="a: 1\nb: [1, 2\nc: 3\n")).startswith("conf/config.yaml:3:2\n  this is not YAML")


def test_keys_written_twice_are_all_placed(folder):
    text = refused([], folder(config="a: 1\nb:\n  x: 1\n  x: 2\na: 3\n"))
    assert "conf/config.yaml:4:3\n  'x' is written twice in this mapping; first at conf/config.yaml:3:3" in text
    assert "conf/config.yaml:5:1\n  'a' is written twice in this mapping; first at conf/config.yaml:1:1" in text


def test_every_interpolation_that_fails_is_reported(folder):
    source = folder(config="width: 1\na: ${widht}\nb: ${c}\nc: ${b}\nd: [1, '${nothing.there}']\ne: ${width}\n")
    text = refused([], source)
    assert "conf/config.yaml:2:1  a\n  ${widht} has no value: there is no option 'widht'; did you mean 'width'?" in text
    assert "conf/config.yaml:3:1  b\n  ${c} has no value: it refers to itself" in text
    assert "conf/config.yaml:5:8  d.1\n" in text
    assert text.endswith("4 mistakes; nothing was run")


def test_an_environment_variable_is_text_and_runs_nothing(folder, monkeypatch):
    monkeypatch.setenv("GRAPHWRIGHT_TEST", "${oc.env:HOME}")
    assert compose([], folder(config="a: ${oc.env:GRAPHWRIGHT_TEST}\n")).tree == {"a": "${oc.env:HOME}"}


@pytest.mark.parametrize(
    "override",
    [
        "hydra.callbacks.mine={_target_: os.system}",
        "hydra.callbacks.x=1",
        "hydra.launcher._target_=os.system",
        "hydra.launcher={_target_: os.system}",
        "hydra.launcher.x={a: [{_partial_: true}]}",
        "hydra.job_logging.handlers.x.class=os.system",
        "hydra/job_logging=colorlog",
        "hydra.searchpath=[pkg://this]",
        "hydra.sweeper._target_=os.system",
        "+hydra.job.chdir=true",
    ],
)
def test_what_would_have_hydra_import_or_call_something_is_refused(override):
    assert refused([override]).startswith(f"command line  {override}\n  this option of Hydra cannot be set")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("hydra:\n  callbacks:\n    x: {_target_: os.system}\n", "conf/config.yaml:3:9"),
        ("hydra:\n  job_logging: {version: 1}\n", "conf/config.yaml:2:17"),
        ("hydra:\n  launcher:\n    _target_: os.system\n", "conf/config.yaml:3:5"),
        ("hydra:\n  searchpath: [pkg://antigravity]\n", "conf/config.yaml:2:16"),
    ],
)
def test_so_it_is_in_a_file(folder, text, place):
    assert refused([], folder(config=text)).startswith(f"{place}  hydra.")


def test_a_searchpath_imports_nothing(folder, tmp_path, monkeypatch):
    (tmp_path / "trap.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "hydra.searchpath" in refused([], folder(config="hydra:\n  searchpath: [pkg://trap]\n"))


def test_the_run_folder_is_nobodys_choice_unless_chosen(folder):
    assert compose([]).run_dir is None
    assert compose(["hydra.run.dir=out/${seed}"]).run_dir == "out/0"
    assert compose([], folder(config="a: 7\nhydra: {run: {dir: 'out/${a}'}}\n")).run_dir == "out/7"
    assert "hydra.run.dir" in refused(["hydra.run.dir=${nothing}"])


def test_overrides_in_hydras_form_compose_to_the_same():
    overrides = ["optimizer=sgd", "optimizer.momentum=0.9", "schedule=constant", "metrics=null", "seed=3"]
    composed = compose(overrides)
    assert composed.overrides == [overrides[0], f"++{overrides[1]}", overrides[2], "~metrics", "++seed=3"]
    assert compose(composed.overrides).tree == composed.tree


def test_a_loader_that_has_read_the_files_gives_each_run_its_own_tree():
    source = Source()
    loader = Loader(source)
    first = compose(["seed=1", "model.layers.fc.units=3"], source, loader)
    second = compose(["seed=2"], source, loader)
    assert (first.tree["seed"], second.tree["seed"]) == (1, 2)
    assert (first.tree["model"]["layers"]["fc"]["units"], second.tree["model"]["layers"]["fc"]["units"]) == (3, 128)
    assert second.tree == compose(["seed=2"]).tree


def test_a_run_folder_is_composed_from_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").write_text(to_yaml(compose(["seed=4"]).tree))
    source = Source(resume=tmp_path / "run")
    assert check(compose([], source).tree) == check(compose(["seed=4"]).tree)
    more = compose(["trainer.epochs=90"], source)
    assert more.tree["trainer"]["epochs"] == 90
    assert str(more.origins.locate(["trainer", "epochs"])) == "command line  trainer.epochs=90"
    assert str(more.origins.locate(["seed"])).startswith("run/config.yaml:")
    assert "stays in its folder" in refused(["hydra.run.dir=x"], source)


def test_a_folder_that_holds_no_run(tmp_path):
    assert "is no run folder: it holds no config.yaml" in refused([], Source(resume=tmp_path))
    (tmp_path / "config.yaml").write_text("[1, 2]\n")
    assert "holds no mapping" in refused([], Source(resume=tmp_path))
    (tmp_path / "config.yaml").write_text("a: [1\n")
    assert "this is not YAML" in refused([], Source(resume=tmp_path))


def test_every_optimizer_and_schedule_has_a_file_of_its_name():
    from framework.optimizers import OPTIMIZERS

    files = {file.stem for file in (ROOT / "conf" / "optimizer").glob("*.yaml")}
    assert files == set(OPTIMIZERS)


FILES = sorted((file.parent.name, file.stem) for file in (ROOT / "conf").glob("*/*.yaml"))


@pytest.mark.parametrize(("group", "choice"), FILES)
def test_every_file_of_conf_is_composed_and_checked(group, choice):
    path, target = "dataset.path=x", "dataset.target=y"
    needed = {"npz": [path], "image_folder": [path], "csv": [path, target], "parquet": [path, target]}
    composed = compose([f"{group}={choice}", *needed.get(choice, [])])
    assert composed.choices[group] == choice
    check(composed.tree)
