"""The tutorial runs as it stands, and prints what it says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import framework.tf as tf
from framework.config.loader import ROOT

TEXT = (ROOT / "experiments/tutorial/README.md").read_text(encoding="utf-8")
SNIPPET = re.compile(r"```python\n(.*?)```\n(?:```text\n(.*?)```)?", re.DOTALL)


def test_every_snippet_prints_what_is_shown(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    snippets = SNIPPET.findall(TEXT)
    assert len(snippets) == TEXT.count("```python") >= 14
    namespace: dict[str, Any] = {}
    with tf.Graph().as_default():
        for code, expected in snippets:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(code, "tutorial", "exec"), namespace)  # noqa: S102  (our own text)
            assert printed.getvalue() == expected, code
    assert (tmp_path / "digits.pb").exists()
