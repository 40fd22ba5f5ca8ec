"""The optimizer's step over flat slots is optax's own, and its numbers are no part of the compiled program."""

from __future__ import annotations

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import framework.ops  # noqa: F401  kernels are kernels of declared ops
from framework.errors import GraphError
from framework.fields import Kind
from framework.kernels import training_step, update
from framework.optimizers import OPTIMIZERS

NAMES = sorted(OPTIMIZERS)
RANDOM = np.random.default_rng(0)
PARAMETERS = {  # without a scalar, which sm3 cannot train
    "conv/kernel": RANDOM.normal(size=(2, 2, 1, 3)).astype(np.float32),
    "dense/bias": RANDOM.normal(size=3).astype(np.float32),
}
TARGETS = {name: RANDOM.normal(size=np.shape(array)).astype(np.float32) for name, array in PARAMETERS.items()}

pytestmark = pytest.mark.filterwarnings("ignore:`optimistic_adam` is deprecated")


@pytest.fixture(autouse=True)
def _strict():
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


def loss_of(parameters):
    """A sum of squares that curves differently along each parameter."""
    terms = [(1.0 + k) * jnp.sum(jnp.square(parameters[name] - TARGETS[name])) for k, name in enumerate(TARGETS)]
    return sum(terms[1:], terms[0])


def train(optimizers):
    """The parameters and slots after one step of each optimizer, which share a structure; and the executables made."""
    structure = optimizers[0].structure()

    @jax.jit
    def step(hyper, parameters, slots):
        value, gradients = jax.value_and_grad(loss_of)(parameters)
        return update.step(structure, hyper, parameters, gradients, slots, value=value, value_fn=loss_of)

    parameters = {name: jnp.asarray(array) for name, array in PARAMETERS.items()}
    slots = jax.jit(lambda h, p: update.initial_slots(structure, h, p))(numbers(optimizers[0]), parameters)
    for optimizer in optimizers:
        assert optimizer.structure() == structure
        parameters, slots = step(numbers(optimizer), parameters, slots)
    return parameters, slots, step._cache_size()


def numbers(optimizer):
    return {name: jnp.float32(number) for name, number in optimizer.hyper().items()}


def train_with_optax(transformations):
    """The parameters and the leaves of the state after one step of each transformation, written as optax's users do."""
    with jax.disable_jit(), jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        parameters = {name: jnp.asarray(array) for name, array in PARAMETERS.items()}
        state = transformations[0].init(parameters)
        for transformation in transformations:
            value, grad = jax.value_and_grad(loss_of)(parameters)
            updates, state = optax.with_extra_args_support(transformation).update(
                grad, state, parameters, value=value, grad=grad, value_fn=loss_of
            )
            parameters = optax.apply_updates(parameters, updates)
        return parameters, jax.tree.leaves(state)


def assert_equal(found, expected, tolerance=1e-6):
    assert found.keys() == expected.keys()
    for name, array in found.items():
        np.testing.assert_allclose(array, expected[name], rtol=tolerance, atol=tolerance, err_msg=name)


@cache
def two_steps_and_one_of_other_numbers(name):
    """The last parameters and slots, the executables made, and the numbers of the third step."""
    optimizer = OPTIMIZERS[name]()
    less = {option: 0.9 * number for option, number in optimizer.hyper().items()}
    return *train([optimizer, optimizer, optimizer.model_copy(update=less)]), less


@pytest.mark.parametrize("name", NAMES)
def test_every_alias_steps_as_optax_does_and_compiles_once_for_all_numbers(name):
    parameters, slots, executables, less = two_steps_and_one_of_other_numbers(name)
    assert executables == 1

    make = partial(getattr(optax, name), **({"key": 0} if name == "noisy_sgd" else {}))
    rate = OPTIMIZERS[name]().hyper().get("learning_rate")
    first = make() if rate is None else make(rate)
    expected, leaves = train_with_optax([first, first, make(**less)])
    assert_equal(parameters, expected)
    assert any(np.any(parameters[n] != PARAMETERS[n]) for n in PARAMETERS)
    assert len(slots) == len(leaves)


