"""What each augmentation does to images and labels, that it is drawn by seed and step, and where it is left out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from framework.build import build
from framework.config.check import check
from framework.config.compose import compose
from framework.config.loader import Source
from framework.config.report import screen
from framework.errors import ConfigError
from framework.launch import checked
from framework.layers import AUGMENTATIONS, Mode
from framework.train.engine import Engine

CLASSES = 3
SIZE = (6, 5, 2)
LAYERS = {
    "conv": {"type": "conv2d", "filters": 2, "kernel_size": 3, "inputs": ["x"]},
    "flat": {"type": "flatten"},
    "logits": {"type": "dense", "units": "num_classes"},
}
x = np.random.default_rng(1).normal(size=(8, *SIZE)).astype(np.float32) + 5  # no pixel is 0


@pytest.fixture
def augmented(network):
    """A network whose outputs are the features as a model reads them."""

    def make(*augment, shape=SIZE, mode=Mode.TRAIN, **more):
        augment = [{"feature": "x", **a} if a["type"] != "mixup" else a for a in augment]
        dataset = {"type": "sample", "shape": list(shape), "augment": augment, **more.pop("dataset", {})}
        return network({"out": {"type": "identity", "inputs": ["x"]}}, shape, mode, dataset=dataset, **more)

    return make


MIXED = ["x", "z", "label"]


def configuration(augment, **dataset):
    """A whole configuration that classifies images."""
    return {
        "model": {"layers": LAYERS, "outputs": {"logits": "logits"}},
        "dataset": {"type": "sample", "shape": list(SIZE), "augment": augment, **dataset},
        "loss": {"classification": {"type": "softmax_cross_entropy"}},
        "metrics": {"accuracy": {"type": "accuracy"}},
        "optimizer": {"type": "sgd", "learning_rate": 0.05},
        "schedule": {"type": "constant"},
        "trainer": {"steps": 12, "batch_size": 8},
    }


def images(net, features=None, fetch="out"):
    return net.run(net.built.outputs[fetch], features or {"x": x})


def moved(image, down, right, mode="constant"):
    """An image moved by whole pixels, what comes in being zeros, the edge, or a reflection of the image."""
    height, width, _ = image.shape
    wide = np.pad(image, [(height, height), (width, width), (0, 0)], mode=mode)
    return wide[height - down : 2 * height - down, width - right : 2 * width - right]


def place_of(found, image, reach, mode="constant"):
    """How far `found` is `image` moved; it must be so in exactly one way."""
    distances = range(-reach, reach + 1)
    (place,) = [(i, k) for i in distances for k in distances if np.array_equal(found, moved(image, i, k, mode))]
    return place


@pytest.mark.parametrize(("kind", "option"), [("random_shift", "pixels"), ("random_crop", "padding")])
def test_shift_and_crop_move_whole_pixels_and_fill_with_zeros(augmented, kind, option):
    net = augmented({"type": kind, option: 2})
    places = {place_of(found, image, 2) for _ in range(40) for found, image in zip(images(net), x, strict=True)}
    # 320 draws of 25 places: one is never drawn with probability 25 * (24/25)**320 = 5e-5.
    assert len(places) == 25
    assert net.built.hyper[f"Hyper/dataset/augment/0/{option}:0"] == 2


@pytest.mark.parametrize(("fill", "mode"), [("edge", "edge"), ("reflect", "symmetric")])
def test_other_things_may_come_in(augmented, fill, mode):
    found = images(augmented({"type": "random_shift", "pixels": 2, "fill": fill}))
    assert len({place_of(*pair, 2, mode) for pair in zip(found, x, strict=True)}) > 1


def test_flip_is_its_own_inverse(augmented):
    always = {"type": "random_flip", "horizontal": 1.0, "vertical": 1.0}
    np.testing.assert_array_equal(images(augmented(always)), x[:, ::-1, ::-1])
    np.testing.assert_array_equal(images(augmented(always, always)), x)


def test_flip_has_a_probability_each_way(augmented):
    net = augmented({"type": "random_flip", "vertical": 0.2})
    drawn = np.concatenate([images(net) for _ in range(60)])
    same = np.tile(x, (60, 1, 1, 1))
    ways = {
        (across, down): (drawn == same[:, :: 1 - 2 * down, :: 1 - 2 * across]).all((1, 2, 3))
        for across in (0, 1)
        for down in (0, 1)
    }
    assert sum(ways.values()).min() == 1  # each image is the given one in exactly one of the four ways
    # 480 draws: five standard deviations are 0.114 and 0.091.
    assert abs((ways[1, 0] | ways[1, 1]).mean() - 0.5) < 0.114
    assert abs((ways[0, 1] | ways[1, 1]).mean() - 0.2) < 0.091


def test_rotation_turns_around_the_centre(augmented):
    size = 9
    net = augmented({"type": "random_rotation", "degrees": 30.0}, shape=(size, size, 2))
    # Pixels that hold their own place say where they came from; interpolation keeps what is linear.
    y, x = np.mgrid[:size, :size].astype(np.float32) - 4
    places = np.broadcast_to(np.stack([x, y], -1) + 10, (8, size, size, 2))
    is_inside = x**2 + y**2 <= 16
    angles = []
    for _ in range(40):
        for image in images(net, {"x": places}):
            came_from = (image - 10)[is_inside] @ [1, 1j]
            turned = came_from[abs(came_from) > 0.5] / (x + 1j * y)[is_inside][abs(came_from) > 0.5]
            np.testing.assert_allclose(abs(turned), 1, atol=1e-4)
            np.testing.assert_allclose(turned, turned[0], atol=1e-4)
            assert abs(image[4, 4] - 10).max() < 1e-5
            angles.append(np.degrees(np.angle(turned[0])))
    assert stats.kstest(angles, stats.uniform(-30, 60).cdf).pvalue > 1e-3


def test_brightness_adds_one_number_an_image(augmented):
    net = augmented({"type": "random_brightness", "delta": 0.25})
    added = np.concatenate([images(net) for _ in range(40)]) - np.tile(x, (40, 1, 1, 1))
    each = added.mean((1, 2, 3), keepdims=True)
    np.testing.assert_allclose(added, np.broadcast_to(each, added.shape), atol=2e-6)
    assert stats.kstest(each.ravel(), stats.uniform(-0.25, 0.5).cdf).pvalue > 1e-3


def test_contrast_keeps_the_mean_of_each_channel(augmented):
    net = augmented({"type": "random_contrast", "delta": 0.4})
    mean = x.mean((1, 2), keepdims=True)
    factors = []
    for _ in range(40):
        found = images(net)
        np.testing.assert_allclose(found.mean((1, 2), keepdims=True), mean, rtol=1e-5)
        factor = ((found - mean) * (x - mean)).sum((1, 2, 3)) / ((x - mean) ** 2).sum((1, 2, 3))
        np.testing.assert_allclose(found, mean + (x - mean) * factor[:, None, None, None], rtol=1e-4, atol=1e-5)
        factors.extend(factor)
    assert stats.kstest(factors, stats.uniform(0.6, 0.8).cdf).pvalue > 1e-3


def test_cutout_zeroes_a_square_around_any_pixel(augmented):
    net = augmented({"type": "cutout", "size": 3})
    centres = set()
    for _ in range(40):
        for found, image in zip(images(net), x, strict=True):
            is_zero = (found == 0).all(-1)
            np.testing.assert_array_equal(found, np.where(is_zero[..., None], 0, image))
            squares = {(i, k) for i in range(6) for k in range(5) if np.array_equal(is_zero, square(i, k))}
            assert len(squares) == 1
            centres |= squares
    assert len(centres) == 30


def square(row, column):
    cut = np.zeros((6, 5), bool)
    cut[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = True
    return cut


@pytest.mark.parametrize("alpha", [0.1, 0.4, 1.0, 3.0])
def test_mixup_mixes_pairs_by_shares_from_the_beta_distribution(augmented, alpha):
    outputs = {"out": "out", "labels": "label", "other": "z"}
    model = {
        "layers": {"out": {"type": "identity", "inputs": ["x"]}, "p": {"type": "dense", "units": 1}},
        "outputs": outputs,
    }
    net = augmented({"type": "mixup", "alpha": alpha, "features": MIXED}, shape=(16,), model=model)
    # Every example is one number of its own, so that its partner and share can be told from the result.
    features = {"x": np.eye(8, 16, dtype=np.float32), "z": np.eye(8, 16, dtype=np.float32) * 2}
    features["label"] = np.int32([0, 1, 2, 0, 1, 2, 0, 1])
    shares, partners = [], set()
    for _ in range(100):
        mixed, labels, other = net.run([net.built.outputs[name] for name in outputs], features)
        np.testing.assert_allclose(mixed.sum(1), 1, rtol=1e-5)
        np.testing.assert_allclose(labels.sum(1), 1, rtol=1e-5)
        np.testing.assert_allclose(labels, mixed[:, :8] @ np.eye(CLASSES)[features["label"]], atol=1e-6)
        np.testing.assert_allclose(other, 2 * mixed, rtol=1e-5)
        own = np.diag(mixed[:, :8])
        for row in range(8):
            partner = [k for k in range(8) if k != row and mixed[row, k] != 0]
            assert len(partner) <= 1
            partners.update(partner)
        shares.extend(own[own < 1])
    assert partners == set(range(8))
    # An example may draw itself, and float32 rounds what is near 0 and 1; between them the distribution shows.
    inner, law = [share for share in shares if 0.01 < share < 0.99], stats.beta(alpha, alpha)
    low, high = law.cdf([0.01, 0.99])
    assert stats.kstest(inner, lambda share: (law.cdf(share) - low) / (high - low)).pvalue > 1e-3
    expected = 700 * (high - low)  # of 800 draws, one in eight is of the example itself
    assert abs(len(inner) - expected) < 5 * np.sqrt(expected)


def test_a_model_trains_on_soft_labels():
    augment = [
        {"type": "random_shift", "pixels": 1, "feature": "x"},
        {"type": "cutout", "size": 2, "feature": "x"},
        {"type": "mixup", "features": MIXED},
    ]
    experiment = check(configuration(augment, normalize="standardize"))
    engine = Engine(experiment, experiment.dataset.load(), "step")
    state, losses = engine.initialize(), []
    while len(losses) < 12:
        state, records = engine.advance(state, len(losses), len(losses) + 1, lambda: False)
        losses.extend(records.scalars["loss"])
        assert 0 <= records.scalars["accuracy"][0] <= 1
    assert np.isfinite(losses).all()
    assert set(engine.built.statistics) == {f"Data/prepare_{n}/{r}" for n in "xz" for r in ("mean", "scale")}
    assert np.isfinite(engine.evaluate(state, "validation")["loss"])


def test_seed_and_step_decide(augmented):
    augment = [{"type": "random_shift", "pixels": 2}, {"type": "random_brightness", "delta": 0.5}]
    first, again, other = (augmented(*augment, seed=seed) for seed in (1, 1, 2))
    steps = [images(first) for _ in range(2)]
    np.testing.assert_array_equal(steps, [images(again) for _ in range(2)])
    assert not np.array_equal(steps[0], steps[1])
    assert not np.array_equal(steps[0], images(other))


def test_the_order_is_that_of_the_list_and_two_of_a_kind_draw_apart(augmented):
    flip = {"type": "random_flip"}
    net = augmented(flip, flip)
    assert not all(np.array_equal(images(net), x) for _ in range(3))
    cut_then_lit = images(augmented({"type": "cutout", "size": 20}, {"type": "random_brightness", "delta": 0.5}))
    assert (cut_then_lit == cut_then_lit[:, :1, :1, :1]).all()
    assert (cut_then_lit != 0).any()


def test_nothing_is_changed_afterwards(augmented):
    augment = [{"type": "random_shift", "pixels": 2}, {"type": "mixup", "features": MIXED}]
    net = augmented(*augment, mode=Mode.EVALUATE)
    np.testing.assert_array_equal(images(net), x)
    assert not [node for node in net.built.graph if node.op.startswith(("Random", "ImageProjective"))]
    assert not [name for name in net.built.hyper if "augment" in name]


@pytest.mark.parametrize(
    ("augment", "place", "said"),
    [
        ({"type": "random_shift", "pixels": -1}, "0.pixels", ["at least 0", "found -1"]),
        ({"type": "random_crop", "paddin": 1}, "0.paddin", ["no option 'paddin'", "did you mean 'padding'"]),
        ({"type": "random_shift"}, "0.pixels", ["needs the option 'pixels'"]),
        ({"type": "random_shif"}, "0.type", ["no augmentation 'random_shif'", "did you mean 'random_shift'"]),
        ({"pixels": 1}, "0", ["does not say its 'type'"]),
        ("cutout", "0", ["an augmentation is a mapping", "{type: cutout}"]),
        ({"type": "random_flip"}, "0", ["of several: x, z", "feature: x"]),
        ({"type": "random_flip", "feature": "y"}, "0", ["no feature 'y'", "features: x [8, 6, 5, 2]"]),
        ({"type": "cutout", "size": 1, "feature": "label"}, "0", ["cutout changes images", "'label' is int32 [8]"]),
        ({"type": "mixup", "labels": "y", "features": MIXED}, "0", ["cannot mix the feature 'label'", "labels: label"]),
        ({"type": "mixup", "features": ["x", "lable"]}, "0", ["no feature 'lable'; did you mean 'label'"]),
    ],
)
def test_a_mistake_is_one_and_at_its_item(augment, place, said):
    with pytest.raises(ConfigError) as raised:
        build(check(configuration([augment])), Mode.TRAIN)
    (mistake,) = raised.value.mistakes
    assert ".".join(mistake.path) == f"dataset.augment.{place}"
    for words in said:
        assert words in f"{mistake.message} {mistake.hint}"


def test_a_mistake_stands_where_the_item_was_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "extra" / "dataset").mkdir(parents=True)
    (tmp_path / "extra" / "dataset" / "shaken.yaml").write_text(
        "type: digits\naugment:\n  - {type: random_shift, pixels: 1}\n  - {type: cutout, size: 2, feature: picture}\n"
    )
    composed = compose(["model=perceptron", "dataset=shaken"], Source(extra=(tmp_path / "extra",)))
    with pytest.raises(ConfigError) as raised:
        checked(composed)
    assert screen(raised.value, composed.origins).splitlines()[0] == "extra/dataset/shaken.yaml:4:5  dataset.augment.1"


def test_images_are_asked_for_where_there_are_none(augmented):
    with pytest.raises(ConfigError, match=r"random_flip changes images .* but the data set has none"):
        augmented({"type": "random_flip", "feature": None}, shape=(4,))
    with pytest.raises(ConfigError, match=r"dataset.augment: must be a list"):
        check(configuration({"type": "random_flip"}))


def test_every_augmentation_has_a_test():
    with open(__file__, encoding="utf-8") as file:
        text = file.read()
    assert [name for name in AUGMENTATIONS if f'"{name}"' not in text] == []
