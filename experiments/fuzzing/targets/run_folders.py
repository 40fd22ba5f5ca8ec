"""The files of a run folder."""

from __future__ import annotations

import hashlib
import json
import random
import struct
from functools import cached_property
from pathlib import Path

import numpy as np

from experiments.fuzzing.mutation import of_bytes, of_json, of_plain
from experiments.fuzzing.targets.reader import Files, Reader

SMALL = ("model=perceptron", "dataset=iris", "trainer.epochs=1")


class CheckpointReader(Reader):
    """The files of a checkpoint, with a manifest that says so or not."""

    name = "checkpoint"

    @cached_property
    def seeds(self) -> list[Files]:
        from safetensors.numpy import save

        state = {"fc/kernel": np.ones((4, 3), np.float32), "fc/bias": np.zeros(3, np.float32), "n": np.int32(3)[None]}
        best = {"monitor": "validation/loss", "higher_is_better": False, "value": 0.5, "step": 5}
        early = {"best": best, "waited": 1}
        progress = {"step": 7, "sums": {"loss": 1.5}, "count": 3, "best": best, "early": early}
        files = {"state.safetensors": save(state), "progress.json": json.dumps(progress).encode()}
        return [{f"checkpoints/step-00000007/{name}": file for name, file in _with_manifest(files, 7).items()}]

    def mutated(self, draw: random.Random) -> Files:
        files = super().mutated(draw)
        names = list(files)
        if "manifest" not in names[-1] or draw.random() < 0.5:
            return files
        inner = {name.rpartition("/")[2]: file for name, file in files.items() if "manifest" not in name}
        written = _with_manifest(inner, 7)
        return {name: written[name.rpartition("/")[2]] for name in files}

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        if not name.endswith("safetensors"):
            return of_json(draw, content)
        if draw.random() < 0.5:
            return of_bytes(draw, content)
        (length,) = struct.unpack("<Q", content[:8])
        header = of_json(draw, content[8 : 8 + length])
        size = draw.choice((len(header), len(header), len(header), 0, 2**31, 2**63, 2**64 - 1))
        return struct.pack("<Q", size) + header + content[8 + length :]

    def read(self, folder: Path) -> None:
        from framework.config.experiment import EarlyStop
        from framework.errors import CheckpointError
        from framework.train.best import BestMetric, EarlyStopping
        from framework.train.checkpoint import Checkpoints
        from framework.train.loop import Progress

        checkpoints = Checkpoints(folder / "checkpoints", 3)
        checkpoints.best()
        found = checkpoints.latest()
        if found is None:
            raise CheckpointError("there is none")
        stop = EarlyStop()
        progress = Progress(best=BestMetric("validation/loss", False))
        progress.early = EarlyStopping(BestMetric(stop.monitor, False), stop.patience, stop.min_delta)
        progress.restore(found.progress)
        _ = {name: array.sum() for name, array in found.state.items() if array.dtype.kind in "iuf"}


def _with_manifest(files: Files, step: int) -> Files:
    sums = {name: {"bytes": len(file), "sha256": hashlib.sha256(file).hexdigest()} for name, file in files.items()}
    manifest = {"format": 1, "step": step, "best": True, "files": sums}
    return {**files, "manifest.json": json.dumps(manifest, indent=1).encode()}


class StatusReader(Reader):
    """`status.json`, as it is read to go on, and to list past runs."""

    name = "status.json"

    @cached_property
    def seeds(self) -> list[Files]:
        from framework.train.status import Status, now, versions

        status = Status("finished", 20, 20, 10, {"test/accuracy": 0.9, "train/loss": 0.1}, versions=versions())
        status.best = {"monitor": "validation/loss", "higher_is_better": False, "value": 0.5, "step": 5}
        status.choices, status.started = {"model": "mlp"}, now()
        return [{"status.json": json.dumps(vars(status)).encode(), "config.yaml": b"seed: 1\nmodel: {a: 1}\n"}]

    def mutated(self, draw: random.Random) -> Files:
        files = dict(self.seeds[0])
        files["status.json"] = of_json(draw, files["status.json"])
        return files

    def read(self, folder: Path) -> None:
        from datetime import datetime

        from framework.train.runs import load, parse
        from framework.train.runs_table import compare, render
        from framework.train.status import Status

        found = load(folder)
        render([found], 0, parse(["columns=test/accuracy"]).columns, 100, datetime.now())
        render([found], 0, (), 100, datetime.now())
        compare([found, found], datetime.now())
        Status.read(folder)


