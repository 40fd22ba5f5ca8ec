"""Checking: every mistake of a configuration at once, each in plain words at its own path."""

from __future__ import annotations

import copy
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.config.check import check
from framework.config.compose import compose
from framework.config.interval import Interval
from framework.config.loader import Loader, Source
from framework.errors import ConfigError
from framework.layers.dense import Dense
from framework.layers.initializers import Normal

DEFAULT = compose([]).tree
LOADER = Loader(Source())


def changed(*overrides: str) -> dict:
    return compose(overrides, Source(), LOADER).tree


def mistakes(tree) -> dict[str, str]:
    """Path -> message, and the hint behind it."""
    with pytest.raises(ConfigError) as caught:
        check(tree)
    found = {".".join(m.path): m.message + (f" | {m.hint}" if m.hint else "") for m in caught.value.mistakes}
    assert len(found) == len(caught.value.mistakes)
    return found


def test_the_default_experiment():
    experiment = check(DEFAULT)
    assert next(iter(experiment.model.layers)) == "conv1"
    assert isinstance(experiment.model.layers["fc"], Dense)
    assert experiment.trainer.batch_size == 64
    assert experiment.trainer.evaluate_every == Interval(1, "epoch")
    assert experiment.monitored == {"validation/loss": False, "validation/accuracy": True}


def test_checking_changes_nothing_of_the_tree():
    tree = copy.deepcopy(DEFAULT)
    check(tree)
    assert tree == DEFAULT


def test_an_initializer_may_be_a_name_or_a_mapping():
    tree = changed(
        "model.layers.fc.kernel_initializer=he_normal", "model.layers.fc.bias_initializer={type: normal, stddev: 1}"
    )
    layer = check(tree).model.layers["fc"]
    assert isinstance(layer, Dense)
    assert type(layer.kernel_initializer).__name__ == "HeNormal"
    assert layer.bias_initializer == Normal(stddev=1.0)


def test_full_batch_and_intervals():
    trainer = check(
        changed("trainer.batch_size=all", "trainer.evaluate_every=50 steps", "trainer.checkpoint_every=7")
    ).trainer
    assert (trainer.batch_size, trainer.evaluate_every, trainer.checkpoint_every) == ("all", (50, "step"), (7, "step"))


