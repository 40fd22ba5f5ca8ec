"""Functions written for any type, and nodes that call a function by its name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from google.protobuf import text_format

import framework.ops  # noqa: F401  the declarations
from framework.errors import GraphError
from framework.graph import Graph
from framework.graph.graphdef.importing import import_graph_def
from framework.graph.graphdef.proto import GraphDef
from framework.runtime.session import Session

# Twice is written for any type; Quadruple calls it by its name, and so does the graph.
TEXT = """
node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
node { name: "k" op: "Placeholder" attr { key: "dtype" value { type: DT_INT32 } } }
node { name: "x4" op: "Quadruple" input: "x" attr { key: "T" value { type: DT_FLOAT } } }
node { name: "k4" op: "Quadruple" input: "k" attr { key: "T" value { type: DT_INT32 } } }
node { name: "x2" op: "PartitionedCall" input: "x"
       attr { key: "f" value { func { name: "Twice" attr { key: "T" value { type: DT_FLOAT } } } } }
       attr { key: "Tin" value { list { type: DT_FLOAT } } } attr { key: "Tout" value { list { type: DT_FLOAT } } } }
library {
  function {
    signature { name: "Quadruple" input_arg { name: "a" type_attr: "T" } output_arg { name: "r" type_attr: "T" }
                attr { name: "T" type: "type" } }
    node_def { name: "once" op: "Twice" input: "a" attr { key: "T" value { placeholder: "T" } } }
    node_def { name: "again" op: "Twice" input: "once:y:0" attr { key: "T" value { placeholder: "T" } } }
    ret { key: "r" value: "again:y:0" }
  }
  function {
    signature { name: "Twice" input_arg { name: "x" type_attr: "T" } output_arg { name: "y" type_attr: "T" }
                attr { name: "T" type: "type" } }
    node_def { name: "sum" op: "AddV2" input: "x" input: "x" attr { key: "T" value { placeholder: "T" } } }
    ret { key: "y" value: "sum:z:0" }
  }
}
"""


def message() -> Any:
    return text_format.Parse(TEXT, GraphDef())


def test_every_type_gets_its_function():
    graph = Graph()
    import_graph_def(message(), "", graph=graph)
    assert len(graph.library) == 4  # two functions for two types
    assert [repr(graph.spec(f"{name}:0").dtype) for name in ("x4", "k4", "x2")] == ["float32", "int32", "float32"]
    found = Session(graph).run(["x4:0", "k4:0", "x2:0"], {"x:0": np.float32(1.5), "k:0": np.int32(3)})
    assert [value.item() for value in found] == [6.0, 12, 3.0]


def test_what_is_written_is_a_fixed_point():
    graph, again = Graph(), Graph()
    import_graph_def(message(), "", graph=graph)
    import_graph_def(graph.as_graph_def(), "", graph=again)
    assert again.as_graph_def() == graph.as_graph_def()


def test_a_use_that_does_not_say_the_type_is_refused():
    wrong = message()
    del wrong.node[2].attr["T"]
    with pytest.raises(GraphError, match="a use of function 'Quadruple' does not say its T"):
        import_graph_def(wrong, "", graph=Graph())


def test_templates_that_call_themselves_are_refused():
    wrong = message()
    wrong.library.function[1].node_def[0].op = "Twice"
    del wrong.library.function[1].node_def[0].input[1:]
    with pytest.raises(GraphError, match="functions call each other in a circle"):
        import_graph_def(wrong, "", graph=Graph())
