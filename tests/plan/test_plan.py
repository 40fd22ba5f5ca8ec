"""Plans: counted by hand, and against what XLA says of the compiled step."""

from __future__ import annotations

import pytest

from framework.config.loader import Source
from framework.kernels import KERNELS
from framework.launch import prepare
from framework.plan import magnitude, plan, render
from framework.train.measure import analyse, compare


def planned(*overrides: str):
    return plan(prepare(overrides, Source()).experiment)


def test_a_perceptron_is_counted_by_hand():
    found = planned(
        "model=perceptron", "optimizer=sgd", "trainer.batch_size=10", "trainer.drop_last=true", "metrics=none"
    )
    rows = {row.name: row for row in found.rows}
    assert rows["logits"].parameters == 64 * 10 + 10
    assert rows["logits"].flops == 2 * 64 * 10 + 10
    assert found.memory is not None
    assert found.memory.parameters == found.memory.gradients == 650 * 4
    assert found.memory.slots == 0
    assert found.memory.batch == 10 * 64 * 1 + 10 * 4
    # The product and its gradient for the kernel; the image has none. What is elementwise adds a little.
    product = 2 * 10 * 64 * 10
    assert 2 * product < (found.step_flops or 0) < 2.4 * product


def test_adam_keeps_two_arrays_and_momentum_one():
    kept = [planned("model=mlp", f"optimizer={name}", *more).memory for name, more in (
        ("adam", ()), ("sgd", ()), ("sgd", ("optimizer.momentum=0.9",)))]  # fmt: skip
    assert [m.slots // m.parameters for m in kept if m] == [2, 0, 1]


def test_averages_and_sums_are_kept_of_what_is_trained():
    plain = planned("model=mlp", "optimizer=adam")
    frozen = planned(
        "model=mlp", "optimizer=adam", "trainer.ema=0.9", "trainer.accumulate=2",
        "optimizer.groups=[{parameters: 'fc1/*', freeze: true}]",
    )  # fmt: skip
    assert plain.memory is not None
    assert frozen.memory is not None
    assert frozen.memory.parameters == plain.memory.parameters
    trained = plain.parameters - plain.rows[1].parameters
    assert plain.rows[1].name == "fc1"
    assert frozen.memory.slots == 4 * 4 * trained
    assert frozen.memory.gradients == 4 * trained
    assert (frozen.step_flops or 0) < (plain.step_flops or 0)


def test_a_convolution_does_not_count_what_lies_in_the_padding():
    row = planned("model.layers.conv1={type: conv2d, filters: 1, kernel_size: 3, use_bias: false}").rows[0]
    # On 8 x 8 pixels each axis has 6 windows of 3 and 2 of 2 pixels; relu adds one an output.
    assert row.flops == 2 * (6 * 3 + 2 * 2) ** 2 + 64


def test_a_larger_batch_takes_more_memory_for_activations_alone():
    one, other = (planned(f"trainer.batch_size={n}", "trainer.drop_last=true").memory for n in (32, 64))
    assert one is not None
    assert other is not None
    assert other.activations == pytest.approx(2 * one.activations, rel=0.01)
    assert (other.parameters, other.slots, other.gradients) == (one.parameters, one.slots, one.gradients)


# XLA counts nothing that a native kernel does.
PLAIN = {op: ["xla", "slices"] for op in KERNELS}


def test_memory_and_flops_are_near_what_xla_says(shipped):
    experiment = prepare([*shipped, "trainer.batch_size=16", "trainer.device=cpu"], Source()).experiment
    expected, (found, kernels) = plan(experiment), analyse(experiment, PLAIN)
    assert expected.memory is not None
    assert expected.memory.peak == pytest.approx(found.bytes, rel=0.2)
    if "model=lstm" not in shipped:  # XLA counts the body of a loop once, however often it runs
        assert expected.step_flops == pytest.approx(found.flops, rel=0.05)
    text = compare(expected, found, kernels)
    assert "plan / XLA" in text
    assert all(f"kernel  {op}: {next(iter(names))}" in text for op, names in kernels.items())


def test_a_recurrent_layer_is_counted_at_every_step():
    found = planned("model=lstm", "dataset=text", "loss=language", "metrics=none", "trainer.batch_size=8")
    width, window, vocabulary = 128, 64, 71
    products = 2 * (2 * width * 4 * width) * 2 + 2 * width * vocabulary  # two layers, their inputs and states
    masks = 3 * 121 * width  # 20 rounds of 5 operations and 21 around them a number; drawn again for the gradient
    assert found.step_flops == pytest.approx(8 * window * (3 * products + 2 * masks), rel=0.06)


def test_the_text_names_losses_metrics_and_memory_and_fits_a_terminal():
    text = render(planned("model=mlp", "loss.classification.label_smoothing=0.1"))
    assert "loss: classification = softmax_cross_entropy(logits, label, label_smoothing=0.1)" in text
    assert "metric: accuracy = accuracy(logits, label)" in text
    assert "memory of a step: about 1.6" in text
    assert max(len(line) for line in text.splitlines()) <= 80


@pytest.mark.parametrize(
    ("number", "text"), [(None, "?"), (0, "0"), (999, "999"), (1000, "1 k"), (83_170_000, "83.2 M"), (2e13, "20 T")]
)
def test_magnitude(number, text):
    assert magnitude(number) == text


@pytest.mark.parametrize(
    ("overrides", "warning"),
    [
        (["model.layers.logits.units=12"], "'logits' gives logits of 12 classes, of which 'label' numbers only 10"),
        (["dataset.validation_fraction=0"], "there is no validation split, so 'validation/loss' is never known"),
    ],
)
def test_what_can_be_trained_and_is_hardly_meant_is_said_once(overrides, warning):
    found = planned("model=perceptron", *overrides)
    assert [text.startswith(warning) for text in found.warnings] == [True]
    assert render(found).count("warning: ") == 1


def test_of_what_is_meant_nothing_is_said():
    assert planned("model=perceptron").warnings == ()
    assert planned("model=perceptron", "dataset.validation_fraction=0", "trainer.keep_best=null").warnings == ()
