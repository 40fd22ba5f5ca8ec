"""Small programs of lists, TensorArrays, functions, branches and loops: their graphs, and what TensorFlow gives."""

from __future__ import annotations

import json

import numpy as np
import tensorflow as tf
from recorder import FOLDER
from tensorflow.python.framework import function as functions
from tensorflow.python.ops import functional_ops

raw = tf.raw_ops
v1 = tf.compat.v1
OPS = [
    "If", "StatelessIf", "While", "StatelessWhile", "Case", "StatelessCase", "PartitionedCall",
    "StatefulPartitionedCall",
    "Switch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond", "ControlTrigger",
    "RefSwitch", "RefMerge", "RefEnter", "RefExit", "RefNextIteration",
    "TensorArrayV3", "TensorArrayReadV3", "TensorArrayWriteV3", "TensorArrayGatherV3", "TensorArrayScatterV3",
    "TensorArraySizeV3", "TensorArrayConcatV3", "TensorArraySplitV3", "TensorArrayCloseV3",
    "EmptyTensorList", "TensorListReserve", "TensorListFromTensor", "TensorListScatter", "TensorListScatterV2",
    "TensorListScatterIntoExistingList", "TensorListGetItem", "TensorListSetItem", "TensorListPushBack",
    "TensorListPopBack", "TensorListStack", "TensorListGather", "TensorListConcatV2", "TensorListLength",
    "TensorListResize", "TensorListElementShape",
]  # fmt: skip
ANY = -1  # a shape of elements that is not known


class ProgramRecorder:
    """Programs of one family; `write` puts them into a file of the folder `programs`."""

    def __init__(self, family: str):
        self.family = family
        self._arrays: dict[str, np.ndarray] = {}
        self._index: list[dict] = []
        (FOLDER / "programs").mkdir(exist_ok=True)

    def add(self, program, *feeds: tuple, gradient: bool = False) -> None:
        """Records `program(*placeholders)`, a list of tensors, for each of the feeds, which are alike in their shapes.

        gradient: also of the first output by each floating-point input.
        """
        name = f"{len(self._index):02}_{program.__name__}"
        with tf.Graph().as_default() as graph:
            first = [np.asarray(value) for value in feeds[0]]
            xs = [v1.placeholder(x.dtype, x.shape, name=f"x{k}") for k, x in enumerate(first)]
            ys = [tf.identity(y, name=f"y{k}") for k, y in enumerate(program(*xs))]
            message = graph.as_graph_def().SerializeToString(deterministic=True)
            smooth = [x for x in xs if x.dtype.is_floating] if gradient else []
            found = tf.gradients(ys[0], smooth) if smooth else []
            with v1.Session(graph=graph) as session:
                for k, fed in enumerate(feeds):
                    values = session.run([*ys, *found], dict(zip(xs, fed, strict=True)))
                    self._store(f"{name}/{k}/feed", fed)
                    self._store(f"{name}/{k}/fetch", values[: len(ys)])
                    self._store(f"{name}/{k}/gradient", values[len(ys) :])
        self._arrays[f"{name}/graph"] = np.frombuffer(message, np.uint8)
        smooth_places = [k for k, x in enumerate(xs) if gradient and x.dtype.is_floating]
        self._index.append(
            {"name": name, "runs": len(feeds), "feeds": len(xs), "fetches": len(ys), "varied": smooth_places}
        )

    def _store(self, prefix: str, values) -> None:
        self._arrays |= {f"{prefix}/{k}": np.asarray(value) for k, value in enumerate(values)}

    def write(self) -> None:
        index = np.frombuffer(json.dumps(self._index).encode(), np.uint8)
        np.savez_compressed(FOLDER / "programs" / f"{self.family}.npz", index=index, **self._arrays)
        print(f"programs/{self.family}: {len(self._index)} programs")


def _reserved(count, dtype=tf.float32, shape=ANY):
    return raw.TensorListReserve(element_shape=np.int32(shape), num_elements=count, element_dtype=dtype)


