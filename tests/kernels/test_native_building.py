"""Whatever is missing or broken, one line says what, XLA's kernels are chosen, and the numbers stay right."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from framework import ops
from framework.graph import Graph
from framework.kernels.native import building, convolution, normalization, pooling
from framework.kernels.native import library as loading
from framework.kernels.native.building import build
from framework.runtime.choice import choices, count
from framework.runtime.session import Session

CACHES = (loading.library, convolution._computed_in, normalization._is_fast, pooling._computed_in)


needs_native = pytest.mark.skipif(
    loading.library() is None, reason="the native kernels are not there; a warning says why"
)


@pytest.fixture
def fresh() -> Iterator[None]:
    """The library is looked for anew, and again after the test."""
    for cache in CACHES:
        cache.cache_clear()
    yield
    for cache in CACHES:
        cache.cache_clear()


def chosen_and_computed() -> dict[str, dict[str, int]]:
    """The kernels of a small network, whose values are checked."""
    x, k = np.ones((1, 4, 4, 1), np.float32), np.ones((3, 3, 1, 1), np.float32)
    with Graph().as_default() as graph:
        placed = ops.placeholder("float32", x.shape, name="x")
        y = ops.max_pool(ops.conv2d(placed, k, [1] * 4, "SAME"), [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
        found = Session(graph).run(y, {placed: x})
    np.testing.assert_array_equal(found, np.full((1, 2, 2, 1), 9))
    return count(list(choices(graph, "cpu")), "cpu")


def assert_falls_back(caplog: pytest.LogCaptureFixture, reason: str) -> None:
    with caplog.at_level(logging.WARNING, "framework"):
        assert chosen_and_computed() == {"Conv2D": {"products": 1}, "MaxPool": {"xla": 1}}
        assert chosen_and_computed()
    said = [record.getMessage() for record in caplog.records]
    lines = [line for line in said if line != building.COMPILING]
    assert len(lines) == 1
    assert lines[0].startswith("what has native kernels runs without them, slower: ")
    assert reason in lines[0]
    assert "\n" not in lines[0]


def compiler(folder: Path, script: str) -> Path:
    path = folder / "g++"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@needs_native
def test_a_compiler_that_is_not_there(fresh, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    assert_falls_back(caplog, "there is no C++ compiler (g++, c++ or clang++)")


@needs_native
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'x.cc:1: error: what is this' >&2; exit 1", "x.cc:1: error: what is this"),
        ("exit 3", "exit status 3"),
        ("exit 0", "exit status 0"),
        ("kill -9 $$", "exit status -9"),
    ],
)
def test_a_compiler_that_is_broken(script, reason, fresh, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("CXX", str(compiler(tmp_path, script)))
    monkeypatch.setenv("GRAPHWRIGHT_CACHE", str(tmp_path / "cache"))
    assert_falls_back(caplog, reason)


@needs_native
def test_a_compiler_that_makes_no_library(fresh, tmp_path, monkeypatch, caplog):
    script = 'while [ "$1" != -o ]; do shift; done; echo nonsense > "$2"'
    monkeypatch.setenv("CXX", str(compiler(tmp_path, script)))
    monkeypatch.setenv("GRAPHWRIGHT_CACHE", str(tmp_path / "cache"))
    assert_falls_back(caplog, "the library cannot be loaded")


@needs_native
def test_a_compiler_that_never_ends(fresh, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("CXX", str(compiler(tmp_path, "exec sleep 60")))
    monkeypatch.setenv("GRAPHWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(building, "_SECONDS", 0.2)
    assert_falls_back(caplog, "had not compiled them after")


@needs_native
@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc/version").exists(), reason="a folder of the system's own")
def test_a_cache_that_cannot_be_written(fresh, monkeypatch, caplog):
    monkeypatch.setenv("GRAPHWRIGHT_CACHE", "/proc/version")
    assert_falls_back(caplog, "set GRAPHWRIGHT_CACHE to another folder")


@needs_native
def test_a_cache_that_others_may_write(fresh, tmp_path, monkeypatch, caplog):
    built = build()
    folder = tmp_path / "native" / built.key
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    monkeypatch.setenv("GRAPHWRIGHT_CACHE", str(tmp_path))
    assert_falls_back(caplog, "others may write into it")


@needs_native
@pytest.mark.parametrize(
    "damage", [lambda b: b[: len(b) // 2], lambda b: b[:500] + b"\0" * 99 + b[599:], lambda b: b""]
)
def test_a_library_that_is_damaged_is_compiled_again(damage: Callable[[bytes], bytes], tmp_path, monkeypatch):
    whole = build()
    content = whole.path.read_bytes()
    folder = tmp_path / "native" / whole.key
    folder.mkdir(parents=True, mode=0o700)
    (folder / "kernels.so").write_bytes(damage(content))
    (folder / "kernels.sha256").write_text(whole.path.with_suffix(".sha256").read_text())
    monkeypatch.setenv("GRAPHWRIGHT_CACHE", str(tmp_path))
    compiled: list[Path] = []

    def write(path: Path, *_: object) -> None:
        path.write_bytes(content)
        compiled.append(path)

    monkeypatch.setattr(building, "_compile", write)
    assert build().path == folder / "kernels.so"
    assert compiled == [folder / "kernels.so"]
    assert build().path.read_bytes() == content
    assert len(compiled) == 1


@pytest.mark.parametrize(
    ("packages", "reason"),
    [
        ({}, "oneDNN is not installed; pip install 'graphwright[cpu]'"),
        ({"onednn-devel-cpu-gomp": "2021.1", "onednn-cpu-gomp": "2021.1"}, "2021.1 is too old"),
        ({"onednn-devel-cpu-gomp": "2023.2.0", "onednn-cpu-gomp": "2023.2.0"}, "lacks"),
    ],
)
def test_a_onednn_that_is_missing_old_or_half_there(packages, reason, fresh, tmp_path, monkeypatch, caplog):
    class Fake(metadata.Distribution):
        def __init__(self, name: str):
            self.own = name

        def read_text(self, filename: str) -> str | None:
            files = "../../../include/oneapi/dnnl/dnnl.hpp,,\n../../../lib/libdnnl.so.3,,\n"
            return {"METADATA": f"Name: {self.own}\nVersion: {packages[self.own]}\n", "RECORD": files}.get(filename)

        def locate_file(self, path) -> Path:  # type: ignore[override]
            return tmp_path / path

    def find(name: str) -> metadata.Distribution:
        if name not in packages:
            raise metadata.PackageNotFoundError(name)
        return Fake(name)

    monkeypatch.setattr(building.metadata, "distribution", find)
    assert_falls_back(caplog, reason)


def test_another_system(fresh, monkeypatch, caplog):
    monkeypatch.setattr(building.platform, "machine", lambda: "riscv64")
    assert_falls_back(caplog, "they are for Linux on x86-64, and this is Linux on riscv64")


@needs_native
def test_a_processor_without_vectors(fresh, monkeypatch, caplog):
    class Old:
        def __init__(self, path: str):
            pass

        def graphwright_onednn_version(self) -> int:
            return 3002

        def graphwright_has_avx2(self) -> int:
            return 0

    monkeypatch.setattr(loading.ctypes, "CDLL", Old)
    assert_falls_back(caplog, "this processor has neither AVX2 nor AVX-512")


@needs_native
def test_that_it_takes_a_while_is_said_before_it_does(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("GRAPHWRIGHT_CACHE", str(tmp_path))
    said: list[list[str]] = []

    def write(path: Path, *_: object) -> None:
        said.append([record.getMessage() for record in caplog.records])
        path.write_bytes(b"")
        path.with_suffix(".sha256").write_text(hashlib.sha256(b"").hexdigest())

    monkeypatch.setattr(building, "_compile", write)
    with caplog.at_level(logging.WARNING, "framework"):
        build()
        build()
    assert said == [[building.COMPILING]]
    assert len(caplog.records) == 1


def test_they_can_be_turned_off_without_a_word(fresh, monkeypatch, caplog):
    monkeypatch.setenv("GRAPHWRIGHT_NATIVE", "0")
    assert chosen_and_computed() == {"Conv2D": {"products": 1}, "MaxPool": {"xla": 1}}
    assert not caplog.records


@needs_native
def test_they_are_chosen_where_they_are(fresh):
    assert chosen_and_computed() == {"Conv2D": {"onednn": 1}, "MaxPool": {"native": 1}}
