"""Damages every file of a checkpoint in every way, one at a time, and counts what is noticed.

    python experiments/faults/damage.py        writes damage.md beside this file

The checkpoint is that of a run: parameters, slots of Adam, moving averages, progress. After each damage the run must
either refuse the checkpoint and fall back on the one before, or it has loaded what was never saved.
"""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from framework.runtime.saved_state import UNREADABLE, read_state
from framework.train.checkpoint import Checkpoints

RUN = Path(__file__).resolve().parents[2] / "tests" / "train" / "formats" / "1" / "checkpoints"
NEWEST, BEFORE = "step-00000042", "step-00000036"
FILES = ("state.safetensors", "progress.json", "manifest.json")
KINDS = {
    "truncated": "cut off behind every byte",
    "zeroed": "every byte set to zero, each page of 512 bytes, and the whole file",
    "bit-flipped": "every single bit",
    "deleted": "the file is gone",
    "grown": "a byte more at its end, or at its start",
    "exchanged": "the same file of the checkpoint before",
}


def damages(content: bytes, other: bytes) -> Iterator[tuple[str, bytes | None]]:
    """Every way in which a file is damaged, and what is then in it; None for nothing at all."""
    yield from (("truncated", content[:length]) for length in range(len(content)))
    yield from (("zeroed", content[:k] + b"\0" + content[k + 1 :]) for k in range(len(content)) if content[k])
    pages = (slice(start, min(start + 512, len(content))) for start in range(0, len(content), 512))
    yield from (("zeroed", content[: p.start] + bytes(p.stop - p.start) + content[p.stop :]) for p in pages)
    yield "zeroed", bytes(len(content))
    for bit in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        yield "bit-flipped", bytes(flipped)
    yield "deleted", None
    yield from (("grown", text) for text in (content + b"\0", content + b"\n", b" " + content))
    yield "exchanged", other


def study(root: Path) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """By file and kind of damage: how many there were, and how many were not noticed."""
    tried, missed = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    folder = shutil.copytree(RUN, root / "checkpoints")
    checkpoints = Checkpoints(folder, keep=3)
    for name in FILES:
        file = folder / NEWEST / name
        content, other = file.read_bytes(), (folder / BEFORE / name).read_bytes()
        seen: set[str] = set()
        for kind, damaged in damages(content, other):
            if damaged == content:
                continue
            tried[name, kind] += 1
            file.unlink(missing_ok=True)
            if damaged is not None:
                file.write_bytes(damaged)
            missed[name, kind] += _is_loaded(folder / NEWEST)
            if kind not in seen:  # and once of each kind, what a run makes of it
                seen.add(kind)
                found = checkpoints.latest()
                missed[name, kind] += found is None or found.step != 36
                (folder / f"damaged-{NEWEST}").rename(folder / NEWEST)
            file.write_bytes(content)
        missed[name, "undone"] += not _is_loaded(folder / NEWEST)
    return tried, missed


def _is_loaded(folder: Path) -> bool:
    """Whether a checkpoint is taken for whole: of this step, and all its files what its manifest says."""
    try:
        return read_state(folder).step == int(folder.name.removeprefix("step-"))
    except UNREADABLE:
        return False


def report(tried: Counter[tuple[str, str]], missed: Counter[tuple[str, str]], seconds: float) -> str:
    """The counts as Markdown."""
    rows = "\n".join(
        f"| {kind}: {text} | {' | '.join(f'{tried[name, kind]:,}' for name in FILES)} | "
        f"{sum(missed[name, kind] for name in FILES)} |"
        for kind, text in KINDS.items()
    )
    noticed = tried.total() - missed.total()
    return f"""# Damaged checkpoints

`python experiments/faults/damage.py`: {tried.total():,} damages, **{noticed:,} noticed, {missed.total()} loaded**
({seconds:.0f} s). Of each kind one is also met by a run, which sets the checkpoint aside and takes the one before.

| damage | {" | ".join(FILES)} | not noticed |
|---|---|---|---|---|
{rows}
"""


def main() -> int:
    logging.getLogger("framework").setLevel(logging.ERROR)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="damage-") as root:
        tried, missed = study(Path(root))
    text = report(tried, missed, time.perf_counter() - began)
    print(text)
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    return 1 if missed.total() else 0


if __name__ == "__main__":
    sys.exit(main())
