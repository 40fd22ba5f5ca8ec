"""Ops on lists of tensors: values that loops fill element by element, and give back stacked."""

from __future__ import annotations

from framework.errors import GraphError
from framework.graph import Call, Shape, register_op
from framework.graph.shapes import merge, show
from framework.ops.inference import Shapes, at_least_rank, no_flops
from framework.ops.signatures import INDICES


def element_shape(call: Call, index: int) -> Shape:
    """The shape of elements that input `index` describes, as far as it is known: -1 stands for what is not."""
    shape, value = call.rank(index, 0, 1), call.constants[index]
    if value is None:
        return None if shape is None or not shape or shape[0] is None else (None,) * shape[0]
    if value.ndim == 0:
        if int(value) == -1:
            return None
        raise call.fail(
            f"input '{call.op.input_name(index)}' must be a vector of sizes, or -1 for any; found {int(value)}"
        )
    return tuple(None if d < 0 else int(d) for d in value)


def _rows(call: Call, shape: Shape, count: int | None) -> Shape:
    return None if shape is None else (count, *shape)


def _fitting(call: Call, declared: Shape, found: Shape) -> Shape:
    try:
        return merge(declared, found)
    except GraphError:
        raise call.fail(
            f"an element of shape {show(found)} does not fit the declared shape of elements {show(declared)}"
        ) from None


def _length(call: Call, index: int) -> int | None:
    shape = call.rank(index, 1)
    return None if shape is None else shape[0]


def _handle(call: Call) -> Shapes:
    """A list; its sizes, where it is made, are scalars."""
    return [()]


def _reserve(call: Call) -> Shapes:
    element_shape(call, 0)
    call.rank(1, 0)
    return [()]


def _from_tensor(call: Call) -> Shapes:
    tensor, declared = at_least_rank(call, 0, 1), element_shape(call, 1)
    _fitting(call, declared, None if tensor is None else tensor[1:])
    return [()]


def _scatter(call: Call) -> Shapes:
    _matching(call, at_least_rank(call, 0, 1), _length(call, 1))
    element_shape(call, 2)
    return [()]


def _scatter_into(call: Call) -> Shapes:
    _matching(call, at_least_rank(call, 1, 1), _length(call, 2))
    return [()]


def _matching(call: Call, rows: Shape, count: int | None) -> None:
    if rows and None not in (rows[0], count) and rows[0] != count:
        raise call.fail(f"{count} indices for a tensor of {rows[0]} rows")


def _get(call: Call) -> Shapes:
    call.rank(1, 0)
    return [element_shape(call, 2)]


def _set(call: Call) -> Shapes:
    call.rank(1, 0)
    return [()]


def _stack(call: Call) -> Shapes:
    count = call.attrs["num_elements"]
    return [_rows(call, element_shape(call, 1), None if count < 0 else count)]


def _gather(call: Call) -> Shapes:
    return [_rows(call, element_shape(call, 2), _length(call, 1))]


def _pop(call: Call) -> Shapes:
    return [(), element_shape(call, 1)]


def _resize(call: Call) -> Shapes:
    call.rank(1, 0)
    return [()]


def _described(call: Call) -> Shapes:
    return [None]


def _concat(call: Call) -> Shapes:
    shape = element_shape(call, 1)
    return [None if shape is None else (None, *shape[1:]), (None,)]


_TYPED = "element_dtype: type"
_SHAPED = f"{_TYPED}, shape_type: {INDICES}"
for _name, _inputs, _outputs, _attrs, _shape, _doc in (
    ("EmptyTensorList", "element_shape: shape_type, max_num_elements: int32", "handle: variant", _SHAPED, _reserve,
     "A list of no elements; `element_shape` may hold -1 for what is not known."),
    ("TensorListReserve", "element_shape: shape_type, num_elements: int32", "handle: variant", _SHAPED, _reserve,
     "A list of `num_elements` elements that are yet to be set."),
    ("TensorListFromTensor", "tensor: element_dtype, element_shape: shape_type", "output_handle: variant", _SHAPED,
     _from_tensor, "The list of the entries of `tensor` along its first axis."),
    ("TensorListScatter", "tensor: element_dtype, indices: int32, element_shape: shape_type", "output_handle: variant",
     _SHAPED, _scatter, "A list with the entries of `tensor` at `indices`."),
    ("TensorListScatterV2",
     "tensor: element_dtype, indices: int32, element_shape: shape_type, num_elements: int32", "output_handle: variant",
     _SHAPED, _scatter, "A list of `num_elements` elements with the entries of `tensor` at `indices`."),
    ("TensorListScatterIntoExistingList", "input_handle: variant, tensor: element_dtype, indices: int32",
     "output_handle: variant", _TYPED, _scatter_into, "The list with the entries of `tensor` at `indices`."),
    ("TensorListGetItem", "input_handle: variant, index: int32, element_shape: Tshape", "item: element_dtype",
     f"{_TYPED}, Tshape: {INDICES} = int32", _get, "The element at `index`; zeros where it was never set."),
    ("TensorListSetItem", "input_handle: variant, index: int32, item: element_dtype", "output_handle: variant",
     f"{_TYPED}, resize_if_index_out_of_bounds: bool = false", _set, "The list with `item` at `index`."),
    ("TensorListPushBack", "input_handle: variant, tensor: element_dtype", "output_handle: variant", _TYPED, _handle,
     "The list with `tensor` behind its last element."),
    ("TensorListPopBack", "input_handle: variant, element_shape: int32",
     "output_handle: variant, tensor: element_dtype", _TYPED, _pop,
     "The list without its last element, and that element."),
    ("TensorListStack", "input_handle: variant, element_shape: int32", "tensor: element_dtype",
     f"{_TYPED}, num_elements: int = -1", _stack,
     "All elements along a new first axis; `num_elements` is how many there must be, or -1."),
    ("TensorListGather", "input_handle: variant, indices: int32, element_shape: int32", "values: element_dtype",
     _TYPED, _gather, "The elements at `indices` along a new first axis."),
    ("TensorListConcatV2", "input_handle: variant, element_shape: shape_type, leading_dims: int64",
     "tensor: element_dtype, lengths: int64", _SHAPED, _concat,
     "All elements behind each other along their first axis, and how long each is."),
    ("TensorListLength", "input_handle: variant", "length: int32", "", _handle, "How many elements a list has."),
    ("TensorListResize", "input_handle: variant, size: int32", "output_handle: variant", "", _resize,
     "The list with `size` elements: those behind are dropped, new ones are yet to be set."),
    ("TensorListElementShape", "input_handle: variant", "element_shape: shape_type", f"shape_type: {INDICES}",
     _described, "The declared shape of the elements, with -1 for what is not known."),
):  # fmt: skip
    register_op(_name, inputs=_inputs, outputs=_outputs, attrs=_attrs, shape=_shape, flops=no_flops, doc=_doc)
