"""Pictures of results: they show what there is, and are left out where there is nothing to show."""

from __future__ import annotations

from pathlib import Path

from matplotlib.image import imread


def test_pictures_of_a_sweep(sweep):
    words = ["optimizer.learning_rate=0.001,0.1,0.5", "optimizer.nesterov=false,true", "seed=1,2"]
    assert sweep(*words, "sweep.pictures=true") == 0
    drawn = {path.name: imread(path) for path in Path("s/pictures").iterdir()}
    assert drawn.keys() == {"parameters.png", "parallel.png", "curves.png", "heat_map.png"}
    for picture in drawn.values():
        assert min(picture.shape[:2]) > 200
        assert len({tuple(pixel) for pixel in (picture[::4, ::4, :3] * 255).astype(int).reshape(-1, 3)}) > 10


def test_one_option_has_no_heat_map(sweep):
    assert sweep("optimizer.learning_rate=0.1,0.5", "sweep.pictures=true") == 0
    assert {path.name for path in Path("s/pictures").iterdir()} == {"parameters.png", "curves.png"}


def test_nothing_is_drawn_of_one_trial(sweep):
    assert sweep("seed=1", "sweep.pictures=true") == 0
    assert not Path("s/pictures").exists()
