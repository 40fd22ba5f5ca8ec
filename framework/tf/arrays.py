"""Functions whose arguments TensorFlow's users write otherwise than the raw op has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from framework import ops
from framework.errors import GraphError
from framework.graph import DType, Tensor, as_dtype, convert_to_tensor, get_default_graph
from framework.graph import show as show_shape
from framework.ops.apply import DTypeLike, TensorLike


def tensor(value: TensorLike, dtype: DTypeLike | None = None, name: str = "Const") -> Tensor:
    """`value` as a tensor of the default graph; a tensor stays as it is.

    Raises GraphError for a tensor of another type than `dtype`, and for values that cannot be held in it.

    Source: https://www.tensorflow.org/api_docs/python/tf/convert_to_tensor
    """
    wanted = None if dtype is None else as_dtype(dtype)
    found = convert_to_tensor(value, get_default_graph(), dtype=wanted, name=name)
    if wanted is not None and found.dtype is not wanted:
        raise GraphError(f"the tensor is {found.dtype}, not {wanted}; cast it", node=found.name)
    return found


def div(x: TensorLike, y: TensorLike, name: str = "div") -> Tensor:
    """x / y elementwise; integers are rounded toward the floor.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/div
    """
    x, y = _pair(x, y)
    return ops.floordiv(x, y, name=name) if x.dtype.is_integer else ops.divide(x, y, name=name)


def truediv(x: TensorLike, y: TensorLike, name: str = "truediv") -> Tensor:
    """x / y elementwise; integers become float64, those of 16 bits and fewer float32."""
    x, y = _pair(x, y)
    if x.dtype.is_integer:
        wide = "float32" if x.dtype.size <= 2 else "float64"
        x, y = ops.cast(x, wide), ops.cast(y, wide)
    return ops.divide(x, y, name=name)


def _pair(x: TensorLike, y: TensorLike) -> tuple[Tensor, Tensor]:
    """Two operands as tensors of one type, which a tensor among them decides."""
    known = next((value.dtype for value in (x, y) if isinstance(value, Tensor)), None)
    return tensor(x, None if isinstance(x, Tensor) else known), tensor(y, None if isinstance(y, Tensor) else known)


def matmul(
    a: TensorLike, b: TensorLike, transpose_a: bool = False, transpose_b: bool = False, name: str = "MatMul"
) -> Tensor:
    """The product of matrices, or of each pair of them where there are axes before the last two.

    a, b: [..., rows, inner], [..., inner, columns], the leading axes under broadcasting.

    Source: https://www.tensorflow.org/api_docs/python/tf/linalg/matmul
    """
    a, b = _pair(a, b)
    if all(x.shape is not None and len(x.shape) == 2 for x in (a, b)):
        return ops.matmul(a, b, transpose_a=transpose_a, transpose_b=transpose_b, name=name)
    return ops.batch_matmul(a, b, adj_x=transpose_a, adj_y=transpose_b, name=name)


def zeros(shape: TensorLike, dtype: DTypeLike = "float32", name: str = "zeros") -> Tensor:
    """Zeros of a shape, which may be computed."""
    return _filled(shape, 0, dtype, name)


def ones(shape: TensorLike, dtype: DTypeLike = "float32", name: str = "ones") -> Tensor:
    """Ones of a shape, which may be computed."""
    return _filled(shape, 1, dtype, name)


def _filled(shape: TensorLike, value: int, dtype: DTypeLike, name: str) -> Tensor:
    return ops.fill(shape, np.asarray(value, as_dtype(dtype).numpy), name=name)


def range(start: TensorLike, limit: TensorLike | None = None, delta: TensorLike = 1, name: str = "range") -> Tensor:
    """The numbers from `start` up to `limit` in steps of `delta`; from 0 to the one number that is given."""
    return ops.range(0, start, delta, name=name) if limit is None else ops.range(start, limit, delta, name=name)


def split(
    value: TensorLike, num_or_size_splits: int | Sequence[int], axis: int = 0, name: str = "split"
) -> tuple[Tensor, ...]:
    """Parts of a tensor along an axis: so many equal ones, or ones of these sizes, of which one may be -1.

    Source: https://www.tensorflow.org/api_docs/python/tf/split
    """
    if isinstance(num_or_size_splits, int):
        return ops.split(axis, value, num_or_size_splits, name=name)
    return ops.split_v(value, num_or_size_splits, axis, num_split=len(num_or_size_splits), name=name)


def unstack(value: TensorLike, num: int | None = None, axis: int = 0, name: str = "unstack") -> tuple[Tensor, ...]:
    """The parts of a tensor along an axis, without that axis. num: how many, where the shape does not say it."""
    value = tensor(value)
    if num is None:
        num = None if value.shape is None else value.shape[axis]
        if num is None:
            raise GraphError(f"how many parts there are is not known for {show_shape(value.shape)}; say num")
    return ops.unstack(value, num, axis=axis, name=name)


def squeeze(input: TensorLike, axis: int | Sequence[int] = (), name: str = "Squeeze") -> Tensor:
    """A tensor without its axes of size 1, or without those named."""
    return ops.squeeze(input, axis=[axis] if isinstance(axis, int) else axis, name=name)


def pad(
    tensor: TensorLike, paddings: TensorLike, mode: str = "CONSTANT", constant_values: Any = 0, name: str = "Pad"
) -> Tensor:
    """A tensor with margins. paddings: [rank, 2]. mode: CONSTANT, REFLECT or SYMMETRIC.

    Source: https://www.tensorflow.org/api_docs/python/tf/pad
    """
    if mode.upper() != "CONSTANT":
        return ops.mirror_pad(tensor, paddings, mode.upper(), name=name)
    if isinstance(constant_values, Tensor) or constant_values != 0:
        return ops.pad_v2(tensor, paddings, constant_values, name=name)
    return ops.pad(tensor, paddings, name=name)


def argmax(input: TensorLike, axis: int = 0, output_type: DTypeLike = "int64", name: str = "ArgMax") -> Tensor:
    """The position of the greatest element along an axis."""
    return ops.argmax(input, axis, output_type=output_type, name=name)


def argmin(input: TensorLike, axis: int = 0, output_type: DTypeLike = "int64", name: str = "ArgMin") -> Tensor:
    """The position of the least element along an axis."""
    return ops.argmin(input, axis, output_type=output_type, name=name)


def one_hot(
    indices: TensorLike,
    depth: TensorLike,
    on_value: Any = 1,
    off_value: Any = 0,
    axis: int = -1,
    dtype: DTypeLike = "float32",
    name: str = "one_hot",
) -> Tensor:
    """`on_value` at the position that each index names among `depth`, and `off_value` elsewhere."""
    on, off = (np.asarray(value, as_dtype(dtype).numpy) for value in (on_value, off_value))
    return ops.one_hot(indices, depth, on, off, axis=axis, name=name)


def where(condition: TensorLike, x: TensorLike | None = None, y: TensorLike | None = None, name: str = "Where") -> Any:
    """Where `condition` holds x, elsewhere y, under broadcasting; with neither, the positions at which it holds.

    Positions are int64 [how many, rank], in the order of the elements; what follows from them runs op by op.

    Source: https://www.tensorflow.org/api_docs/python/tf/where
    """
    if (x is None) != (y is None):
        raise GraphError("where takes both x and y, or neither")
    if x is None:
        return ops.positions_where(condition, name=name)
    return ops.where(condition, *_pair(x, y), name=name)  # type: ignore[arg-type]


def boolean_mask(values: TensorLike, mask: TensorLike, name: str = "boolean_mask") -> Tensor:
    """The parts of `values` at which `mask`, of the shape of its first axes, holds: [how many, ...the other axes].

    What follows from it runs op by op. Source: https://www.tensorflow.org/api_docs/python/tf/boolean_mask
    """
    x, held = tensor(values), tensor(mask)
    with x.graph.name_scope(name) as scope:
        kept = ops.dynamic_partition(x, ops.cast(held, "int32"), 2)[1]
        return ops.identity(kept, name=scope)


def random_uniform(
    shape: TensorLike,
    minval: float = 0,
    maxval: float = 1,
    dtype: DTypeLike = "float32",
    seed: int | None = None,
    name: str = "random_uniform",
) -> Tensor:
    """Numbers drawn evenly from [minval, maxval), others at each run; floating-point.

    Source: https://www.tensorflow.org/api_docs/python/tf/random/uniform
    """
    with get_default_graph().name_scope(name) as scope:
        drawn = ops.random_uniform(shape, dtype=dtype, name="RandomUniform", **_seeds(seed))
        return _line(drawn, maxval - minval, minval, scope)


def random_normal(
    shape: TensorLike,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: DTypeLike = "float32",
    seed: int | None = None,
    name: str = "random_normal",
) -> Tensor:
    """Numbers drawn from a normal distribution, others at each run.

    Source: https://www.tensorflow.org/api_docs/python/tf/random/normal
    """
    with get_default_graph().name_scope(name) as scope:
        drawn = ops.random_normal(shape, dtype=dtype, name="RandomStandardNormal", **_seeds(seed))
        return _line(drawn, stddev, mean, scope)


def truncated_normal(
    shape: TensorLike,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: DTypeLike = "float32",
    seed: int | None = None,
    name: str = "truncated_normal",
) -> Tensor:
    """Numbers drawn from a normal distribution, drawn again where they are over two standard deviations off.

    Source: https://www.tensorflow.org/api_docs/python/tf/random/truncated_normal
    """
    with get_default_graph().name_scope(name) as scope:
        drawn = ops.truncated_normal(shape, dtype=dtype, name="TruncatedNormal", **_seeds(seed))
        return _line(drawn, stddev, mean, scope)


_SEEDS = "random_seed"


def set_random_seed(seed: int) -> None:
    """Lets random ops that are added to the default graph from now on draw what this seed gives."""
    get_default_graph().collections[_SEEDS] = [str(seed)]


def _seeds(seed: int | None) -> dict[str, int]:
    """The seeds of a random op: the graph's and its own."""
    graph_seed = get_default_graph().collections.get(_SEEDS, ["0"])[0]
    return {"seed": int(graph_seed), "seed2": 0 if seed is None else seed}