def _stack(values, shape=ANY, dtype=tf.float32, count=-1):
    return raw.TensorListStack(
        input_handle=values, element_shape=np.int32(shape), element_dtype=dtype, num_elements=count
    )


def _set(values, index, item, **attrs):
    return raw.TensorListSetItem(input_handle=values, index=index, item=item, **attrs)


def _get(values, index, shape=ANY, dtype=tf.float32):
    return raw.TensorListGetItem(input_handle=values, index=index, element_shape=np.int32(shape), element_dtype=dtype)


def _push(values, item):
    return raw.TensorListPushBack(input_handle=values, tensor=item)


def _pop(values, shape=ANY, dtype=tf.float32):
    return raw.TensorListPopBack(input_handle=values, element_shape=np.int32(shape), element_dtype=dtype)


def _empty(shape=ANY, dtype=tf.float32):
    return raw.EmptyTensorList(element_shape=np.int32(shape), max_num_elements=-1, element_dtype=dtype)


X = np.array([1.0, -2.0, 0.5], np.float32)


def lists() -> ProgramRecorder:
    recorder = ProgramRecorder("lists")

    def set_and_stack(x):
        values = _set(_set(_set(_reserved(3), 2, x), 0, x * 2.0), 1, x * 3.0)
        return _stack(values), _get(values, 2), raw.TensorListLength(input_handle=values)

    def never_set(x):
        values = _set(_reserved(3, shape=[3]), 1, x)
        return _stack(values, [3], count=3), _get(values, 0, [3]), _stack(_set(_reserved(2), 1, x), [3])

    def set_beyond(x):
        values = _set(_set(_reserved(1), 0, x), 2, x, resize_if_index_out_of_bounds=True)
        return _stack(values, [3]), raw.TensorListLength(input_handle=values)

    def set_at_computed(x, i):
        values = _set(_set(_reserved(4, shape=[3]), i, x), i + 1, x + 1.0)
        return _stack(values), _get(values, i)

    def from_tensor(x):
        rows = tf.stack([x, x * 2.0, x * x])
        values = raw.TensorListFromTensor(tensor=rows, element_shape=[3])
        chosen = raw.TensorListGather(
            input_handle=values, indices=[2, 0, 2], element_shape=[3], element_dtype=tf.float32
        )
        shapes = [raw.TensorListElementShape(input_handle=v, shape_type=t) for v, t in (
            (values, tf.int32), (_reserved(1, shape=[-1, 2]), tf.int64), (_reserved(1), tf.int32))]  # fmt: skip
        return (_stack(values, [3]), chosen, _get(values, 1), *shapes)

    def pushed(x):
        values = _push(_push(_push(_empty(), x), x + 1.0), x * x)
        shorter, last = _pop(values)
        lengths = [raw.TensorListLength(input_handle=v) for v in (values, shorter, _empty())]
        return (_stack(values), _stack(shorter), last, *lengths)

    def resized(x):
        values = _push(_push(_empty(), x), x * 2.0)
        longer = raw.TensorListResize(input_handle=values, size=3)
        return _stack(longer, [3]), _stack(raw.TensorListResize(input_handle=values, size=1)), _stack(values)

    def scattered(x):
        rows = tf.stack([x, x * 2.0])
        a = raw.TensorListScatter(tensor=rows, indices=[1, 0], element_shape=[3])
        b = raw.TensorListScatterV2(tensor=rows, indices=[0, 2], element_shape=[3], num_elements=4)
        c = raw.TensorListScatterIntoExistingList(input_handle=b, tensor=rows, indices=[1, 0])
        return _stack(a), _stack(b, [3]), _stack(c, [3])

    def joined(x):
        values = _push(_push(_push(_empty(), x), x[:2]), tf.zeros([0]))
        tensor, lengths = raw.TensorListConcatV2(
            input_handle=values, element_shape=[-1], leading_dims=tf.zeros([0], tf.int64), element_dtype=tf.float32
        )
        return tensor, lengths

    def nothing(x):
        none = raw.TensorListFromTensor(tensor=tf.zeros([0, 3]), element_shape=[3])
        return _stack(none, [3]), raw.TensorListLength(input_handle=none), x

    def whole_numbers(x):
        values = _push(_push(_empty([], tf.int32), tf.cast(x[0], tf.int32)), 7)
        flags = _push(_empty([], tf.bool), x[0] > 0.0)
        return _stack(values, [], tf.int32), _stack(flags, [], tf.bool)

    def filled_in_loop(x):
        def body(i, values):
            return i + 1, _set(values, i, x * tf.cast(i, tf.float32) + x * x)

        _, values = tf.while_loop(lambda i, values: i < 4, body, [0, _reserved(4)])
        read = tf.while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s * 0.5 + _get(values, i, [3])), [0, x])[1]
        return tf.reduce_sum(_stack(values, [3]), 0) * read, _stack(values, [3])

    def pushed_in_loop(x):
        _, values, _last = tf.while_loop(
            lambda i, values, last: i < 3,
            lambda i, values, last: (i + 1, _push(_push(values, last), last + 1.0), last * x),
            [0, _push(_empty(), x), x],
        )
        return _stack(values, [3]), raw.TensorListLength(input_handle=values)

    def pushed_until(x):
        _, values = tf.while_loop(
            lambda s, values: s < 20.0,
            lambda s, values: (s + tf.reduce_sum(tf.abs(x)), _push(values, x * s)),
            [0.0, _empty([3])],
        )
        return _stack(values, [3]), raw.TensorListLength(input_handle=values)

    def popped_in_loop(x):
        rows = raw.TensorListFromTensor(tensor=tf.stack([x, x * 2.0, x + 3.0]), element_shape=[3])

        def body(i, values, product):
            values, last = _pop(values, [3])
            return i + 1, values, product * last

        _, rest, product = tf.while_loop(lambda i, *_: i < 2, body, [0, rows, x])
        return product, _stack(rest, [3])

    def chosen_in_branch(x):
        values = _push(_empty(), x)
        longer = tf.cond(tf.reduce_sum(x) > 0.0, lambda: _push(values, x * 2.0), lambda: _push(values, x - 1.0))
        return (_stack(longer, [3]),)

    def of_other_shapes(x):
        """Each element has another shape."""
        _, values = tf.while_loop(
            lambda i, values: i < 3, lambda i, values: (i + 1, _push(values, tf.fill([i + 1], x[0]))), [0, _empty()]
        )
        return _get(values, 0), _get(values, 2)

    for program in (set_and_stack, never_set, from_tensor, pushed, scattered):
        recorder.add(program, (X,), gradient=True)
    for program in (set_beyond, resized, joined, nothing, whole_numbers, of_other_shapes):
        recorder.add(program, (X,))
    recorder.add(set_at_computed, (X, np.int32(0)), (X, np.int32(2)))
    for program in (filled_in_loop, pushed_in_loop, popped_in_loop, chosen_in_branch):
        recorder.add(program, (X,), (-X,), gradient=True)
    recorder.add(pushed_until, (X,), (X * 2.0,))
    return recorder


