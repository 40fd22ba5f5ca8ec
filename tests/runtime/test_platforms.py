"""Every shipped model's training step lowers for each platform, without the device being there."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from jax import export

from framework.config.loader import Source
from framework.kernels import PLATFORMS
from framework.kernels.native.library import TARGETS, library
from framework.launch import prepare
from framework.train.engine import Engine


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_training_step_lowers(shipped: list[str], platform: str, monkeypatch: pytest.MonkeyPatch):
    experiment = prepare(shipped, Source()).experiment
    engine = Engine(experiment, experiment.dataset.load())
    state = engine.initialize()
    monkeypatch.setattr("framework.runtime.program.current_platform", lambda: platform)
    program = engine.program
    assert program.lowering.platform == platform
    variables = program.lowering.variables
    replaced = {name: state[name] for name in variables.read if name in variables.written}
    kept = {name: state[name] for name in variables.read if name not in variables.written}
    rows = engine.sampler.epoch(0)
    feeds = {**engine.hyper, **{t: array[rows.rows[0]] for t, array in engine._features("train").items()}}
    if engine.built.weights and rows.weights is not None:
        feeds[engine.built.weights] = rows.weights[0]
    shapes = jax.tree.map(lambda a: jax.ShapeDtypeStruct(np.shape(a), a.dtype), (replaced, kept, feeds, np.int32(0)))
    native = library()
    ours = [export.DisabledSafetyCheck.custom_call(native.target(name)) for name in TARGETS] if native else []
    exported = export.export(program.step, platforms=[platform], disabled_checks=ours)(*shapes)
    assert exported.platforms == (platform,)
