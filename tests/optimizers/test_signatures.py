"""What is read from optax's source is what Python says of the imported functions."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import optax
import pytest
from optax._src import alias
from optax.schedules import _schedule

from framework.errors import ConfigError
from framework.optimizers import signatures
from framework.optimizers.signatures import REQUIRED, exported, signature


def exported_functions(module):
    """The names of the functions of a module that `optax` has too."""
    return [
        name
        for name, function in vars(module).items()
        if callable(function) and name[0].islower() and getattr(optax, name, None) is function
    ]


ALIASES = exported_functions(alias)
SCHEDULES = exported_functions(_schedule)
NOT_IN_YAML = {"mask", "weight_decay_mask", "trust_ratio_mask", "linesearch"}


def test_every_alias_and_schedule_that_optax_exports_is_known():
    assert len(ALIASES) >= 31
    assert set(exported("__init__.py", "optax._src.alias")) == set(ALIASES)
    assert set(exported("schedules/__init__.py", "optax.schedules._schedule")) == set(SCHEDULES)


@pytest.mark.parametrize("name", ALIASES)
def test_the_arguments_and_defaults_of_an_alias_are_optaxs(name):
    compare(signature("_src/alias.py", name), inspect.signature(getattr(optax, name)))


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name != "sgdr_schedule"])
def test_the_arguments_and_defaults_of_a_schedule_are_optaxs(name):
    compare(signature("schedules/_schedule.py", name), inspect.signature(getattr(optax, name)))


def compare(found, real):
    arguments = {argument.name: argument for argument in found.arguments}
    # A partial keeps the flag that it sets as an argument.
    left_out = set(real.parameters) - set(arguments) - ({"nesterov"} if found.name in ("nadam", "nadamw") else set())
    assert left_out <= NOT_IN_YAML
    assert set(arguments) <= set(real.parameters)
    for name, argument in arguments.items():
        default = real.parameters[name].default
        if default is inspect.Parameter.empty:
            assert argument.default is REQUIRED
        elif argument.sort == "dtype" and default is not None:
            assert np.dtype(argument.default) == np.dtype(default)
        else:
            assert argument.default == default
            assert type(argument.default) is type(default)


def test_annotations_tell_numbers_from_what_decides_the_program():
    def sorts(name):
        return {a.name: a.sort for a in signature("_src/alias.py", name).arguments}

    assert sorts("sgd") == {
        "learning_rate": "number", "momentum": "number", "nesterov": "flag", "accumulator_dtype": "dtype",
    }  # fmt: skip
    assert sorts("lbfgs") == {"learning_rate": "number", "memory_size": "integer", "scale_init_precond": "flag"}
    assert sorts("polyak_sgd")["variant"] == "text"
    steps = {a.name: a.sort for a in signature("schedules/_schedule.py", "linear_schedule").arguments}
    assert (steps["init_value"], steps["transition_steps"], steps["transition_begin"]) == ("number", "steps", "steps")


def test_only_what_may_be_none_is_optional():
    optional = {a.name for a in signature("_src/alias.py", "adafactor").arguments if a.is_optional}
    assert optional == {"learning_rate", "clipping_threshold", "momentum", "weight_decay_rate"}


def test_documentation_is_one_plain_sentence():
    adam = {a.name: a.doc for a in signature("_src/alias.py", "adam").arguments}
    assert adam["nesterov"] == "Whether to use Nesterov momentum"
    assert adam["mu_dtype"] == "Optional dtype to be used for the first order accumulator"
    adafactor = {a.name: a.doc for a in signature("_src/alias.py", "adafactor").arguments}
    assert adafactor["factored"] == "Whether to use factored second-moment estimates"
    assert signature("_src/alias.py", "adam").doc == "The Adam optimizer."
    assert signature("_src/alias.py", "nadam").doc == "The NAdam optimizer."
    for name in ALIASES:
        assert all(argument.doc for argument in signature("_src/alias.py", name).arguments), name


def test_the_texts_that_optax_lists_are_the_choices():
    (variant,) = (a for a in signature("_src/alias.py", "polyak_sgd").arguments if a.name == "variant")
    assert variant.choices == ("sps", "sps+")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "defines no 'odd'"),
        ("def odd(rate: Tensor):\n  pass\n", "takes 'rate: Tensor', a type unknown here"),
        ("def odd(rate: float = compute()):\n  pass\n", "the default of 'rate' of 'odd'"),
        ("def odd(rate: float = =):\n  pass\n", "invalid syntax"),
    ],
)
def test_a_source_that_cannot_be_read_is_a_mistake_with_its_remedy(monkeypatch, source, reason):
    monkeypatch.setattr(signatures, "_read", lambda file: source)
    with pytest.raises(ConfigError, match="the installed optax cannot be read") as caught:
        signature("changed.py", "odd")
    (mistake,) = caught.value.mistakes
    assert reason in mistake.message
    assert mistake.hint == "pip install 'optax>=0.2.8,<0.3'"


def test_a_file_that_is_gone_is_a_mistake():
    with pytest.raises(ConfigError, match=r"it has no file _src/aliases\.py"):
        exported("_src/aliases.py", "optax")


def test_the_deprecated_alias_is_read_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert signature("_src/alias.py", "optimistic_adam").arguments