def tensor_arrays() -> ProgramRecorder:
    recorder = ProgramRecorder("tensor_arrays")

    def made(size, **attrs):
        attrs = {"clear_after_read": False, "element_shape": None, **attrs}
        return raw.TensorArrayV3(size=size, dtype=tf.float32, **attrs)

    def write(handle, index, value, flow):
        return raw.TensorArrayWriteV3(handle=handle, index=index, value=value, flow_in=flow)

    def gather(handle, indices, flow, shape=None):
        return raw.TensorArrayGatherV3(
            handle=handle, indices=indices, flow_in=flow, dtype=tf.float32, element_shape=shape
        )

    def written(x):
        handle, flow = made(3)
        flow = write(handle, 0, x * 2.0, write(handle, 2, x, flow))
        flow = write(handle, 1, x * x, flow)
        read = raw.TensorArrayReadV3(handle=handle, index=2, flow_in=flow, dtype=tf.float32)
        size = raw.TensorArraySizeV3(handle=handle, flow_in=flow)
        return gather(handle, [2, 0, 1], flow), read, size

    def never_written(x):
        handle, flow = made(3, element_shape=[3])
        return (gather(handle, [0, 1, 2], write(handle, 1, x, flow), [3]),)

    def growing(x):
        handle, flow = made(0, dynamic_size=True)
        flow = write(handle, 1, x, write(handle, 0, x + 1.0, flow))
        return gather(handle, [0, 1], flow), raw.TensorArraySizeV3(handle=handle, flow_in=flow)

    def scattered(x):
        handle, flow = made(3, identical_element_shapes=True)
        flow = raw.TensorArrayScatterV3(
            handle=handle, indices=[2, 0, 1], value=tf.stack([x, x * 2.0, x * 3.0]), flow_in=flow
        )
        tensor, lengths = raw.TensorArrayConcatV3(handle=handle, flow_in=flow, dtype=tf.float32)
        return gather(handle, [0, 1, 2], flow), tensor, lengths

    def split(x):
        handle, flow = made(2)
        flow = raw.TensorArraySplitV3(handle=handle, value=x, lengths=tf.constant([2, 1], tf.int64), flow_in=flow)
        reads = [raw.TensorArrayReadV3(handle=handle, index=k, flow_in=flow, dtype=tf.float32) for k in (0, 1)]
        with tf.control_dependencies(reads):
            close = raw.TensorArrayCloseV3(handle=handle)
        with tf.control_dependencies([close]):
            return (*reads, tf.identity(x))

    recorder.add(written, (X,))
    recorder.add(never_written, (X,))
    recorder.add(growing, (X,))
    recorder.add(scattered, (X,))
    recorder.add(split, (X,))
    return recorder


