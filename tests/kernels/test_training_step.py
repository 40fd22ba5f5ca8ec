"""Groups, accumulated gradients and averages of parameters, against optax's own steps and NumPy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import framework.ops  # noqa: F401  kernels are kernels of declared ops
from framework.config.experiment import Experiment
from framework.kernels import training_step, update
from framework.optimizers import OPTIMIZERS, Group
from framework.optimizers.groups import parts
from framework.train.engine import Engine

RANDOM = np.random.default_rng(3)
PARAMETERS = {
    name: jnp.asarray(RANDOM.normal(size=shape), jnp.float32)
    for name, shape in {"body/kernel": (3, 2), "body/bias": (2,), "head/kernel": (2, 4), "head/bias": (4,)}.items()
}
GRADIENTS = [
    {name: jnp.asarray(RANDOM.normal(size=p.shape), jnp.float32) for name, p in PARAMETERS.items()} for _ in range(6)
]
GROUPS = [
    {"parameters": "body/*", "learning_rate_multiplier": 0.25},
    {"parameters": "*/bias", "weight_decay": 0.0},
]


@pytest.fixture(autouse=True)
def _strict():
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


def train(optimizer, gradients, accumulate=1, ema=None):
    """The parameters and the slots after each of some gradients, in one executable."""
    structure = optimizer.structure() | {"accumulate": accumulate}
    structure["groups"] = parts([Group(**g) if isinstance(g, dict) else g for g in optimizer.groups], [*PARAMETERS])
    hyper = {name: jnp.float32(number) for name, number in optimizer.hyper().items()}
    hyper |= {} if ema is None else {"ema": jnp.float32(ema)}
    foretold = training_step.slot_specs(structure, list(hyper), {n: jax.typeof(p) for n, p in PARAMETERS.items()})
    parameters, slots = PARAMETERS, training_step.initial_slots(structure, hyper, PARAMETERS)
    step = jax.jit(lambda h, p, g, s: training_step.step(structure, h, p, g, s))
    found = []
    for gradient in gradients:
        parameters, slots = step(hyper, parameters, gradient, slots)
        assert {n: (s.shape, s.dtype) for n, s in slots.items()} == {n: (s.shape, s.dtype) for n, s in foretold.items()}
        found.append((parameters, slots))
    assert step._cache_size() == 1
    return found


def assert_equal(found, expected, tolerance=1e-6):
    assert found.keys() == expected.keys()
    for name, array in found.items():
        np.testing.assert_allclose(array, expected[name], rtol=tolerance, atol=tolerance, err_msg=name)


def apart(name, gradients, options, clip=None):
    """Each parameter trained by an optimizer of its own from optax; options: of a parameter, by its name."""
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        made = {parameter: getattr(optax, name)(**options(parameter)) for parameter in PARAMETERS}
        parameters = dict(PARAMETERS)
        states = {parameter: made[parameter].init({parameter: parameters[parameter]}) for parameter in PARAMETERS}
        for gradient in gradients:
            norm = jnp.sqrt(sum(jnp.sum(jnp.square(g)) for g in gradient.values()))
            factor = 1.0 if clip is None else jnp.minimum(1.0, clip / norm)
            for parameter in PARAMETERS:
                own = {parameter: parameters[parameter]}
                changes, states[parameter] = made[parameter].update(
                    {parameter: gradient[parameter] * factor}, states[parameter], own
                )
                parameters |= optax.apply_updates(own, changes)
        return parameters


@pytest.mark.parametrize("name", ["adamw", "lamb", "lion", "adan", "novograd"])
@pytest.mark.parametrize("clip", [None, 0.5])
def test_each_parameter_is_trained_as_by_an_optimizer_with_the_options_of_its_groups(name, clip):
    bounds = {} if clip is None else {"clip": {"global_norm": clip}}
    optimizer = OPTIMIZERS[name](learning_rate=0.02, weight_decay=0.1, groups=GROUPS, **bounds)
    expected = apart(
        name,
        GRADIENTS,
        lambda parameter: {
            "learning_rate": 0.02 * (0.25 if parameter.startswith("body/") else 1.0),
            "weight_decay": 0.0 if parameter.endswith("/bias") else 0.1,
        },
        clip,
    )
    assert_equal(train(optimizer, GRADIENTS)[-1][0], expected, 1e-5)


def test_slots_are_called_as_without_groups():
    plain = OPTIMIZERS["adamw"](weight_decay=0.1)
    grouped = plain.model_copy(update={"groups": [Group(**group) for group in GROUPS]})
    before, after = set(train(plain, GRADIENTS[:1])[0][1]), set(train(grouped, GRADIENTS[:1])[0][1])
    assert before < after
    assert after - before == {f"Train/adamw/groups/{part}/count" for part in ("0", "1", "0+1")}
    bounded = grouped.model_copy(update={"clip": type(OPTIMIZERS["sgd"](clip={"value": 1.0}).clip)(value=1.0)})
    assert set(train(bounded, GRADIENTS[:1])[0][1]) == after


def test_parts_draw_different_noise():
    optimizer = OPTIMIZERS["noisy_sgd"](eta=1.0, groups=[{"parameters": "head/*", "learning_rate_multiplier": 1.0}])
    parameters = {"body/kernel": jnp.zeros((4, 4), jnp.float32), "head/kernel": jnp.zeros((4, 4), jnp.float32)}
    structure = optimizer.structure() | {"groups": parts(optimizer.groups, [*parameters])}
    hyper = {name: jnp.float32(number) for name, number in optimizer.hyper().items()}
    slots = update.initial_slots(structure, hyper, parameters)
    new, _ = update.step(structure, hyper, parameters, parameters, slots)
    assert np.abs(new["body/kernel"] - new["head/kernel"]).min() > 0


def test_noise_follows_the_seed_of_the_run():
    def first_key(*overrides):
        experiment = Experiment.compose("model=perceptron", "dataset=iris", "optimizer=noisy_sgd", *overrides)
        key = Engine(experiment, experiment.dataset.load()).initialize()["Train/noisy_sgd/rng_key"]
        return tuple(np.asarray(key).tolist())

    zeros = "model.layers.logits.kernel_initializer=zeros"  # so that nothing else of the graph reads the seed
    keys = [first_key(zeros, *more) for more in ([], ["seed=1"], ["seed=2"], ["optimizer.key=1"])]
    assert len(set(keys)) == 4
    assert first_key("seed=1") == keys[1]


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_accumulated_gradients_are_one_step_by_their_mean(name):
    optimizer = OPTIMIZERS[name](learning_rate=0.1, clip={"global_norm": 0.7})
    found = train(optimizer, GRADIENTS, accumulate=3, ema=0.8)
    means = [{n: sum(g[n] for g in part) / 3 for n in PARAMETERS} for part in (GRADIENTS[:3], GRADIENTS[3:])]
    expected = train(optimizer, means, ema=0.8)
    assert_equal(found[2][0], expected[0][0])
    assert_equal(found[5][0], expected[1][0])
    for between in (0, 1):
        assert_equal(found[between][0], PARAMETERS, 0)
    for between in (3, 4):
        assert_equal(found[between][0], found[2][0], 0)
        assert int(found[between][1]["Train/accumulate/count"]) == between - 2
    own = {n: s for n, s in found[5][1].items() if not n.startswith("Train/accumulate/")}
    assert_equal(own, expected[1][1])
    assert int(found[5][1]["Train/accumulate/count"]) == 0
    np.testing.assert_allclose(
        found[4][1]["Train/accumulate/sum/head/bias"], GRADIENTS[3]["head/bias"] + GRADIENTS[4]["head/bias"], rtol=1e-6
    )


def test_averages_of_parameters_by_hand():
    found = train(OPTIMIZERS["sgd"](learning_rate=0.1), GRADIENTS, ema=0.75)
    for name, parameter in PARAMETERS.items():
        value = average = np.asarray(parameter, np.float64)
        for gradient, (parameters, slots) in zip(GRADIENTS, found, strict=True):
            value = value - 0.1 * np.asarray(gradient[name], np.float64)
            average = 0.75 * average + 0.25 * value
            np.testing.assert_allclose(parameters[name], value, rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(slots[f"Train/ema/{name}"], average, rtol=1e-5, atol=1e-6)
