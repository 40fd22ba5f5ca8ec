"""What `import framework as fw` offers."""

from __future__ import annotations

import subprocess
import sys

import pytest

import framework as fw


def test_importing_the_package_costs_nothing():
    program = (
        "import sys, framework as fw; before = len([m for m in sys.modules if m.startswith('framework')]); "
        "fw.Graph, fw.load_graph, fw.save_graph, fw.import_graph_def, fw.register_op, fw.simplify; "
        "print(before, 'jax' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "1 False\n"


@pytest.mark.parametrize("name", fw.__all__)
def test_every_name_is_there(name: str):
    assert getattr(fw, name) is not None
    assert getattr(fw, name).__doc__


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'Sesion'"):
        fw.Sesion  # noqa: B018


def test_a_graph_runs():
    from framework import ops

    with fw.Graph().as_default() as graph:
        ops.add(1, 2, name="three")
    assert fw.Session(graph).run("three:0") == 3
    assert fw.eager.call("AddV2", 1, 2) == 3
