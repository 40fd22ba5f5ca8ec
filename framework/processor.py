"""The processor of this machine, by which what was compiled for one is told from what was compiled for another."""

from __future__ import annotations

import platform
from pathlib import Path

_TELLING = ("model name", "flags", "Features", "CPU part")  # the last two on ARM


def processor() -> str:
    """Its model and what it can do, as Linux tells of its first core; elsewhere what `platform.processor` knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(line for line in lines if line.startswith(_TELLING))
