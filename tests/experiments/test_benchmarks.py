"""The benchmark: that all train the same network, take turns, and are told of as they were measured."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import numpy as np
import pytest

from experiments.benchmarks import report, turns
from experiments.benchmarks.peers import PEERS
from experiments.benchmarks.peers.jax_networks import NETWORKS
from experiments.benchmarks.task import Task
from experiments.benchmarks.workloads import WORKLOADS, Goal, Whole, Workload, drawn
from experiments.reporting.readme import BEGIN, END
from framework.config.experiment import Experiment
from framework.plan import plan

TRAINED = {name: workload for name, workload in WORKLOADS.items() if isinstance(workload, Workload)}


@pytest.mark.parametrize("name", TRAINED)
def test_the_network_by_hand_is_that_of_the_recipe(name):
    experiment = Experiment.compose(*TRAINED[name].overrides)
    spec = experiment.dataset.spec()
    (source,), dimensions = spec.inputs, spec.dimensions
    inputs = np.zeros((2, *spec.features[source].shape), np.int32 if "vocabulary_size" in dimensions else np.float32)
    targets = np.zeros((2, *spec.features[spec.targets[0]].shape), np.int32)
    classes = dimensions.get("num_classes") or dimensions["vocabulary_size"]
    task = Task(name, inputs, targets, 2, 0.1, classes, experiment, {})
    network = NETWORKS[name](task)
    planned = plan(experiment).parameters
    assert sum(leaf.size for leaf in jax.tree.leaves(network.parameters)) == planned
    loss, _ = jax.eval_shape(network.loss, network.parameters, inputs, targets, jax.random.key(0))
    assert loss.shape == ()


def test_orders_visit_every_example_once_an_epoch():
    task = Task("perceptron", np.zeros((10, 1)), np.zeros(10), 5, 0.1, 2, None, {})  # type: ignore[arg-type]
    first, second, third = itertools.islice(task.orders(), 3)
    assert sorted([*first, *second]) == list(range(10))
    assert third.dtype == np.int32
    assert third.tolist() != first.tolist()


def test_noise_has_the_shape_and_the_types_of_the_data_set():
    spec = Experiment.compose(*TRAINED["resnet20"].overrides).dataset.spec()
    arrays = drawn(spec, 7)
    assert arrays["image"].shape == (7, 32, 32, 3)
    assert arrays["image"].dtype == np.uint8
    assert set(np.unique(arrays["label"])) <= set(range(10))


def contestant(peer: str, variant: str, seconds: float, log: list[str]) -> turns.Contestant:
    def turn() -> dict[str, Any]:
        log.append(variant)
        return {"failed": "it cannot"} if seconds < 0 else {"seconds": seconds, "whole": 2 * seconds}

    return turns.Contestant(peer, variant, 100, turn)


def test_a_race_goes_on_with_the_best_of_each_peer(monkeypatch):
    monkeypatch.setattr(turns, "REST", 0)
    log: list[str] = []
    ours, slow, quick, broken = (
        contestant(peer, variant, seconds, log)
        for peer, variant, seconds in (("a", "ours", 1.0), ("b", "slow", 3.0), ("b", "quick", 2.0), ("b", "broken", -1))
    )
    turns.race([ours, slow, quick, broken], rounds=4, until=float("inf"), say=lambda _: None)
    assert log[:4] == ["ours", "slow", "quick", "broken"]
    assert log[6:] == ["ours", "quick", "quick", "ours", "ours", "quick", "quick", "ours"]
    assert ours.result() == {"variant": "ours", "first": 2.0, "speed": 100.0, "rates": [100.0] * 4}
    assert len(quick.seconds) == 4
    assert len(slow.seconds) == 1
    assert broken.result() == {"variant": "broken", "first": 0.0, "failed": "it cannot"}


def test_what_a_goal_names_goes_on_however_slow_it_is(monkeypatch):
    monkeypatch.setattr(turns, "REST", 0)
    slow, quick = contestant("b", "slow", 3.0, []), contestant("b", "quick", 2.0, [])
    slow.stays = True
    turns.race([slow, quick], rounds=2, until=float("inf"), say=lambda _: None)
    assert len(slow.seconds) == len(quick.seconds) == 2


def test_a_race_whose_time_is_over_has_the_fewest_rounds(monkeypatch):
    monkeypatch.setattr(turns, "REST", 0)
    ours = contestant("a", "ours", 1.0, [])
    turns.race([ours], rounds=9, until=0.0, say=lambda _: None)
    assert len(ours.seconds) == turns.LEAST


RESULTS = {
    "perceptron": {
        "date": "2026-01-01",
        "machine": "a machine",
        "versions": {"jax": "1", "torch": "2"},
        "peers": {
            "graphwright": [{"variant": "as it is", "first": 1.0, "speed": 200.0, "rates": [200.0, 100.0, 300.0]}],
            "jax": [
                {"variant": "step", "first": 1.0, "speed": 90.0, "rates": [90.0]},
                {"variant": "scan", "first": 1.0, "speed": 100.0, "rates": [100.0, 100.0, 100.0]},
            ],
            "torch": [
                {"variant": "eager", "first": 1.0, "speed": 80.0, "rates": [80.0, 80.0, 75.0]},
                {"variant": "compiled", "first": 0.0, "failed": "no compiler"},
            ],
        },
    }
}


def test_ratios_are_medians_of_the_rounds():
    pair = report.compared(RESULTS["perceptron"], Goal(1.0, ("jax",), "all"))
    assert pair is not None
    assert pair[1].variant == "scan"  # step had one turn
    assert report.ratio(*pair) == (2.0, 1.0, 3.0)
    assert report.compared(RESULTS["perceptron"], Goal(1.0, ("tensorflow",), "absent")) is None


def test_the_report_is_written_between_its_marks(tmp_path, monkeypatch):
    readme, chart = tmp_path / "README.md", tmp_path / "chart.png"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    monkeypatch.setattr(report, "README", readme)
    monkeypatch.setattr(report, "CHART", chart)
    report.write(RESULTS)
    text = readme.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "**2.00** (1.00 to 3.00)" in text
    assert "| perceptron | PyTorch, compiled | failed | 0 | no compiler |" in text
    assert "Measured on a machine; 2026-01-01. jax 1, torch 2." in text
    assert chart.read_bytes()[:4] == b"\x89PNG"


def test_every_peer_of_a_workload_and_of_a_goal_is_known():
    for workload in WORKLOADS.values():
        peers = set(workload.commands) if isinstance(workload, Whole) else set(workload.peers)
        assert peers <= set(PEERS)
        assert all({name.partition(":")[0] for name in goal.over} <= peers for goal in workload.goals)
