"""The devices of this machine, named as TensorFlow names them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax


@dataclass(frozen=True)
class Device:
    """One device.

    name: such as `/job:localhost/replica:0/task:0/device:CPU:0`. device_type: `CPU`, `GPU` or `TPU`.
    memory_limit_bytes: what programs may hold there; 0 where the device does not say.
    """

    name: str
    device_type: str
    memory_limit_bytes: int


def list_devices() -> list[Device]:
    """The devices that JAX sees here, the CPU first."""
    found = list(jax.local_devices())
    if all(device.platform != "cpu" for device in found):
        found += jax.local_devices(backend="cpu")
    found.sort(key=lambda device: (device.platform != "cpu", device.platform, device.id))
    return [_describe(device, _number(device, found)) for device in found]


def _number(device: Any, found: list[Any]) -> int:
    return [other for other in found if other.platform == device.platform].index(device)


def _describe(device: Any, number: int) -> Device:
    kind: str = "GPU" if device.platform in ("cuda", "rocm", "gpu") else device.platform.upper()
    task = f"/job:localhost/replica:0/task:{device.process_index}"
    return Device(f"{task}/device:{kind}:{number}", kind, _memory(device))


def free_memory() -> int | None:
    """Bytes that are free on the device that programs run on by default; None where nothing tells."""
    device = jax.config.values.get("jax_default_device") or jax.devices()[0]
    if getattr(device, "platform", device) != "cpu":
        stats = getattr(device, "memory_stats", dict)() or {}
        return stats["bytes_limit"] - stats.get("bytes_in_use", 0) if "bytes_limit" in stats else None
    found = [free for free in (_free_of_machine(), _free_of_group()) if free is not None]
    return min(found, default=None)


def _free_of_machine() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:")), None)


def _free_of_group() -> int | None:
    """What a container may still take (https://docs.kernel.org/admin-guide/cgroup-v2.html); None without a limit."""
    folder = Path("/sys/fs/cgroup")
    try:
        limit, used = ((folder / name).read_text().strip() for name in ("memory.max", "memory.current"))
        return None if limit == "max" else max(0, int(limit) - int(used))
    except (OSError, ValueError):
        return None


def _memory(device: Any) -> int:
    """Bytes; a CPU device shares the memory of the machine."""
    if device.platform == "cpu":
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int((device.memory_stats() or {}).get("bytes_limit", 0))