def control() -> ProgramRecorder:
    recorder = ProgramRecorder("control")

    def branches(dtype):
        @functions.Defun(dtype)
        def then_branch(x):
            return x * x, tf.constant(1)

        @functions.Defun(dtype)
        def else_branch(x):
            return -x, tf.constant(0)

        return then_branch, else_branch

    def by_kind(condition, x):
        then_branch, else_branch = branches(x.dtype)
        return functional_ops.If(condition, [x], then_branch, else_branch)

    def by_text(x):
        then_branch, else_branch = branches(x.dtype)
        return [y for text in ("", "a") for y in functional_ops.If(tf.constant(text), [x], then_branch, else_branch)]

    def by_size(x):
        then_branch, else_branch = branches(x.dtype)
        return [y for part in (x[:0], x[:1] * 0.0) for y in functional_ops.If(part, [x], then_branch, else_branch)]

    def switched(index, x):
        chosen = tf.switch_case(index, [lambda: x, lambda: x * x, lambda: tf.sin(x) * x])
        random = tf.switch_case(index, [lambda: x, lambda: x * tf.random.uniform([], 1.0, 1.0 + 1e-30)])
        return chosen, random

    def called(x):
        @tf.function
        def twice(a):
            return a * 2.0, a + x

        @tf.function
        def outer(a):
            return twice(twice(a)[0])[1] * tf.random.uniform([], 1.0, 1.0 + 1e-30)

        return twice(x)[0] * twice(x)[1], outer(x)

    def newton(x):
        """The number of turns follows from what is fed."""
        a = tf.abs(x) + 1.0
        condition = lambda y: tf.reduce_max(tf.abs(y * y - a)) > 1e-3  # noqa: E731
        return tf.while_loop(condition, lambda y: ((y + a / y) * 0.5,), [a])

    def limited(x):
        condition = lambda i, y: tf.reduce_max(tf.abs(y)) < 30.0  # noqa: E731
        return tf.while_loop(condition, lambda i, y: (i + 1, y * x + y), [0, x + 0.1], maximum_iterations=6)[::-1]

    def nested(x):
        def outer(i, y):
            return i + 1, tf.while_loop(lambda j, z: j < 2, lambda j, z: (j + 1, z * x + tf.sin(y)), [0, y])[1]

        return (tf.while_loop(lambda i, y: i < 3, outer, [0, x])[1],)

    def branch_in_loop(x):
        def body(i, y):
            return i - 1, tf.cond(tf.equal(i % 2, 0), lambda: y * x, lambda: tf.cond(i > 2, lambda: y + x, lambda: -y))

        return (tf.while_loop(lambda i, y: i > 0, body, [5, x])[1],)

    def growing(x):
        def body(i, y):
            return i + 1, tf.concat([y, x[:1] * tf.cast(i, tf.float32)], 0)

        shapes = [tf.TensorShape([]), tf.TensorShape([None])]
        return (tf.while_loop(lambda i, y: i < 3, body, [0, x], shapes)[1],)

    def no_turn(x):
        return tf.while_loop(lambda i, y: i < 0, lambda i, y: (i + 1, y * 2.0), [0, x])[::-1]

    def counted_otherwise(x):
        """Other counters: down by two, up to and with the limit, both ends moved, and one in another type."""
        found = []
        for start, holds, change in (
            (7, lambda i: i > 0, lambda i: i - 2),
            (7, lambda i: i >= 1, lambda i: i - 2),
            (0, lambda i: i <= 3, lambda i: i + 2),
            (0, lambda i: tf.greater(5, i), lambda i: 2 + i),
            (tf.constant(0, tf.int64), lambda i: i < tf.shape(x, tf.int64)[0], lambda i: i + 1),
        ):
            loop = tf.while_loop(
                lambda i, y, holds=holds: holds(i), lambda i, y, change=change: (change(i), y * x), [start, x]
            )
            found.extend(loop[::-1])
        return found

    for kind in (np.bool_, np.int32, np.float32):
        recorder.add(by_kind, (kind(1), X), (kind(0), X), gradient=kind is np.bool_)
    recorder.add(by_text, (X,))
    recorder.add(by_size, (X,))
    recorder.add(switched, *((np.int32(k), X) for k in (-1, 0, 1, 2, 5)), gradient=True)
    recorder.add(called, (X,), gradient=True)
    recorder.add(newton, (X,), (X * 3.0,), gradient=True)
    recorder.add(limited, (X,), (X * 3.0,), gradient=True)
    recorder.add(growing, (X,), (X * 0.5,))
    for program in (nested, branch_in_loop, no_turn, counted_otherwise):
        recorder.add(program, (X,), (X * 0.5,), gradient=True)
    return recorder


