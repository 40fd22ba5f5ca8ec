"""The networks of conf/model have as many parameters as those they are called after."""

from __future__ import annotations

import pytest

from framework.config.loader import Source
from framework.launch import prepare
from framework.plan import plan

NO_METRICS = "metrics=none"
PAPER = {
    # He et al. 2016, table 6: 0.27 M; with projections as PyTorch's models of CIFAR-10 count it.
    "resnet20": (["dataset=cifar10"], 272_474),
    # Ronneberger et al. 2015, figure 1, with padded convolutions and one class.
    "unet": (["loss=reconstruction", NO_METRICS, "model.layers.net.width=64"], 31_030_593),
    # nanoGPT's character model: 10.65 M without the 256 x 384 positions, which its own count leaves out.
    "char_transformer": (
        ["dataset.window=256", "model.layers.net.width=384", "model.layers.net.heads=6", "model.layers.net.depth=6"],
        10_646_784 + 256 * 384,
    ),
    # Zaremba et al. 2014, the large model: 66 M.
    "lstm": (["model.layers.net.width=1500"], 66_022_000),
}
UNITS = {"char_transformer": 65, "lstm": 10_000}  # how many characters, or words, there are


@pytest.mark.parametrize("model", PAPER)
def test_parameters_are_the_published_number(model, tmp_path):
    overrides, parameters = PAPER[model]
    if model in UNITS:
        text = "".join(chr(0x4E00 + number) for number in range(UNITS[model]))
        (tmp_path / "text.txt").write_text(text * (20_000 // len(text)), encoding="utf-8")
        overrides = [*overrides, "dataset=text", f"dataset.path={tmp_path}/text.txt", "loss=language", NO_METRICS]
    assert plan(prepare([f"model={model}", *overrides], Source()).experiment).parameters == parameters
