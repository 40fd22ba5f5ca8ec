"""What a stranger's file could try, class by class: nothing is executed, nothing is written outside of a run folder,
and what a file unpacks to is bounded. SECURITY.md lists them; graphs: tests/graph/graphdef/test_hostile.py.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import pickle
import re
import struct
import sys
import time
import tomllib
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from framework.build import build
from framework.config.check import check
from framework.config.compose import Composed, compose, to_yaml
from framework.config.loader import ROOT, Source
from framework.config.origins import Origins
from framework.config.report import screen
from framework.data import DATASETS
from framework.errors import CheckpointError, ConfigError, DataError, RunFolderError
from framework.graph.graphdef.saving import save_graph
from framework.layers import Mode
from framework.prepare import checked
from framework.runtime.saved_state import load, store
from framework.train.folder import RunFolder, require_within
from framework.train.past_run import Run
from framework.train.status import Status

SMALL = ["model=mlp", "model.layers.fc1.units=2", "model.layers.fc2.units=2", "dataset=iris"]


@pytest.fixture(scope="module")
def tree() -> dict:
    return compose(SMALL).tree


@pytest.fixture
def trap(tmp_path, monkeypatch) -> Path:
    """A module that notes in a file that it was imported, where a stranger's folder is the current one."""
    (tmp_path / "trap.py").write_text("open('sprung', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / "sprung"
    sys.modules.pop("trap", None)


def run_folder(path: Path, tree: dict, **changes) -> Path:
    """What a run leaves behind, as far as reading it needs."""
    path.mkdir(parents=True)
    (path / "config.yaml").write_text(to_yaml({**tree, **changes}))
    Status("finished").write(RunFolder(path))
    return path


# -- code -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place", [("optimizer",), ("model", "layers", "fc1"), ("dataset",), ("trainer", "summaries"), ()]
)
def test_target_is_refused_wherever_it_stands(place, tree):
    changed = json.loads(json.dumps(tree))
    holder = changed
    for key in place:
        holder = holder[key]
    holder["_target_"] = "os.system"
    with pytest.raises(ConfigError, match="'_target_' is refused"):
        check(changed)


def test_plugins_of_a_run_folder_are_not_imported(trap, tree):
    folder = run_folder(trap.parent / "run", tree, plugins=["models", "trap"])
    with pytest.raises(ConfigError) as caught:
        Run(folder)
    text = screen(caught.value)
    assert "run/config.yaml:" in text
    assert "plugins.1\n  the run names the plugin 'trap', which your own configuration does not" in text
    assert "name it yourself: plugins=[models,trap]" in text
    with pytest.raises(ConfigError, match="the run names the plugin 'trap'"):
        compose(["trainer.epochs=2"], Source(resume=folder))
    assert not trap.exists()


def test_a_plugin_that_the_user_names_is(trap, tree):
    folder = run_folder(trap.parent / "run", tree, plugins=["trap"])
    assert Run(folder, plugins=["trap"]).experiment.plugins == ["trap"]
    assert trap.exists()


def test_plugins_in_a_checkpoint_or_beside_data_are_not_even_looked_at(trap, tree):
    folder = run_folder(trap.parent / "run", tree)
    store(folder / "checkpoints" / "step-00000001", 1, {"x": np.zeros(1)}, {"step": 1, "plugins": ["trap"]})
    (folder / "data.json").write_text(json.dumps({"plugins": ["trap"]}))
    with pytest.raises(DataError):
        Run(folder)
    assert load(folder / "checkpoints" / "step-00000001").progress["plugins"] == ["trap"]
    assert not trap.exists()


class _Pickled:
    def __reduce__(self):
        return (open, ("sprung", "w"))


def test_pickles_in_an_archive_of_arrays_are_not_loaded(trap):
    np.savez("objects.npz", image=np.ones((4, 2), np.float32), label=np.array([_Pickled()] * 4, object))
    with zipfile.ZipFile("pickled.npz", "w") as archive:
        archive.writestr("image.npy", pickle.dumps(_Pickled()))
    for name in ("objects.npz", "pickled.npz"):
        with pytest.raises(DataError):
            DATASETS["npz"](path=name).load()
    assert not trap.exists()


@pytest.mark.parametrize(
    "value", ["__import__('os').system('touch sprung')", "mean((lambda: logits)())", "[x for x in (1,)]"]
)
def test_an_expression_is_never_python(value, trap, tree):
    changed = {**tree, "metrics": {}, "loss": {"l": {"type": "expression", "value": value}}}
    with pytest.raises(ConfigError):
        build(check(changed), Mode.TRAIN)
    assert not trap.exists()


# -- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["checkpoints", "metrics.csv", "log.txt", ".lock", "status.json"])
def test_a_link_out_of_a_run_folder_is_refused(name, tmp_path, tree):
    folder = run_folder(tmp_path / "run", tree)
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(outside)
    with (
        pytest.raises(RunFolderError, match="a link that leads out of the run folder"),
        RunFolder(folder).locked(resume=True),
    ):
        pass
    with pytest.raises(RunFolderError, match="a link that leads out"):
        Run(folder)
    assert outside.read_text() == "mine"


def test_a_link_within_a_run_folder_is_none(tmp_path):
    (tmp_path / "a").write_text("")
    (tmp_path / "b").symlink_to("a")
    require_within(tmp_path)


def test_a_status_leads_no_reader_elsewhere(tmp_path, tree):
    folder = run_folder(tmp_path / "run", tree)
    for sweep, fingerprint in (("/etc", "aa"), ("../x", "aa"), ("..", "../../..")):
        status = json.loads((folder / "status.json").read_text()) | {"sweep": sweep, "fingerprint": fingerprint}
        (folder / "status.json").write_text(json.dumps(status))
        with pytest.raises(RunFolderError, match="sweep"):
            Status.read(folder)


