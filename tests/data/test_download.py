"""A file is loaded whole and checked, or not at all, whatever goes wrong; the servers are on this machine."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from framework.config.loader import ROOT
from framework.data import download
from framework.data.download import CACHE, Remote, cache_folder, checksum, fetch
from framework.errors import DataError

CONTENT = np.random.default_rng(0).bytes(300_000)


@pytest.fixture(autouse=True)
def file_of_the_server(server) -> None:
    server.files["data.bin"] = CONTENT


def remote(server, *ways: str) -> Remote:
    urls = tuple(server.url(f"/{way}/data.bin") for way in ways)
    return Remote("data.bin", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), urls)


def kept(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".lock"}


def test_a_file_is_loaded_once(server, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = fetch(remote(server, "ok"), tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "data.bin"
    assert path.read_bytes() == CONTENT
    assert kept(path.parent) == {"data.bin"}
    assert f"loading {server.url('/ok/data.bin')} (300,000 bytes)" in capsys.readouterr().err
    assert fetch(remote(server, "ok"), path.parent) == path
    assert server.asked == ["/ok/data.bin"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("missing", "the server answers 404 not here"),
        ("broken", "the server answers 503"),
        ("other", "it sends another file, whose SHA-256 is not"),
        ("cut", r"the connection broke: .*|it ended after 150,000 of 300,000 bytes"),
        ("short", "it ended after 150,000 of 300,000 bytes"),
        ("endless", "it sends more than the 300,000 bytes of this file"),
        ("silent", "cannot be reached: timed out|nothing came for"),
        ("away", "the server answers 302"),
    ],
)
def test_every_failure_names_the_address_and_leaves_nothing(
    server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, message: str
):
    monkeypatch.setattr(download, "_PATIENCE", 0.3)
    with pytest.raises(DataError, match=message) as caught:
        fetch(remote(server, way), tmp_path)
    assert caught.value.message.startswith(f"cannot load data.bin\n  {server.url(f'/{way}/data.bin')}: ")
    assert caught.value.hint == (
        f"load it by hand, from {server.url(f'/{way}/data.bin')}, and put it at {tmp_path / 'data.bin'}"
    )
    assert kept(tmp_path) == set()
    assert server.sent < 20_000_000  # of what never ends, little more is taken than is wanted
    # The next one of several addresses is tried, and all are told of when none gives the file.
    assert fetch(remote(server, way, "ok"), tmp_path).read_bytes() == CONTENT


def test_all_addresses_are_told_of(server, tmp_path: Path):
    with pytest.raises(DataError, match=r"(?s)/missing/data.bin: the server answers 404.*/other/data.bin: it sends"):
        fetch(remote(server, "missing", "other"), tmp_path)


def test_no_network(server, tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/data.bin"
        with pytest.raises(DataError, match=r"it cannot be reached: .*refused"):
            fetch(Remote("data.bin", 1, "", (url,)), tmp_path)
    with pytest.raises(DataError, match="it cannot be reached"):
        fetch(Remote("data.bin", 1, "", ("http://no-such-host.invalid/data.bin",)), tmp_path)


def test_what_a_killed_process_left_is_written_over(server, tmp_path: Path):
    (tmp_path / ".data.bin.part").write_bytes(b"half" * 1_000_000)
    assert fetch(remote(server, "ok"), tmp_path).read_bytes() == CONTENT
    assert kept(tmp_path) == {"data.bin"}


def test_a_full_disk_is_seen_before(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(download.shutil, "disk_usage", lambda folder: download.shutil._ntuple_diskusage(9, 8, 1000))
    with pytest.raises(DataError, match=r"has room for 1,000 bytes of its 300,000") as caught:
        fetch(remote(server, "ok"), tmp_path)
    assert "export GRAPHWRIGHT_CACHE=" in (caught.value.hint or "")
    assert server.asked == []


def test_a_folder_that_cannot_be(server, tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot write .*data.bin: ") as caught:
        fetch(remote(server, "ok"), tmp_path / "file" / "folder")
    assert "export GRAPHWRIGHT_CACHE=" in (caught.value.hint or "")


SCRIPT = """
import sys
from pathlib import Path
from framework.data.download import Remote, fetch
from framework.errors import DataError
{before}
try:
    print(fetch(Remote("data.bin", {size}, "{sha256}", ("{url}",)), Path(sys.argv[1])))
except DataError as error:
    sys.exit(str(error))
"""


def start(folder: Path, wanted: Remote, before: str = "") -> subprocess.Popen[str]:
    script = SCRIPT.format(before=before, size=wanted.size, sha256=wanted.sha256, url=wanted.urls[0])
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", script, str(folder)]
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_disk_that_fills_up(server, tmp_path: Path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    process = start(tmp_path, remote(server, "ok"), limit)
    _, shown = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"cannot write {tmp_path / 'data.bin'}: File too large" in shown
    assert "Traceback" not in shown
    assert kept(tmp_path) == set()


def test_control_c_leaves_nothing(server, tmp_path: Path):
    process = start(tmp_path, remote(server, "slow"))
    deadline = time.monotonic() + 30
    while not server.sent and time.monotonic() < deadline:  # half of it, and then nothing for a second
        time.sleep(0.01)
    assert kept(tmp_path) == {".data.bin.part"}
    process.send_signal(signal.SIGINT)
    _, shown = process.communicate(timeout=30)
    assert "stopped; of data.bin nothing is kept" in shown
    assert kept(tmp_path) == set()


def test_two_processes_load_a_file_once(server, tmp_path: Path):
    processes = [start(tmp_path, remote(server, "slow")) for _ in range(2)]
    shown = [process.communicate(timeout=30) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert [out.strip() for out, _ in shown] == [str(tmp_path / "data.bin")] * 2
    assert sum("another process loads into" in wrong for _, wrong in shown) <= 1
    assert server.asked == ["/slow/data.bin"]


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    terminal = FakeTerminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    fetch(remote(server, "ok"), tmp_path)
    assert "loading data.bin" in terminal.getvalue()
    assert "kB" in terminal.getvalue()


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(CACHE, str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv(CACHE)
    assert cache_folder().name == "graphwright"
    if sys.platform == "linux":
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert cache_folder() == tmp_path / ".cache" / "graphwright"


def test_a_checksum(tmp_path: Path):
    (tmp_path / "abc").write_bytes(b"abc")  # the first example of FIPS 180-2
    assert checksum(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(DataError, match="cannot be read"):
        checksum(tmp_path / "nothing")