class DataReader(Reader):
    """`data.json`, as it is read, compared with the data, and built a graph from."""

    name = "data.json"

    @cached_property
    def seeds(self) -> list[Files]:
        from framework.config.experiment import Experiment
        from framework.data.columns import Column
        from framework.data.recorded import to_json
        from framework.data.spec import DataSpec, Feature
        from framework.graph import as_dtype

        self.experiment = Experiment.compose(*SMALL)
        features = {
            "features": Feature("features", as_dtype("float32"), (2,), one_hot=(0, 3)),
            "label": Feature("label", as_dtype("int32"), ()),
        }
        columns = (Column("a", "number", (), 1.0, 2, 0.0, 9.0), Column("b", "category", ("u", "v", "w")))
        dimensions = {"num_features": 4, "num_classes": 3}
        sizes = {"train": 10, "validation": 2, "test": 2}
        spec = DataSpec(features, ("features",), ("label",), sizes, dimensions, ("x", "y", "z"), columns)
        return [{"data.json": text.encode()} for text in (to_json(spec), to_json(self.experiment.dataset.spec()))]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        return of_json(draw, content)

    def read(self, folder: Path) -> None:
        from framework.build import build
        from framework.data.recorded import differences, read_recorded
        from framework.layers import Mode

        found = read_recorded(folder)
        if found is None:
            return
        differences(self.experiment.dataset.spec(), found)
        dataset = self.experiment.dataset.recorded(found)
        build(self.experiment.model_copy(update={"dataset": dataset}), Mode.PREDICT)


class RunConfigurationReader(Reader):
    """`config.yaml` of a run folder, composed and checked, and read to list past runs."""

    name = "config.yaml"

    @cached_property
    def seeds(self) -> list[Files]:
        from framework.config.compose import compose, to_yaml

        tree = {**compose(SMALL).tree, "plugins": []}
        few = {key: tree[key] for key in ("model", "dataset", "loss", "metrics", "schedule", "plugins", "seed")}
        few["optimizer"] = {key: tree["optimizer"][key] for key in ("type", "learning_rate")}
        few["trainer"] = {key: tree["trainer"][key] for key in ("epochs", "batch_size", "early_stop")}
        self.trees = {to_yaml(kept).encode(): kept for kept in (tree, few)}
        whole, small = self.trees  # the first takes many times as long to read, and is as varied
        return [{"config.yaml": content} for content in (whole, *[small] * 19)]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        import yaml

        if draw.random() < 0.5:
            return of_bytes(draw, content)
        dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # many times as fast, where it was built
        return yaml.dump(of_plain(draw, self.trees[content]), Dumper=dumper, sort_keys=False).encode("utf-8", "replace")

    def read(self, folder: Path) -> None:
        from framework.config.check import check
        from framework.config.compose import Source, compose
        from framework.train.runs import PastRun

        _ = PastRun(folder, None).options
        check(compose([], Source(resume=folder)).tree)


class MetricsReader(Reader):
    """`metrics.csv`, as it is read to go on, and to be drawn."""

    name = "metrics.csv"

    @cached_property
    def seeds(self) -> list[Files]:
        rows = [b"step,epoch,train/loss,validation/loss,learning_rate"]
        rows += [f"{k},{k // 3},{1 / k},{'' if k % 3 else 2 / k},0.1".encode() for k in range(1, 12)]
        return [{"metrics.csv": b"\n".join(rows) + b"\n"}]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        content = of_bytes(draw, content)
        for _ in range(draw.choice((0, 1, 3))):
            k = draw.randrange(len(content) or 1)
            content = (
                content[:k]
                + draw.choice((b'"', b",", b"nan", b"inf", b"1e999", b"\0", b"\n", b"9" * 200_000))
                + content[k:]
            )
        return content

    def read(self, folder: Path) -> None:
        from framework.train.curves import read_curves
        from framework.train.table import Table, last_numbers

        path = folder / "metrics.csv"
        last_numbers(path)
        read_curves(path)
        Table(path, ["train/loss", "validation/loss", "learning_rate"], 9)._stream.close()