NAMES = ["../../escaped", "/escaped", "a/../../b", "..", "a\x00b", "~/x"]


@pytest.mark.parametrize("name", NAMES)
def test_names_in_files_are_no_paths(name, tmp_path, monkeypatch, tree):
    monkeypatch.chdir(tmp_path)
    inner = tmp_path / "inner"
    inner.mkdir()
    store(inner / "state", 1, {name: np.zeros(2, np.float32)}, {})
    assert list(load(inner / "state").state) == [name]
    with zipfile.ZipFile(inner / "a.npz", "w") as archive:
        buffer = io.BytesIO()
        np.save(buffer, np.ones((4, 2)))
        archive.writestr(name.replace("\x00", "_") + ".npy", buffer.getvalue())
    with pytest.raises(DataError):
        DATASETS["npz"](path=str(inner / "a.npz")).load()
    changed = {**tree, "loss": {name: tree["loss"]["classification"]}, "metrics": {name: tree["metrics"]["accuracy"]}}
    try:
        graph = build(check(changed), Mode.TRAIN).graph
    except ConfigError:
        graph = None
    if graph is not None:
        save_graph(graph, inner / "graph.pb")
    assert {path.name for path in tmp_path.iterdir()} == {"inner"}


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", "..\\x", "a\nb"])
def test_a_run_is_called_by_a_name(name, tree):
    with pytest.raises(ConfigError, match="name"):
        check({**tree, "name": name})


def test_a_pipe_or_a_device_in_place_of_a_file_keeps_nobody_waiting(tmp_path, tree):
    folder = run_folder(tmp_path / "run", tree)
    for name in ("status.json", "data.json"):
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)
        with pytest.raises((RunFolderError, DataError), match="no plain file"):
            Run(folder)
        (folder / name).unlink()
        Status("finished").write(RunFolder(folder))


# -- sizes ------------------------------------------------------------------------------------------------------------


def refuses_bomb(path: Path, kind: str, **options) -> None:
    with pytest.raises(DataError, match=r"unpacks to more|declares|more than"):
        DATASETS[kind](path=str(path), **options).load()


def test_a_packed_table_that_fills_memory(tmp_path):
    packed = zlib.compressobj(9, wbits=31)
    with (tmp_path / "a.csv.gz").open("wb") as file:
        file.write(packed.compress(b"x,y\n"))
        for _ in range(300):
            file.write(packed.compress(b"1,2\n" * (1 << 18)))
        file.write(packed.flush())
    refuses_bomb(tmp_path / "a.csv.gz", "csv", target="y")


def test_a_packed_table_of_moderate_size_is_read(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"x,y\n" + b"1,2\n3,4.5\n" * 50))
    assert DATASETS["csv"](path=str(tmp_path / "a.csv.gz"), target="y").spec().sizes["train"] > 0


def test_a_parquet_file_that_fills_memory(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table({"x": pa.array(np.zeros(1 << 20)), "y": pa.array(np.zeros(1 << 20))})
    with parquet.ParquetWriter(tmp_path / "a.parquet", table.schema, compression="zstd") as writer:
        for _ in range(20):
            writer.write_table(table)
    refuses_bomb(tmp_path / "a.parquet", "parquet", target="y")


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(100_000, 100_000), (2**31 - 1, 1), (12_000, 12_000)])
def test_an_image_of_more_pixels_than_memory(width, height, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.png").write_bytes(png(width, height))
    with pytest.raises(DataError, match="pixels"):
        DATASETS["image_folder"](path=str(tmp_path)).load()


@pytest.mark.parametrize("length", [2**64 - 1, 2**63, 10**9])
def test_a_header_that_says_it_is_longer_than_the_file(length, tmp_path):
    content = struct.pack("<Q", length) + save({"x": np.zeros(2)})[8:]
    folder = tmp_path / "state"
    store(folder, 1, {"x": np.zeros(2)}, {})
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["state.safetensors"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "state.safetensors").write_bytes(content)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CheckpointError, match="is damaged"):
        load(folder)


def test_json_without_end(tmp_path):
    for content in (b"[" * 200_000, b'{"a":' * 100_000, b"9" * 100_000):
        (tmp_path / "status.json").write_bytes(content)
        with pytest.raises(RunFolderError):
            Status.read(tmp_path)


def test_patterns_never_search_for_ever(tree):
    pattern = "*a" * 40 + "b"
    name = "a" * 200
    began = time.perf_counter()
    changed = {**tree, "optimizer": {**tree["optimizer"], "groups": [{"parameters": pattern, "freeze": True}]}}
    changed["model"] = {"layers": {name: {"type": "dense", "units": 3}}, "outputs": {"logits": name}}
    with pytest.raises(ConfigError, match="matches no parameter"):
        checked(Composed(changed, Origins()))
    assert time.perf_counter() - began < 20


# -- dependencies -----------------------------------------------------------------------------------------------------


def test_the_lower_ends_of_dependencies_are_free_of_the_advisories_that_are_known():
    table = re.findall(r"^\| ([a-z-]+) \| ([\d.]+) \| CVE", (ROOT / "SECURITY.md").read_text(), re.MULTILINE)
    assert len(table) >= 7
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    least = dict(re.match(r"([\w-]+)>=([\d.]+)", text).groups() for text in project["dependencies"])
    assert len(least) == len(project["dependencies"])  # each has a lower end
    for name, version in table:
        assert _numbers(least[name]) >= _numbers(version), name


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