@pytest.mark.parametrize(
    ("override", "path", "message"),
    [
        (
            "optimizer.learning_rte=0.1",
            "optimizer.learning_rte",
            "optimizer adam has no option 'learning_rte'; did you mean 'learning_rate'?  options: clip,",
        ),
        (
            "optimizer.clip.gobal_norm=1",
            "optimizer.clip.gobal_norm",
            "optimizer adam: clip has no option 'gobal_norm'; did you mean 'global_norm'?  options: glo",
        ),
        ("modle=1", "modle", "the configuration has no option 'modle'; did you mean 'model'?"),
        ("trainer.epoch=1", "trainer.epoch", "trainer has no option 'epoch'; did you mean 'epochs'?"),
        (
            "trainer.early_stop.patient=1",
            "trainer.early_stop.patient",
            "trainer.early_stop has no option 'patient'; did you mean 'patience'?  options: monitor, ",
        ),
        (
            "model.layers.fc.type=dnse",
            "model.layers.fc.type",
            "there is no layer 'dnse'; did you mean 'dense'?  known: ",
        ),
        ("dataset.type=digit", "dataset.type", "there is no dataset 'digit'; did you mean 'digits'?"),
        (
            "'model.layers.fc.kernel_initializer={type: normal, stddve: 1}'",
            "model.layers.fc.kernel_initializer.stddve",
            "initializer normal has no option 'stddve'; did you mean 'stddev'?  options: mean, stddev",
        ),
        (
            "model.layers.fc.kernel_initializer=he_norml",
            "model.layers.fc.kernel_initializer",
            "there is no initializer 'he_norml'; did you mean 'he_normal'?",
        ),
        (
            "model.layers.fc.activation=rleu",
            "model.layers.fc.activation",
            "there is no activation 'rleu'; did you mean 'relu'?",
        ),
        ("seed=abc", "seed", "must be an integer, found 'abc'"),
        ("seed=true", "seed", "must be an integer, found true"),
        ("seed=1.0", "seed", "must be an integer, found 1.0"),
        ("seed=null", "seed", "must be an integer, found null"),
        ("seed='3'", "seed", "must be an integer, found '3' | write it without quotes"),
        ("seed=-1", "seed", "must be at least 0, found -1"),
        (
            "optimizer.learning_rate='1e-3'",
            "optimizer.learning_rate",
            "must be a number, found '1e-3' | write it without quotes",
        ),
        ("optimizer.learning_rate=fast", "optimizer.learning_rate", "must be a number, found 'fast'"),
        ("optimizer.learning_rate=true", "optimizer.learning_rate", "must be a number, found true"),
        ("optimizer.learning_rate=nan", "optimizer.learning_rate", "must be a finite number, found nan"),
        ("optimizer.b1=1", "optimizer.b1", "must be less than 1, found 1"),
        ("trainer.shuffle=1", "trainer.shuffle", "must be true or false, found 1"),
        ("trainer.shuffle='true'", "trainer.shuffle", "must be true or false, found 'true' | write it without quotes"),
        ("trainer.batch_size=most", "trainer.batch_size", "must be an integer or 'all', found 'most'"),
        ("trainer.batch_size=0", "trainer.batch_size", "must be at least 1 or 'all', found 0"),
        ("trainer.device=tpuu", "trainer.device", "must be 'auto', 'cpu', 'gpu' or 'tpu', found 'tpuu'"),
        (
            "trainer.evaluate_every=often",
            "trainer.evaluate_every",
            "must be a number of steps or epochs, such as '50 steps' or '1 epoch', found 'often'",
        ),
        (
            "trainer.evaluate_every=0 steps",
            "trainer.evaluate_every",
            "must be a number of steps or epochs, such as '50 steps' or '1 epoch', found '0 steps'",
        ),
        ("model.layers.conv1.kernel_size=[1,x]", "model.layers.conv1.kernel_size.1", "must be an integer, found 'x'"),
        (
            "model.layers.conv1.kernel_size={}",
            "model.layers.conv1.kernel_size",
            "must be an integer or a list, found {}",
        ),
        ("model.layers.conv1.padding=smae", "model.layers.conv1.padding", "must be 'same' or 'valid', found 'smae'"),
        ("trainer.summaries=3", "trainer.summaries", "must be a mapping, found 3"),
        (
            "loss.classification=softmax_cross_entropy",
            "loss.classification",
            "a loss is a mapping with a 'type', found 'softmax_cross_entropy'",
        ),
        ("model.layers.fc=null", "model.layers.fc", "a layer is a mapping with a 'type', found null"),
        ("optimizer.type=null", "optimizer.type", "there is no optimizer 'None'"),
        ("~optimizer.type", "optimizer", "this optimizer does not say its 'type'  known: adabelief,"),
        ("~model.layers.fc.units", "model.layers.fc.units", "layer dense needs the option 'units'"),
        ("~schedule", "schedule", "the configuration needs the option 'schedule'"),
        ("name=a/b", "name", "must be letters, digits and _ . - alone, found 'a/b'"),
        (
            "trainer.keep_best=validation/acuracy",
            "trainer.keep_best",
            "nothing is reported as 'validation/acuracy'; did you mean 'validation/accuracy'?  known: validation/loss",
        ),
        ("trainer.early_stop.monitor=loss", "trainer.early_stop.monitor", "nothing is reported as 'loss'"),
        (
            "trainer.epochs=null",
            "trainer.epochs",
            "neither epochs nor steps are given, so the run would have no end | such as trainer.epochs=20",
        ),
        ("trainer.steps=5", "trainer.steps", "steps (5) and epochs ("),
        ("dataset=npz", "dataset.path", "'dataset.path' has no value yet | give it one: dataset.path=..."),
        (
            "plugins=[no_such_module]",
            "plugins.0",
            "the plugin 'no_such_module' cannot be imported: ModuleNotFoundError",
        ),
        ("plugins=mine", "plugins", "must be a list, found 'mine'"),
        ("dataset._target_=os.system", "dataset._target_", "'_target_' is refused"),
        ("+model.layers.fc.x=[{_partial_: true}]", "model.layers.fc.x.0._partial_", "'_partial_' is refused"),
    ],
)
def test_a_mistake_is_one_sentence_at_its_path(override, path, message):
    found = mistakes(changed(override.strip("'") if override.startswith("'") else override))
    assert found.keys() == {path}
    assert found[path].startswith(message)


