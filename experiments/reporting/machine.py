"""What machine this is, in a line."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe() -> str:
    """Such as `2 cores of AMD EPYC with AVX-512, 24 GB, Linux, Python 3.11.7`."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    about = _read(Path("/proc/cpuinfo"))
    model = about.get("model name", platform.processor() or platform.machine())
    wide = " with AVX-512" if "avx512f" in about.get("flags", "") else ""
    memory = _read(Path("/proc/meminfo")).get("MemTotal", "0 kB").split()[0]
    size = f"{int(memory) / 1e6:.0f} GB, " if int(memory) else ""
    return f"{cores} cores of {model}{wide}, {size}{platform.system()}, Python {platform.python_version()}"


def _read(path: Path) -> dict[str, str]:
    """The lines `name : value` of a file of Linux, the first of each name; nothing elsewhere."""
    found: dict[str, str] = {}
    if path.exists():
        for line in path.read_text().splitlines():
            name, _, value = line.partition(":")
            found.setdefault(name.strip(), value.strip())
    return found
