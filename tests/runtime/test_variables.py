"""Variables are read as they were before the run, unless a dependency orders the read behind a write."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ops
from framework.errors import FailedPreconditionError, GraphError
from framework.graph import Body, Graph, Tensor, TensorSpec, as_dtype
from framework.graph.resources import Handle, variable_of
from framework.runtime.lower import Lowering
from framework.runtime.program import get_program
from framework.runtime.session import Session
from framework.runtime.variables import Variables, effects


@pytest.fixture
def graph():
    with Graph().as_default() as graph:
        yield graph


def handle(name: str = "w", shape=(), dtype: str = "float32", **attrs) -> Tensor:
    graph = ops.placeholder("float32").graph
    return graph.add("VarHandleOp", attrs={"dtype": dtype, "shape": shape, **attrs}, name=name).outputs[0]


def read(resource: Tensor) -> Tensor:
    return ops.read_variable_op(resource, dtype="float32")


def after(*operations):
    return operations[0].graph.control_dependencies(operations)


def started(graph: Graph, **values: float) -> Session:
    return Session(graph, state={name: np.float32(value) for name, value in values.items()})


# -- what a read sees -----------------------------------------------------------------------------------------------


def test_a_read_sees_the_value_before_the_run_unless_it_is_ordered(graph):
    w = handle()
    early = read(w)
    write = ops.assign_variable_op(w, early + 1.0)
    unordered = read(w)
    with after(write):
        late = read(w)
    session = started(graph, w=1)
    assert session.run([early, unordered, late, write]) == [1.0, 1.0, 2.0, None]
    assert session.run([late, early]) == [3.0, 2.0]  # each run writes once
    assert session.run(early) == 3.0


def test_a_read_behind_a_write_behind_others_sees_it(graph):
    w = handle()
    with after(ops.assign_variable_op(w, 5.0)):
        middle = ops.no_op()
    with after(middle):
        late = read(ops.identity(w))
    assert started(graph).run(late) == 5.0


def test_data_orders_a_reference_too(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    new = ops.assign(w, 7.0)
    assert started(graph, w=2).run(new + w) == 14.0  # Add runs behind Assign, and reads `w` then


def test_writes_in_the_order_of_control_dependencies(graph):
    w = handle()
    first = ops.assign_variable_op(w, 3.0)
    with after(first):
        second = ops.assign_add_variable_op(w, 4.0)
    with after(second):
        between = read(w)
    with after(between):
        third = ops.assign_sub_variable_op(w, 1.0)
    with after(third):
        last = read(w)
    session = started(graph)
    assert session.run([last, between]) == [6.0, 7.0]
    assert session.state["w"] == 6.0


def test_changes_that_nothing_orders_all_count(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    added = [ops.assign_add(w, float(k)) for k in (1, 2, 3)]
    session = started(graph, w=10)
    assert session.run(added) == [11.0, 13.0, 16.0]
    assert session.state["w"] == 16.0


def test_the_last_added_of_two_writes_that_nothing_orders_stays(graph):
    w = handle()
    one, two = ops.assign_variable_op(w, 1.0), ops.assign_variable_op(w, 2.0)
    session = started(graph)
    session.run([two, one])
    assert session.state["w"] == 2.0


def test_the_output_of_a_write_is_what_it_wrote(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    first = ops.assign(w, 1.0)
    second = ops.assign_add(first, 1.0)  # by the reference that the first returned
    third = ops.assign_sub(second, 5.0)
    session = started(graph)
    assert session.run([first, second, third]) == [1.0, 2.0, -3.0]
    assert session.state["w"] == -3.0


def test_a_write_runs_once_however_often_it_is_fetched(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    more = ops.assign_add(w, 1.0)
    assert started(graph, w=0).run([more, more.op, more * 2.0]) == [1.0, None, 2.0]


def test_variables_of_one_shared_name_are_one(graph):
    one, two = handle("a", shared_name="both"), handle("b", shared_name="both")
    reference = graph.add("VariableV2", attrs={"dtype": "float32", "shape": (), "shared_name": "both"}).outputs[0]
    session = Session(graph)
    session.run(ops.assign_variable_op(one, 4.0))
    assert session.run([read(two), ops.identity(reference)]) == [4.0, 4.0]
    assert list(session.state) == ["both"]


def test_a_reference_may_take_another_shape_where_it_says_so(graph):
    w = ops.variable(shape=None, dtype="float32", name="w")
    size = ops.placeholder("int32", [1], name="size")
    write = ops.assign(w, ops.fill(size, 2.0), validate_shape=False)
    session = Session(graph)
    for count in (2, 5):
        session.run(write.op, {size: [count]})
        assert session.run(w).tolist() == [2.0] * count
        assert session.run(ops.assign_add(w, 1.0)).tolist() == [3.0] * count


def test_rows_are_read_and_changed(graph):
    w = handle(shape=(3, 2))
    session = Session(graph, state={"w": np.float32([[1, 2], [3, 4], [5, 6]])})
    change = ops.resource_scatter_add(w, [0, 0, 7, -1], np.float32([[1, 1], [1, 1], [9, 9], [9, 9]]))
    with after(change):
        rows = ops.resource_gather(w, [0, 2, 9], dtype="float32")
    assert session.run(rows).tolist() == [[3, 4], [5, 6], [0, 0]]
    assert session.run(ops.variable_shape(w)).tolist() == [3, 2]


# -- whether there is a value ---------------------------------------------------------------------------------------


def test_whether_a_variable_has_a_value_is_asked_without_one(graph):
    w, v = handle(), ops.variable(shape=(2,), dtype="float32", name="v")
    asked = [ops.var_is_initialized_op(w), ops.is_variable_initialized(v)]
    first, second = ops.assign_variable_op(w, 1.0), ops.assign(v, [1.0, 2.0]).op
    session = Session(graph)
    assert [bool(x) for x in session.run(asked)] == [False, False]
    session.run(first)
    assert [bool(x) for x in session.run(asked)] == [True, False]
    session.run(second)
    assert [bool(x) for x in session.run(asked)] == [True, True]
    program = get_program(graph, [tensor.name for tensor in asked], [], [])
    assert program.compilations == 1  # the answer is a value of the run, not a part of the program
    assert program.analyse().bytes > 0


def test_a_question_behind_a_write_is_answered_by_it(graph):
    w = handle()
    with after(ops.assign_variable_op(w, 1.0)):
        assert Session(graph).run(ops.var_is_initialized_op(w))


@pytest.mark.parametrize("change", [read, lambda w: ops.assign_add_variable_op(w, 1.0), ops.variable_shape])
def test_a_variable_without_a_value_is_named(graph, change):
    with pytest.raises(FailedPreconditionError, match="'w' has no value yet"):
        Session(graph).run(change(handle()))


def test_a_value_that_is_replaced_first_is_not_needed(graph):
    w = ops.variable(shape=(), dtype="float32", name="w")
    with after(ops.assign(w, 2.0)):
        twice = ops.assign_add(w, w)
    assert Session(graph).run(twice) == 4.0


# -- handles in functions -------------------------------------------------------------------------------------------


def body_that(*changes: str) -> Body:
    """A function of a handle and a number: reads the variable, then changes it by the number."""
    with Graph().as_default() as graph:
        w = graph.add("Placeholder", attrs={"dtype": "resource", "shape": ()}, name="w").outputs[0]
        x = ops.placeholder("float32", (), name="x")
        before = read(ops.identity(w))
        for change in changes:
            with after(before):
                graph.add(change, [w, x], {"dtype": "float32"})
    return Body(graph, (w.name, x.name), (before.name, w.name))


def called(graph: Graph, resource: Tensor, body: Body):
    graph.library["f"] = body
    attrs = {"f": "f", "Tin": ["resource", "float32"], "Tout": ["float32", "resource"]}
    return graph.add("PartitionedCall", [resource, ops.constant(1.0)], attrs)


def test_what_a_function_writes_its_node_writes(graph):
    w = handle()
    node = called(graph, ops.identity(w), body_that("AssignAddVariableOp")).node
    variables = Variables(graph, list(graph), [])
    assert (set(variables.read), set(variables.written)) == ({"w"}, {"w"})
    assert variables.read["w"].dtype.name == "float32"
    with after(graph.operation(node.name)):
        late = read(w)
    assert Variables(graph, list(graph), []).is_ordered_behind_write(late.op.node, "w")
    assert not variables.is_ordered_behind_write(node, "w")


def test_what_a_function_only_reads_is_not_written(graph):
    called(graph, handle(), body_that())
    variables = Variables(graph, list(graph), [])
    assert (set(variables.read), set(variables.written)) == ({"w"}, set())


def test_a_function_that_calls_itself_is_looked_at_once(graph):
    body = body_that("AssignVariableOp")
    body.graph.library["f"] = body
    with body.graph.as_default():
        called(body.graph, body.graph.tensor("w"), body)
    called(graph, handle(), body)
    assert set(Variables(graph, list(graph), []).written) == {"w"}


def test_a_handle_is_followed_to_its_variable(graph):
    w = handle(shared_name="shared")
    through = called(graph, ops.identity(w), body_that())
    assert variable_of(graph, through.outputs[1].name) == "shared"
    assert variable_of(graph, through.outputs[0].name) is None
    assert variable_of(graph, read(w).name) is None
    v = ops.variable(shape=(), dtype="float32", name="v")
    assert variable_of(graph, ops.assign_add(ops.assign(v, 1.0), 1.0).name) == "v"
    unknown = graph.add("Placeholder", attrs={"dtype": "resource", "shape": ()}).outputs[0]
    assert variable_of(graph, unknown.name) is None


def test_following_a_handle_ends_in_any_graph(graph):
    """Each function calls the next one twice, one after another, which makes 2^40 ways; the last calls the first."""
    attrs = {"Tin": ["resource"], "Tout": ["resource"]}

    def body(following: str) -> Body:
        with Graph().as_default() as inner:
            inner.library = graph.library
            w = inner.add("Placeholder", attrs={"dtype": "resource", "shape": ()}, name="w").outputs[0]
            once = inner.add("PartitionedCall", [w], {"f": following, **attrs}).outputs[0]
            twice = inner.add("PartitionedCall", [once], {"f": following, **attrs}).outputs[0]
        return Body(inner, (w.name,), (twice.name,))

    def last() -> Body:
        with Graph().as_default() as inner:
            w = inner.add("Placeholder", attrs={"dtype": "resource", "shape": ()}, name="w").outputs[0]
        return Body(inner, (w.name,), (ops.identity(w).name,))

    for number in reversed(range(40)):
        graph.library[f"f{number}"] = last() if number == 39 else body(f"f{number + 1}")
    w = handle()
    call = graph.add("PartitionedCall", [w], {"f": "f0", **attrs}).outputs[0]
    assert variable_of(graph, call.name) == "w"
    graph.library["f39"] = body("f0")
    assert variable_of(graph, call.name) is None
    for _ in range(3000):
        w = ops.identity(w)
    assert variable_of(graph, w.name) == "w"


def test_the_effects_of_a_function_are_its_writes():
    body = body_that("AssignAddVariableOp", "AssignVariableOp")
    handles = {"w:0": Handle("w", TensorSpec(as_dtype("float32"), ()))}
    assert effects(body.graph, handles) == ["AssignAddVariableOp", "AssignVariableOp"]


def test_a_handle_that_stands_for_no_known_variable_is_named(graph):
    unknown = graph.add("Placeholder", attrs={"dtype": "resource", "shape": ()}, name="p").outputs[0]
    value = read(unknown)
    assert value.shape is None
    write = ops.assign_variable_op(unknown, 1.0)
    with pytest.raises(GraphError, match=r"'p:0'.*before the run"):
        Lowering(graph, [], [write.name], ["p:0"], "cpu")({}, {"p:0": np.float32(0)}, np.int32(0))


def function(*inputs: tuple[str, str], build) -> Body:
    """A function of arguments `(name, dtype)`, whose outputs `build` makes of them."""
    with Graph().as_default() as graph:
        arguments = [
            graph.add("Placeholder", attrs={"dtype": dtype, "shape": ()}, name=name).outputs[0]
            for name, dtype in inputs
        ]
        outputs = build(graph, *arguments)
    return Body(graph, tuple(x.name for x in arguments), tuple(x.name for x in outputs))


def adding(amount: float):
    """Adds a number to a variable, and gives the value that it has then."""

    def build(graph: Graph, w: Tensor) -> list[Tensor]:
        with after(ops.assign_add_variable_op(w, amount)):
            return [read(w)]

    return function(("w", "resource"), build=build)


def test_the_branch_that_is_taken_writes(graph):
    w, condition = handle(), ops.placeholder("bool", (), name="condition")
    graph.library.update(one=adding(1.0), ten=adding(10.0))
    attrs = {
        "Tcond": "bool", "Tin": ["resource"], "Tout": ["float32"], "then_branch": "ten", "else_branch": "one",
        "output_shapes": [()],
    }  # fmt: skip
    branch = graph.add("If", [condition, w], attrs)
    with after(branch):
        late = read(w)
    session = started(graph, w=0)
    assert session.run([branch.outputs[0], late, read(w)], {condition: True}) == [10.0, 10.0, 0.0]
    assert session.run([branch.outputs[0], late], {condition: False}) == [11.0, 11.0]


def test_each_turn_of_a_loop_writes(graph):
    w = handle()
    arguments = (("k", "int32"), ("w", "resource"))

    def turn(graph: Graph, k: Tensor, w: Tensor) -> list[Tensor]:
        current = read(w)
        ops.assign_variable_op(w, current * 2.0)
        return [k + 1, w]

    graph.library["turn"] = function(*arguments, build=turn)
    graph.library["goes_on"] = function(*arguments, build=lambda graph, k, w: [ops.less(k, 5)])
    attrs = {"T": ["int32", "resource"], "cond": "goes_on", "body": "turn", "output_shapes": [(), ()]}
    loop = graph.add("While", [ops.constant(0), w], attrs)
    with after(loop):
        late = read(loop.outputs[1])
    session = started(graph, w=1)
    assert session.run([loop.outputs[0], late]) == [5, 32.0]
    assert session.state["w"] == 32.0


def test_a_function_calls_a_function_that_writes(graph):
    w = handle()
    inner = adding(1.0)

    def build(body: Graph, w: Tensor) -> list[Tensor]:
        body.library["inner"] = inner
        attrs = {"f": "inner", "Tin": ["resource"], "Tout": ["float32"]}
        first = body.add("StatefulPartitionedCall", [w], attrs)
        with after(first):
            second = body.add("StatefulPartitionedCall", [w], attrs)
        return [first.outputs[0], second.outputs[0]]

    graph.library.update(outer=function(("w", "resource"), build=build), inner=inner)
    attrs = {"f": "outer", "Tin": ["resource"], "Tout": ["float32", "float32"]}
    call = graph.add("StatefulPartitionedCall", [w], attrs)
    session = started(graph, w=5)
    assert session.run(list(call.outputs)) == [6.0, 7.0]
    assert session.state["w"] == 7.0


def test_a_function_that_replaces_a_value_needs_none(graph):
    w = handle()

    def build(body: Graph, w: Tensor) -> list[Tensor]:
        with after(ops.assign_variable_op(w, 4.0)):
            return [read(w)]

    graph.library["first"] = function(("w", "resource"), build=build)
    call = graph.add("StatefulPartitionedCall", [w], {"f": "first", "Tin": ["resource"], "Tout": ["float32"]})
    with after(call):
        late = ops.assign_add_variable_op(w, 1.0)
    session = Session(graph)
    assert session.run([call.outputs[0], late]) == [4.0, None]
    assert session.state["w"] == 5.0


# -- shapes and types -----------------------------------------------------------------------------------------------


def test_a_handle_knows_what_its_variable_holds(graph):
    w = handle(shape=(None, 3))
    assert read(ops.identity(w)).shape == (None, 3)
    assert ops.resource_gather(w, np.zeros((2, 4), np.int32), dtype="float32").shape == (2, 4, 3)
    assert ops.variable_shape(w).shape == (2,)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda w: ops.assign_variable_op(w, [1.0, 2.0]), [r"[3, 2]", "'value'", "[2]"]),
        (lambda w: ops.assign_add_variable_op(w, np.zeros((3, 3), np.float32)), ["[3, 2]", "[3, 3]"]),
        (lambda w: ops.read_variable_op(w, dtype="int32"), ["'w'", "float32", "int32"]),
        (lambda w: ops.read_variable_op(ops.constant(1.0), dtype="float32"), ["'resource'", "float32"]),
        (lambda w: ops.resource_scatter_add(w, [0], np.zeros((1, 3), np.float32)), ["[1, 2]", "[1, 3]"]),
        (lambda w: ops.resource_gather(w, [0], dtype="float32", batch_dims=2), ["batch_dims", "2", "[3, 2]"]),
        (lambda w: ops.resource_apply_gradient_descent(w, 0.1, [1.0]), ["[3, 2]", "'delta'", "[1]"]),
        (lambda w: ops.resource_apply_gradient_descent(w, [0.1], np.zeros((3, 2), np.float32)), ["'alpha'", "rank 0"]),
        (
            lambda w: ops.resource_apply_momentum(w, handle("slot", (2,)), 0.1, np.zeros((3, 2), np.float32), 0.9),
            ["'accum'", "[2]", "'var'", "[3, 2]"],
        ),
    ],
)
def test_what_a_variable_cannot_be_is_refused(graph, build, said):
    with pytest.raises(GraphError) as error:
        build(handle(shape=(3, 2)))
    for text in said:
        assert text in str(error.value)