@pytest.mark.parametrize("name", NAMES)
def test_every_number_may_be_traced_even_one_that_is_left_out_by_default(name):
    kind = OPTIMIZERS[name]
    options = [option for option in kind.model_fields if kind.kind_of(option) is Kind.VALUE]
    optimizer = kind().model_copy(update={option: getattr(kind(), option) or 0.5 for option in options})
    assert set(optimizer.hyper()) == set(options)
    structure = optimizer.structure()

    def two_steps(hyper, parameters):
        slots = update.initial_slots(structure, hyper, parameters)
        for _ in range(2):
            value, gradients = jax.value_and_grad(loss_of)(parameters)
            parameters, slots = update.step(structure, hyper, parameters, gradients, slots, value, loss_of)
        return parameters, slots

    parameters, slots = jax.eval_shape(two_steps, numbers(optimizer), PARAMETERS)
    foretold = training_step.slot_specs(structure, list(optimizer.hyper()), parameters)
    assert {n: (s.shape, s.dtype) for n, s in slots.items()} == {n: (s.shape, s.dtype) for n, s in foretold.items()}
    assert {n: s.shape for n, s in parameters.items()} == {n: np.shape(a) for n, a in PARAMETERS.items()}
    for spec in (*parameters.values(), *slots.values(), *foretold.values()):
        assert not spec.weak_type  # or the next step would be compiled again


@pytest.mark.parametrize("name", NAMES)
def test_slots_keep_the_names_shapes_and_types_that_were_foretold(name):
    optimizer = OPTIMIZERS[name]()
    specs = {n: jax.ShapeDtypeStruct(np.shape(a), np.float32) for n, a in PARAMETERS.items()}
    foretold = training_step.slot_specs(optimizer.structure(), list(optimizer.hyper()), specs)
    _, slots, _, _ = two_steps_and_one_of_other_numbers(name)
    assert foretold.keys() == slots.keys()
    for slot, spec in foretold.items():
        assert slot.startswith(f"Train/{name}/")
        assert (slots[slot].shape, slots[slot].dtype) == (spec.shape, spec.dtype)
        assert np.asarray(slots[slot]).dtype.kind in "fiub"  # plain numbers, so that they can be saved


def test_the_names_of_slots():
    specs = {n: jax.ShapeDtypeStruct((3, 2), np.float32) for n in ("conv1/kernel", "w")}

    def slots(name, **options):
        optimizer = OPTIMIZERS[name](**options)
        return set(training_step.slot_specs(optimizer.structure(), list(optimizer.hyper()), specs))

    assert slots("adam") == {
        "Train/adam/count", "Train/adam/mu/conv1/kernel", "Train/adam/mu/w", "Train/adam/nu/conv1/kernel",
        "Train/adam/nu/w",
    }  # fmt: skip
    assert slots("adam", clip={"global_norm": 1.0, "value": 1.0}) == slots("adam")
    assert slots("sm3", clip={"value": 1.0}) == slots("sm3") >= {"Train/sm3/mu/w/0", "Train/sm3/mu/w/1"}
    assert slots("sgd") == set()
    assert slots("sgd", momentum=0.9) == {"Train/sgd/trace/conv1/kernel", "Train/sgd/trace/w"}


def test_slots_that_would_share_a_name_are_told_apart_by_their_positions():
    state = optax.chain(optax.trace(0.9), optax.trace(0.5)).init({"w": jnp.ones(2)})
    assert update._names({"type": "two"}, state) == ["Train/two/0/trace/w", "Train/two/1/trace/w"]


