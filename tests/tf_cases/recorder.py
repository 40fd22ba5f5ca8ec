"""Runs raw ops with TensorFlow and keeps what went in and what came out. Knows nothing of the framework."""

from __future__ import annotations

import inspect
import itertools
import json
import zlib
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import op_def_registry

tf.config.threading.set_intra_op_parallelism_threads(1)  # so that sums come out alike every time
FOLDER = Path(__file__).parent
FLOATS = ("bfloat16", "float16", "float32", "float64")
INTEGERS = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
COMPLEX = ("complex64", "complex128")
TYPES = (*FLOATS, *INTEGERS, *COMPLEX, "bool")


def numpy_type(name: str) -> np.dtype:
    return np.dtype(tf.as_dtype(name).as_numpy_dtype)


def allowed_types(op: str, attr: str = "T") -> tuple[str, ...]:
    """The types that TensorFlow's declaration allows, of those that JAX has."""
    for definition in op_def_registry.get(op).attr:
        if definition.name == attr:
            names = {tf.as_dtype(number).name for number in definition.allowed_values.list.type}
            return tuple(name for name in TYPES if name in names or not names)
    raise KeyError(attr)


def grid(dtype: str, shape: tuple[int, ...], salt: int = 0, positive: bool = False) -> np.ndarray:
    """Numbers that every type holds exactly, with both signs (where there are two), zeros and many ties."""
    generator = np.random.default_rng([len(shape), salt, *shape])
    if dtype == "bool":
        return generator.integers(0, 2, shape).astype(bool)
    whole = generator.integers(1 if positive else 0 if dtype.startswith("uint") else -6, 7, shape)
    if dtype in FLOATS:
        return (whole / 4 if not positive else whole / 4 + 0.25).astype(numpy_type(dtype))
    if dtype in COMPLEX:
        other = generator.integers(-6, 7, shape)
        return (whole / 4 + 1j * other / 4).astype(dtype)
    return whole.astype(dtype)


def smooth(dtype: str, shape: tuple[int, ...], salt: int = 0) -> np.ndarray:
    """Normally distributed numbers, none equal to another."""
    return np.random.default_rng([7, salt, *shape]).normal(size=shape).astype(numpy_type(dtype))


class Recorder:
    """The cases of one family; `write` puts them into one file."""

    def __init__(self, family: str):
        self.family = family
        self.cases: list[dict] = []
        self.refused: dict[str, set[str]] = {}
        self._bytes = bytearray()

    def add(
        self,
        op: str,
        *inputs,
        constants=(),
        gradient=False,
        layout=None,
        images=(0,),
        makes_image=True,
        unset=(),
        function=None,
        **attrs,
    ) -> None:
        """Records `op(*inputs)`, one entry for each declared input; a list for an input of several tensors.

        constants: positions of inputs that are known while a graph is built. gradient: also record the gradients of
        the first output with respect to each floating-point input. layout: "NCHW" records what NHWC gives,
        transposed, because TensorFlow has no NCHW kernel for CPUs. images: positions of the inputs that are images, or
        the shape of one. makes_image: whether the first output is an image. unset: positions of outputs that
        TensorFlow leaves without a value. function: what computes
        it, for an op that is not one of TensorFlow's own.
        """
        tensors = [[tf.constant(x) for x in part] if isinstance(part, list) else tf.constant(part) for part in inputs]
        flat = list(itertools.chain(*(part if isinstance(part, list) else [part] for part in tensors)))
        grads = seed = None
        try:
            with tf.GradientTape() as tape:
                tape.watch([x for x in flat if x.dtype.is_floating])
                outputs = _call(op, tensors, attrs) if function is None else [function(*tensors, **attrs)]
        except (tf.errors.OpError, TypeError) as error:
            self._refuse(op, flat, error)
            return
        try:
            grads, seed = _gradients(tape, outputs, flat) if gradient else (None, None)
        except (tf.errors.OpError, TypeError, LookupError, ValueError) as error:
            self._refuse(f"gradient of {op}", flat, error)
        arrays = [x.numpy() for x in flat]
        results = [np.zeros_like(x.numpy()) if k in unset else x.numpy() for k, x in enumerate(outputs)]
        if layout == "NCHW":
            attrs, arrays, results, grads, seed = _channels_first(
                images, makes_image, attrs, arrays, results, grads, seed
            )
        self.cases.append(
            {
                "op": op,
                "attrs": {name: _plain(value) for name, value in attrs.items()},
                "inputs": [self._store(x) for x in arrays],
                "constants": list(constants),
                "outputs": [self._store(x) for x in results],
                "unset": list(unset),
                "seed": None if seed is None else self._store(seed),
                "gradients": None if grads is None else [None if g is None else self._store(g) for g in grads],
            }
        )

    def _refuse(self, what: str, inputs: list, error: Exception) -> None:
        reason = str(error).splitlines()[0].rpartition("}} ")[2][:90]
        self.refused.setdefault(what, set()).add(f"{', '.join(x.dtype.name for x in inputs)}: {reason}")

    def _store(self, array: np.ndarray) -> list:
        array = np.asarray(array)
        offset = len(self._bytes)
        self._bytes += np.ascontiguousarray(array).tobytes()
        return [array.dtype.name, list(array.shape), offset]

    def write(self) -> None:
        index = json.dumps(self.cases, separators=(",", ":")).encode()
        np.savez_compressed(
            FOLDER / f"{self.family}.npz",
            index=np.frombuffer(index, np.uint8),
            data=np.frombuffer(bytes(self._bytes), np.uint8),
        )
        print(f"{self.family}: {len(self.cases)} cases of {len({case['op'] for case in self.cases})} ops")
        for what, reasons in self.refused.items():
            print(f"  TensorFlow refused {what}:", *sorted(reasons), sep="\n    ")


