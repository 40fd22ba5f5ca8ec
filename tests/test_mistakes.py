"""Wrong configurations, and what their screens must say: where it is, what was found, what to do.

`python tests/test_mistakes.py` writes docs/mistakes.md anew, which shows ten of them.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from framework.config.arguments import parse
from framework.config.loader import ROOT
from framework.config.report import screen
from framework.errors import ConfigError
from framework.launch import prepare, prepare_sweep

FOLDER = Path(__file__).with_name("mistakes")
FAMILIES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
CASES = [
    pytest.param(case, id=f"{family}-{number}")
    for family, cases in FAMILIES.items()
    for number, case in enumerate(cases)
]


def answer(case: dict[str, Any]) -> str:
    """The screen that a case gives."""
    files = dict(case.get("files", {}))
    if "model" in case:
        files["mine/model/net.yaml"] = case["model"]
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content, encoding="utf-8")
    typed = case.get("typed", "--config-dir mine model=net")
    with pytest.raises(ConfigError) as caught:
        _prepare(typed if isinstance(typed, list) else shlex.split(typed))
    return screen(caught.value).replace(f"{ROOT}/", "")


def _prepare(words: list[str]) -> None:
    arguments = parse(words)
    prepare_sweep(arguments) if arguments.is_sweep else prepare(arguments.overrides, arguments.source)


def test_there_are_enough_of_them():
    assert len(CASES) >= 150
    assert FAMILIES.keys() == {
        "blocks", "contradictions", "data", "files", "misspelt", "references", "shapes", "types"
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_configuration_is_answered(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = answer(case)
    *lines, last = text.split("\n")
    headings = [line for line in lines if not line.startswith(" ")]
    is_there = str.startswith if case.get("prefix") else str.__eq__
    found = [line for line in headings if is_there(line, case["place"])]
    assert found, text
    start = lines.index(found[0])
    end = next((k for k in range(start + 1, len(lines)) if not lines[k].startswith(" ")), len(lines))
    said = "\n".join(lines[start:end])
    for part in (*case["says"], case.get("do", "")):
        assert part in said, text
    count = case.get("count", 1)
    if count is not None:
        assert last == f"{count} mistake{'s' * (count != 1)}; nothing was run", text


PAGE = ROOT / "docs" / "mistakes.md"
_HEAD = """# Ten mistakes, and their screens

Nothing is run before a configuration is right. Whatever is wrong with it is shown at once, with its place, what was
found, what was allowed and what to do; the exit status is 2. `tests/mistakes/` holds over 240 of them; this page is
written by `python tests/test_mistakes.py`, and a test compares it.
"""


def page() -> str:
    """The page that shows the cases that have a title; the current folder is where their files are written."""
    parts = [_HEAD]
    for param in CASES:
        (case,) = param.values
        if "page" in case:
            files = [f"`{name}`:\n\n```\n{text.rstrip()}\n```\n" for name, text in case.get("files", {}).items()]
            typed = case["typed"] if isinstance(case["typed"], str) else shlex.join(case["typed"])
            parts += [f"## {case['page']}\n", *files, f"```text\n$ python train.py {typed}\n{answer(case)}\n```\n"]
    return "\n".join(parts)


def test_the_page_of_ten_is_true(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = page()
    assert found.count("\n## ") == 10
    assert PAGE.read_text(encoding="utf-8") == found, "python tests/test_mistakes.py writes it anew"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        PAGE.write_text(page(), encoding="utf-8")