def test_steps_of_adam_by_hand():
    optimizer = OPTIMIZERS["adam"](learning_rate=0.1, b1=0.8, b2=0.9, eps=1e-3)
    weights, mean, square = np.array([1.0, -2.0]), np.zeros(2), np.zeros(2)
    parameters = {"w": jnp.asarray(weights, jnp.float32)}
    slots = update.initial_slots(optimizer.structure(), numbers(optimizer), parameters)
    for t, gradient in enumerate([np.array([0.5, -1.0]), np.array([1.5, 2.0])], start=1):
        mean, square = 0.8 * mean + 0.2 * gradient, 0.9 * square + 0.1 * gradient**2
        weights = weights - 0.1 * (mean / (1 - 0.8**t)) / (np.sqrt(square / (1 - 0.9**t)) + 1e-3)
        fed = {"w": jnp.asarray(gradient, jnp.float32)}
        parameters, slots = update.step(optimizer.structure(), numbers(optimizer), parameters, fed, slots)
        np.testing.assert_allclose(parameters["w"], weights, rtol=1e-6)
    np.testing.assert_allclose(slots["Train/adam/mu/w"], mean, rtol=1e-6)
    np.testing.assert_allclose(slots["Train/adam/nu/w"], square, rtol=1e-6)
    assert int(slots["Train/adam/count"]) == 2


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sgd", {"momentum": 0.9, "nesterov": True, "accumulator_dtype": "bfloat16"}),
        ("adam", {"mu_dtype": "bfloat16", "nesterov": True}),
        ("adafactor", {"learning_rate": 0.1, "min_dim_size_to_factor": 2, "clipping_threshold": None}),
        ("adafactor", {"momentum": 0.9, "weight_decay_rate": 0.1, "dtype_momentum": "bfloat16"}),
        ("rmsprop", {"momentum": 0.9, "centered": True, "eps_in_sqrt": False}),
        ("optimistic_adam", {"optimism": 0.3}),
        ("lbfgs", {"memory_size": 3, "learning_rate": 0.5}),
        ("polyak_sgd", {"variant": "sps+"}),
        ("noisy_sgd", {"key": 7, "eta": 1.0}),
        ("amsgrad", {"bias_correction_mu": False, "bias_correction_nu": False}),
    ],
)
def test_options_mean_what_they_mean_to_optax(name, options):
    optimizer = OPTIMIZERS[name](**options)
    needed = {"learning_rate": optimizer.hyper()["learning_rate"]} if "learning_rate" in optimizer.hyper() else {}
    make = getattr(optax, name)
    expected, _ = train_with_optax([make(**{**needed, **options})] * 3)
    parameters, _, executables = train([optimizer] * 3)
    assert executables == 1
    tolerance = 1e-2 if "bfloat16" in options.values() else 1e-5  # 1 - b2 loses digits in float32
    assert_equal(parameters, expected, tolerance)


@pytest.mark.parametrize(
    ("clip", "transformations"),
    [
        ({"global_norm": 0.5}, [optax.clip_by_global_norm(0.5)]),
        ({"value": 0.1}, [optax.clip(0.1)]),
        ({"adaptive": 0.01}, [optax.adaptive_grad_clip(0.01)]),
        ({"value": 0.1, "global_norm": 0.5}, [optax.clip_by_global_norm(0.5), optax.clip(0.1)]),
    ],
)
def test_clipping_comes_before_the_optimizer(clip, transformations):
    optimizer = OPTIMIZERS["sgd"](learning_rate=0.3, momentum=0.9, clip=clip)
    expected, _ = train_with_optax([optax.chain(*transformations, optax.sgd(0.3, momentum=0.9))] * 2)
    parameters, _, executables = train([optimizer] * 2)
    assert_equal(parameters, expected)
    assert executables == 1
    free, _, _ = train([OPTIMIZERS["sgd"](learning_rate=0.3, momentum=0.9)] * 2)
    assert np.abs(free["conv/kernel"] - parameters["conv/kernel"]).max() > 0.01


def test_bounds_on_gradients_are_runtime_numbers():
    tight, loose = (OPTIMIZERS["sgd"](clip={"global_norm": bound}) for bound in (0.1, 1e6))
    _, _, executables = train([tight, loose])
    assert executables == 1


def test_a_line_search_minimises_a_quadratic_faster_than_its_gradient():
    parameters, _, _ = train([OPTIMIZERS["lbfgs"]()] * 12)
    assert_equal(parameters, TARGETS, tolerance=1e-3)


def test_scalars_and_what_cannot_train_them():
    parameters = {"w": jnp.float32(2.0)}
    for name in NAMES:
        optimizer = OPTIMIZERS[name]()
        if name == "sm3":
            with pytest.raises(GraphError, match="for each axis of a parameter, but 'w' is a scalar"):
                update.initial_slots(optimizer.structure(), numbers(optimizer), parameters)
        else:
            specs = training_step.slot_specs(optimizer.structure(), list(optimizer.hyper()), parameters)
            assert all(isinstance(spec, jax.ShapeDtypeStruct) for spec in specs.values())


def test_strictness_is_left_as_it_was():
    train([OPTIMIZERS["adam"]()])
    with pytest.raises(Exception, match="promotion"):
        jnp.ones(3, jnp.float32) + jnp.ones(3, jnp.int32)
    with pytest.raises(ValueError, match="rank_promotion"):
        jnp.ones((2, 3)) + jnp.ones(3)