def _line(drawn: Tensor, factor: float, offset: float, scope: str) -> Tensor:
    """`drawn * factor + offset` under the name of the scope."""
    number = _number(drawn.dtype)
    return ops.add(ops.multiply(drawn, number(factor), name="mul"), number(offset), name=scope)


def _number(dtype: DType) -> Any:
    return lambda value: np.asarray(value, dtype.numpy)


def clip_by_norm(t: TensorLike, clip_norm: TensorLike, name: str = "clip_by_norm") -> Tensor:
    """A tensor that is made shorter where its Euclidean norm is over `clip_norm`.

    Source: https://www.tensorflow.org/api_docs/python/tf/clip_by_norm
    """
    t = tensor(t)
    with get_default_graph().name_scope(name) as scope:
        norm = ops.sqrt(ops.reduce_sum(ops.square(t)))
        return ops.divide(ops.multiply(t, clip_norm), ops.maximum(norm, clip_norm), name=scope)


def clip_by_global_norm(
    t_list: Sequence[TensorLike], clip_norm: TensorLike, name: str = "clip_by_global_norm"
) -> tuple[list[Tensor], Tensor]:
    """Tensors that are made shorter, all by one factor, where the norm of them all is over `clip_norm`; and the norm.

    Source: https://www.tensorflow.org/api_docs/python/tf/clip_by_global_norm
    """
    tensors = [tensor(t) for t in t_list]
    with get_default_graph().name_scope(name):
        norm = ops.sqrt(ops.add_n([ops.reduce_sum(ops.square(t)) for t in tensors]), name="global_norm")
        factor = ops.divide(clip_norm, ops.maximum(norm, clip_norm))
        return [ops.multiply(t, factor) for t in tensors], norm


def to_float(x: TensorLike, name: str = "ToFloat") -> Tensor:
    """x as float32."""
    return ops.cast(x, "float32", name=name)


def to_double(x: TensorLike, name: str = "ToDouble") -> Tensor:
    """x as float64."""
    return ops.cast(x, "float64", name=name)


def to_int32(x: TensorLike, name: str = "ToInt32") -> Tensor:
    """x as int32, rounded toward 0."""
    return ops.cast(x, "int32", name=name)


def to_int64(x: TensorLike, name: str = "ToInt64") -> Tensor:
    """x as int64, rounded toward 0."""
    return ops.cast(x, "int64", name=name)
