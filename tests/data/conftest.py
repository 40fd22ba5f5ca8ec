"""A server on this machine that gives files, and misbehaves when it is told to."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from framework.data.download import CACHE


class Server(ThreadingHTTPServer):
    """files: path -> what is sent. asked: the paths, as they were asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.sent = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class Handler(BaseHTTPRequestHandler):
    """Under /ok a file is sent as it is; every other first part of a path is a way to fail."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        way, _, name = self.path.removeprefix("/").partition("/")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the other side has gone away, as it should
            getattr(self, f"_{way}")(self.server.files.get(name, b""))

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _head(self, length: int | None) -> None:
        self.send_response(200)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _send(self, content: bytes) -> None:
        self.wfile.write(content)
        self.server.sent += len(content)

    def _ok(self, content: bytes) -> None:
        self._head(len(content))
        self._send(content)

    def _missing(self, content: bytes) -> None:
        self.send_error(404, "not here")

    def _broken(self, content: bytes) -> None:
        self.send_error(503)

    def _other(self, content: bytes) -> None:
        self._ok(content[::-1])

    def _cut(self, content: bytes) -> None:
        """Ends before the length that it announced."""
        self._head(len(content))
        self._send(content[: len(content) // 2])

    def _short(self, content: bytes) -> None:
        """Ends early without having announced a length."""
        self._head(None)
        self._send(content[: len(content) // 2])

    def _endless(self, content: bytes) -> None:
        self._head(None)
        for _ in range(1000):  # at most 64 MB, if nobody stops it
            self._send(bytes(1 << 16))

    def _silent(self, content: bytes) -> None:
        time.sleep(2)

    def _slow(self, content: bytes) -> None:
        self._head(len(content))
        self._send(content[: len(content) // 2])
        self.wfile.flush()
        time.sleep(1)
        self._send(content[len(content) // 2 :])

    def _away(self, content: bytes) -> None:
        self.send_response(302)
        self.send_header("Location", "file:///etc/hostname")
        self.end_headers()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield running
        running.shutdown()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache, empty."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(CACHE, str(folder))
    return folder
