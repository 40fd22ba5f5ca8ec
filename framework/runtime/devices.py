"""The devices of this machine, named as TensorFlow names them."""

from __future__ import annotations

import os
from dataclasses import dataclass
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


def _memory(device: Any) -> int:
    """Bytes; a CPU device shares the memory of the machine."""
    if device.platform == "cpu":
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int((device.memory_stats() or {}).get("bytes_limit", 0))