def test_all_mistakes_are_found_at_once():
    tree = changed(
        "seed=x", "trainer.keep=0", "model.layers.fc.unit=3", "model.layers.drop.type=drop_out", "optimizer.b2=2",
        "loss.classification.weight=-1", "metrics.accuracy.type=acuracy", "dataset.split=none", "nothing=1",
        "plugins=[no_such_module]",
    )  # fmt: skip
    assert mistakes(tree).keys() == {
        "seed", "trainer.keep", "model.layers.fc.unit", "model.layers.drop.type", "loss.classification.weight",
        "metrics.accuracy.type", "optimizer.b2", "nothing", "dataset.split", "plugins.0",
    }  # fmt: skip


def test_a_configuration_of_nothing_says_what_it_needs():
    assert mistakes({}).keys() == {"model", "dataset", "loss", "optimizer", "schedule"}


@pytest.mark.parametrize("section", ["model", "dataset", "loss", "metrics", "optimizer", "schedule", "trainer"])
@pytest.mark.parametrize("wrong", [3, "text", [], None, {"a": 1}])
def test_anything_in_place_of_a_section_is_a_mistake_and_never_a_crash(section, wrong):
    if (section, wrong) == ("metrics", {}):
        return
    found = mistakes({**DEFAULT, section: wrong})
    assert all(path.split(".")[0] == section for path in found)


def test_a_plugin_is_imported_before_components_are_looked_up(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "plugin_of_a_test.py").write_text(
        "from framework.layers import LAYERS, Layer\n"
        "@LAYERS.register('layer_of_a_test')\nclass Mine(Layer):\n    '''Mine.'''\n"
    )
    tree = changed("plugins=[plugin_of_a_test]", "model.layers.mine={type: layer_of_a_test}")
    try:
        assert type(check(tree).model.layers["mine"]).__name__ == "Mine"
    finally:
        from framework.layers import LAYERS

        LAYERS._entries.pop("layer_of_a_test", None)
        sys.modules.pop("plugin_of_a_test", None)


def test_a_plugin_may_stand_in_the_folder_where_the_user_is(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plugin_beside_the_user.py").write_text("LOADED = True\n")
    check(changed("plugins=[plugin_beside_the_user]"))
    assert sys.modules.pop("plugin_beside_the_user").LOADED


def test_whatever_a_plugin_raises_is_a_mistake(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "broken_plugin_of_a_test.py").write_text("1 / 0\n")
    found = mistakes(changed("plugins=[broken_plugin_of_a_test]"))
    assert found["plugins.0"].endswith("cannot be imported: ZeroDivisionError: division by zero")


TEXTS = st.sampled_from(["all", "adam", "x", "1 epoch", "???"])
KEYS = st.sampled_from(["type", "epochs", "every", "a", "_target_"])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)


def spots(tree, path=()):
    yield path
    for key, item in tree.items() if isinstance(tree, dict) else ():
        yield from spots(item, (*path, key))


@given(st.sampled_from([path for path in spots(DEFAULT) if path]), JUNK)
def test_any_value_anywhere_is_taken_or_explained(path, junk):
    tree = copy.deepcopy(DEFAULT)
    node = tree
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = junk
    if path[0] == "plugins":
        return
    try:
        check(tree)
    except ConfigError as error:
        for mistake in error.mistakes:
            around = mistake.path[: len(path)] == path[: len(mistake.path)]
            assert around or mistake.path[0] == "trainer"  # a metric that is gone can no longer be watched
            assert mistake.message
            assert "Input should" not in mistake.message
