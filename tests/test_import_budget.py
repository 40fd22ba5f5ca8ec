"""What each command may import before it answers: heavy libraries only where they are used, and modules by number.

Numbers of modules do not depend on how busy a machine is; the time of a start follows from them.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from framework.config.loader import ROOT

_HEAVY = {
    "jax", "optax", "matplotlib", "tensorboard", "google", "sklearn", "scipy", "pandas", "pyarrow", "PIL", "rich",
    "typer", "tensorflow", "torch", "keras", "ssl", "urllib.request", "filelock", "safetensors", "datasets",
}  # fmt: skip
_TRAINS = {"jax", "optax", "tensorboard", "google", "PIL", "rich", "filelock", "safetensors", "ssl"}  # ssl by asyncio
# A command -> what of the heavy it may import, and how many modules in all: a tenth more than it did when this was
# written, with the versions of libraries that there were.
BUDGETS: dict[tuple[str, ...], tuple[set[str], int]] = {
    ("-c", "import framework"): (set(), 100),
    ("train.py", "--help"): (set(), 790),
    ("train.py", "--cfg", "job"): (set(), 810),
    ("train.py", "optimizer.learning_rte=0.1", "model.layers.fc.units=0"): (set(), 810),
    ("-m", "framework", "plan", "model=mlp"): ({"typer"}, 850),
    ("-m", "framework", "list", "layers"): ({"typer"}, 850),
    ("-m", "framework", "describe", "conv2d"): ({"typer"}, 850),
    ("-c", "import train; import framework.train.run"): (_TRAINS, 1750),
}
# Runs a command as Python would, and writes at its end which modules there are.
_WATCHED = """
import atexit, json, runpy, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
sys.argv = sys.argv[1:]
if sys.argv[0] == "-c":
    exec(sys.argv[1])
elif sys.argv[0] == "-m":
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("command", BUDGETS, ids=" ".join)
def test_a_command_imports_no_more_than_it_needs(command: tuple[str, ...]):
    allowed, most = BUDGETS[command]
    done = subprocess.run([sys.executable, "-c", _WATCHED, *command], cwd=ROOT, capture_output=True, text=True)
    modules = set(json.loads(done.stderr.splitlines()[-1]))
    assert modules & _HEAVY <= allowed
    assert len(modules) <= most