def checks() -> ProgramRecorder:
    """What only looks at values, variables and branches."""
    recorder = ProgramRecorder("checks")

    def finite(x):
        return raw.CheckNumerics(tensor=x, message="x"), raw.CheckNumericsV2(tensor=x * 2.0, message="2x") + x

    def cased(index, x):
        @functions.Defun(x.dtype)
        def square(y):
            return y * y

        @functions.Defun(x.dtype)
        def minus(y):
            return -y

        return (raw.Case(branch_index=index, input=[x], Tout=[x.dtype], branches=[square, minus], output_shapes=[]),)

    def shaped(x):
        handle = raw.VarHandleOp(dtype=x.dtype, shape=x.shape)
        with tf.control_dependencies([raw.AssignVariableOp(resource=handle, value=x)]):
            return (raw.VariableShape(input=handle), raw.VariableShape(input=handle, out_type=tf.int64))

    def initialized(x):
        variable = v1.Variable(x, use_resource=False)
        return (raw.IsVariableInitialized(ref=variable._variable),)

    recorder.add(finite, (X,), (X * 0.5,), gradient=True)
    recorder.add(finite, (X[:0],))
    recorder.add(cased, (np.int32(0), X), (np.int32(1), X), (np.int32(9), X), gradient=True)
    recorder.add(shaped, (X,))
    recorder.add(initialized, (X,))
    return recorder
