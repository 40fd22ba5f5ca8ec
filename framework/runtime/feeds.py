"""What is fed: a Python value becomes an array of the tensor's type and shape, or an error that names both."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from framework.errors import InvalidArgumentError
from framework.graph import Tensor, show
from framework.graph.dtypes import resource, string, variant
from framework.graph.shapes import fits

# NumPy's kinds of types, each held by those of the same number or a greater one; bfloat16 is of the kind V.
_KINDS = {"b": 0, "u": 1, "i": 1, "f": 2, "V": 2, "c": 3}
_as_bytes = np.frompyfunc(lambda item: item.encode() if isinstance(item, str) else item, 1, 1)


class Feed:
    """One tensor that is fed. Raises InvalidArgumentError for one that holds no array."""

    def __init__(self, tensor: Tensor):
        if tensor.dtype in (resource, variant):
            raise InvalidArgumentError(f"'{tensor.name}' is a {tensor.dtype}; only arrays can be fed")
        self.name, self.spec = tensor.name, tensor.spec
        self.dtype, self.shape = tensor.dtype.numpy, tensor.shape

    def array(self, value: Any) -> np.ndarray | jax.Array:
        """`value` as the tensor holds it. Raises InvalidArgumentError when it cannot."""
        if self.spec.dtype is string:
            array: Any = text(value)
        else:
            array = value if isinstance(value, (np.ndarray, jax.Array)) else self._from_python(value)
            if array.dtype != self.dtype:
                array = self._converted(array)
        if array.shape != self.shape and not fits(self.shape, array.shape):
            raise InvalidArgumentError(
                f"'{self.name}' has shape {show(self.shape)}, but it was fed {show(array.shape)}"
            )
        return array

    def _from_python(self, value: Any) -> np.ndarray:
        if isinstance(value, Tensor):
            raise InvalidArgumentError(f"'{self.name}' was fed {value!r}, which has no value; run it first")
        try:
            return np.asarray(value)
        except ValueError as error:
            raise InvalidArgumentError(f"'{self.name}' was fed what is no array: {error}") from None

    def _converted(self, array: Any) -> Any:
        """The array in the tensor's type, unless that would lose what it says."""
        if _KINDS.get(array.dtype.kind, len(_KINDS)) > _KINDS[self.dtype.kind]:
            raise InvalidArgumentError(f"'{self.name}' is {self.spec.dtype}, but it was fed {array.dtype}")
        if array.dtype.kind in "iu" and self.dtype.kind in "iu" and array.size:
            limits = np.iinfo(self.dtype)
            if array.min() < limits.min or array.max() > limits.max:
                raise InvalidArgumentError(f"'{self.name}' is {self.spec.dtype}, which does not hold all it was fed")
        return array.astype(self.dtype)


def text(value: Any) -> np.ndarray:
    """Strings as tensors hold them: an object array of bytes. Raises InvalidArgumentError for anything else."""
    array = np.asarray(_as_bytes(np.asarray(value, dtype=object)), dtype=object)
    if not all(isinstance(item, bytes) for item in array.flat):
        raise InvalidArgumentError(f"a tensor of strings was fed {value!r}")
    return array
