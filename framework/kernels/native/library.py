"""The native library as this process has it: loaded once, its functions known to XLA, or the reason why it is not."""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Callable, Iterable
from functools import cache

import jax
import numpy as np

from framework.kernels.native.building import Built, MissingError, build

SWITCH = "GRAPHWRIGHT_NATIVE"
TARGETS = (
    "convolution", "average_pooling", "max_pooling", "max_pooling_gradient", "normalization", "normalization_gradient",
    "lstm", "lstm_with_gates", "lstm_gradient", "product", "attention", "attention_gradient",
)  # fmt: skip
_OLDEST = 3002  # oneDNN's version as 1000 * major + minor
_log = logging.getLogger("framework")


class Library:
    """The functions of the library. `key` tells apart what was compiled of other sources or for another machine."""

    def __init__(self, built: Built):
        try:
            self._functions = ctypes.CDLL(str(built.path))
        except OSError as error:
            raise MissingError(f"the library cannot be loaded ({error})") from None
        version = self._functions.graphwright_onednn_version()
        if version < _OLDEST:
            raise MissingError(f"oneDNN {version // 1000}.{version % 1000} is too old; they need 3.2 or newer")
        if not self._functions.graphwright_has_avx2():
            raise MissingError("this processor has neither AVX2 nor AVX-512")
        self.key = built.key
        self._threads = len(os.sched_getaffinity(0))
        for name in TARGETS:
            handler = jax.ffi.pycapsule(getattr(self._functions, f"graphwright_{name}"))
            jax.ffi.register_ffi_target(self.target(name), handler, platform="cpu")

    def target(self, name: str) -> str:
        """The name by which a program calls a function: another for another library, so that none that was compiled
        for one is ever run with the other."""
        return f"graphwright_{name}_{self.key}"

    def has(self, name: str, spec: np.ndarray) -> bool:
        """Whether oneDNN is fast at a call of a function such as `convolution`; spec: int64, as the C++ reads it."""
        ask = getattr(self._functions, f"graphwright_has_{name}")
        return bool(ask(spec.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(spec.size), self._threads))

    def computed_in(self, name: str, dtype: str, specs: Callable[[str], Iterable[np.ndarray]]) -> str | None:
        """The type in which oneDNN is fast at all calls of `specs(type)`: `dtype`, else float32, else None.

        There are processors on which it computes bfloat16 by a plain loop.
        """
        types = (dtype, "float32")
        return next((found for found in types if all(self.has(name, spec) for spec in specs(found))), None)


@cache
def library() -> Library | None:
    """The library, or None where it cannot be had; why not is said once. `$GRAPHWRIGHT_NATIVE=0` turns it off."""
    if os.environ.get(SWITCH) == "0":
        return None
    try:
        return Library(build())
    except MissingError as error:
        _log.warning("what has native kernels runs without them, slower: %s", error)
        return None