def recorded_ops() -> set[str]:
    """The ops that the files of cases hold."""
    found: set[str] = set()
    for path in FOLDER.glob("*.npz"):
        with np.load(path, allow_pickle=False) as file:
            found.update(case["op"] for case in json.loads(file["index"].tobytes()))
    return found


def _call(op: str, tensors: list, attrs: dict) -> list:
    """The outputs of a raw op, called by the names of its declaration (its Python function has others for some)."""
    function = getattr(tf.raw_ops, op)
    parameters = [name for name in inspect.signature(function).parameters if name != "name"]
    definition = op_def_registry.get(op)
    declared = [arg.name for arg in definition.input_arg]
    implied = {n for arg in definition.input_arg for n in (arg.type_attr, arg.number_attr, arg.type_list_attr)}
    given = [attr.name for attr in definition.attr if attr.name not in implied]
    free = [name for name in parameters if name not in declared + given]
    renamed = {
        name: name if name in parameters else free.pop(0) for name in declared + given if name in parameters or free
    }
    named = {renamed[name]: tensor for name, tensor in zip(declared, tensors, strict=True)}
    named |= {renamed[name]: tf.as_dtype(v) if _is_type(definition, name) else v for name, v in attrs.items()}
    outputs = function(**named)
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def _is_type(definition, name: str) -> bool:
    return any(attr.name == name and attr.type == "type" for attr in definition.attr)


def _gradients(tape, outputs: list, inputs: list) -> tuple[list, np.ndarray]:
    shape = tuple(outputs[0].shape)
    seed = tf.cast(tf.constant(smooth("float64", shape, salt=3)), outputs[0].dtype)
    found = tape.gradient(outputs[0], inputs, output_gradients=seed)
    return [None if g is None else tf.convert_to_tensor(g).numpy() for g in found], seed.numpy()


def _channels_first(images, makes_image, attrs, arrays, results, grads, seed):
    """An NHWC case as the NCHW case that it implies: images transposed, and lists with an entry an axis too."""

    def image(x):
        if x is None or np.shape(x) == (4,):
            return None if x is None else x[[0, 3, 1, 2]]
        return np.transpose(x, (0, 3, 1, 2)) if np.ndim(x) == 4 else x

    def reorder(values):
        if len(values) == 4:
            return [values[axis] for axis in (0, 3, 1, 2)]
        return [values[2 * axis + k] for axis in (0, 3, 1, 2) for k in (0, 1)] if len(values) == 8 else values

    attrs = {name: reorder(v) if isinstance(v, list) else v for name, v in attrs.items()} | {"data_format": "NCHW"}
    arrays = [image(x) if k in images else x for k, x in enumerate(arrays)]
    results = [image(results[0]), *results[1:]] if makes_image else results
    grads = None if grads is None else [image(g) if k in images else g for k, g in enumerate(grads)]
    return attrs, arrays, results, grads, image(seed) if makes_image else seed


def _plain(value):
    return list(value) if isinstance(value, tuple) else value


def salt(text: str) -> int:
    """A small number made of a name."""
    return zlib.crc32(text.encode()) % 1000
