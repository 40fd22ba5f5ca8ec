"""Which of several kernels is chosen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError
from framework.graph import OPS, Graph, register_op
from framework.graph.opdef import Call, lookup
from framework.kernels import KERNELS, find_kernel, register_kernel
from framework.runtime.choice import choices, count
from framework.runtime.program import get_program


def is_even(call: Call) -> bool:
    return bool(call.shapes[0]) and call.shapes[0][-1] is not None and call.shapes[0][-1] % 2 == 0


@pytest.fixture(autouse=True)
def which() -> Iterator[None]:
    """An op with four kernels, each of which gives another number."""
    register_op("Which", inputs="x: float", outputs="y: float", shape=lambda call: [call.shapes[0]], doc="-")
    register_kernel("Which", slow_in_loop=["cpu"])(lambda attrs, x: x * 0 + 1)
    register_kernel("Which", "cpu", name="own")(lambda attrs, x: x * 0 + 2)
    register_kernel("Which", "cpu", name="even", accepts=is_even)(lambda attrs, x: x * 0 + 3)
    register_kernel("Which", name="preferred", accepts=lambda call: call.shapes[0] == (4,), preference=1)(
        lambda attrs, x: x * 0 + 4
    )
    yield
    del OPS._entries["Which"], KERNELS["Which"]


def chosen(size: int | None, platform: str = "cpu", **kept: list[str]) -> str | None:
    call = Call(lookup("Which"), "node", {}, [(size,)], [], [None])
    found = find_kernel("Which", platform, call, kept)
    return found and found.name


def test_the_preferred_comes_first_then_what_was_made_for_the_platform_and_the_call():
    assert [chosen(size) for size in (4, 6, 5, None)] == ["preferred", "even", "own", "own"]
    assert [chosen(size, "tpu") for size in (4, 6, 5)] == ["preferred", "xla", "xla"]


def test_without_a_call_it_is_one_that_computes_every_call():
    assert [found and found.name for found in (find_kernel("Which", p) for p in ("cpu", "cuda"))] == ["own", "xla"]
    assert find_kernel("Nothing", "cpu") is None


def test_what_a_run_began_with_is_kept_where_it_can_compute_the_call():
    assert chosen(4, Which=["even", "xla"]) == "even"
    assert chosen(5, Which=["even", "xla"]) == "xla"
    assert chosen(4, Which=["gone"]) == "preferred"
    assert chosen(4, Other=["xla"]) == "preferred"


def test_a_program_chooses_by_the_shapes_that_it_is_given_and_the_graph_by_those_it_declares():
    with Graph().as_default() as graph:
        x = ops.placeholder("float32", [None], name="x")
        y = graph.add("Which", [x]).outputs[0]
    program = get_program(graph, [y.name], [], ["x:0"], "cpu")
    values = [program.run({}, {"x:0": np.zeros(size, np.float32)}, 0)[0][0][0] for size in (4, 6, 5)]
    assert values == [4, 3, 2]
    assert count(list(choices(graph, "cpu")), "cpu") == {"Which": {"own": 1}}
    assert count(list(choices(graph, "cpu", {"Which": ["xla"]})), "cpu") == {"Which": {"xla": 1}}
    kept = get_program(graph, [y.name], [], ["x:0"], "cpu", kept={"Which": ["xla"]})
    assert kept is not program
    assert kept.run({}, {"x:0": np.zeros(4, np.float32)}, 0)[0][0][0] == 1


def test_a_kernel_says_where_it_is_slow():
    with Graph().as_default() as graph:
        graph.add("Which", [ops.placeholder("float32", [3])])
    found = {kernel.name: kernel.slow_in_loop for op, kernel in choices(graph, "cuda") if op == "Which"}
    assert found == {"xla": ("cpu",)}


def test_mistakes_name_the_platforms_and_the_kernel_that_is_there():
    with pytest.raises(ValueError, match="no platform 'gpu'; a kernel is for cpu, cuda, tpu or for every one"):
        register_kernel("Which", "gpu")

    def other(attrs, x):
        return x

    with pytest.raises(ValueError, match="op 'Which' has a kernel 'own' for cpu already"):
        register_kernel("Which", "cpu", name="own")(other)


def test_an_op_without_a_kernel_here_names_where_it_has_one():
    register_op("Elsewhere", inputs="x: float", outputs="y: float", shape=lambda call: [call.shapes[0]], doc="-")
    register_kernel("Elsewhere", "tpu")(lambda attrs, x: x)
    try:
        with Graph().as_default() as graph:
            y = graph.add("Elsewhere", [ops.placeholder("float32", [3], name="x")]).outputs[0]
        with pytest.raises(GraphError, match=r"Elsewhere \(1 node; it has one for tpu\)"):
            get_program(graph, [y.name], [], ["x:0"], "cpu")
    finally:
        del OPS._entries["Elsewhere"], KERNELS["Elsewhere"]
