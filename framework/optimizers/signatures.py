"""optax's signatures, read from its source: importing optax would import JAX, which checking a configuration must not.

The annotations say what each argument is: `ArrayLike`, `ScalarOrSchedule` and `float` are numbers that may be traced,
so they enter the program at run time; bool, int, str and types decide what program it is; masks and functions cannot
be said in YAML.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

Sort = Literal["number", "integer", "flag", "text", "dtype", "steps", "mapping"]
REQUIRED = object()  # the default of an argument that has none


@dataclass(frozen=True)
class Argument:
    """One argument of an optax function.

    sort: what it takes. default: REQUIRED for none. is_optional: whether None may be given. doc: its first sentence.
    """

    name: str
    sort: Sort
    default: Any
    is_optional: bool
    doc: str


@dataclass(frozen=True)
class Signature:
    """What an optax function takes, and the first sentence of its text."""

    name: str
    arguments: tuple[Argument, ...]
    doc: str


@cache
def exported(module: str) -> tuple[str, ...]:
    """The functions that optax exports from one of its modules, such as `_src.alias`."""
    text = _read("__init__.py")
    names = re.findall(rf"^from optax\.{re.escape(module)} import (\w+)$", text, re.MULTILINE)
    return tuple(name for name in names if name.islower())


@cache
def signature(file: str, name: str) -> Signature:
    """The signature of a function in a file of optax, such as (`_src/alias.py`, `adam`).

    A name that is `functools.partial(other, flag=...)` has the signature of the other. Raises LookupError when the
    file does not define it.
    """
    text = _read(file)
    partial = re.search(rf"^{name} = functools\.partial\((\w+), (\w+)=(\w+)\)", text, re.MULTILINE)
    if partial:
        base, flag, doc = signature(file, partial[1]), partial[2], _assigned_doc(text, name)
        arguments = tuple(a for a in base.arguments if a.name != flag)
        return Signature(name, arguments, doc or base.doc)
    match = re.search(rf"^def {name}\(.*?(?=^\S(?!->)|\Z)", text, re.MULTILINE | re.DOTALL)
    if match is None:
        raise LookupError(f"optax's {file} defines no '{name}'; this version of optax is not supported")
    # The head ends before the closing parenthesis in the first column; what follows it is the body.
    end = re.compile(r"^(?=def |class |@|\w+ = )", re.MULTILINE).search(text, match.end())
    function = ast.parse(text[match.start() : end.start() if end else len(text)]).body[0]
    if not isinstance(function, ast.FunctionDef):
        raise LookupError(f"optax's {file} does not define '{name}' as a function")
    doc = ast.get_docstring(function) or ""
    sentences = _argument_docs(doc)
    arguments = tuple(a for a in (_argument(*pair, sentences) for pair in _pairs(function)) if a is not None)
    return Signature(name, arguments, doc.split("\n\n")[0].replace("\n", " "))


@cache
def _read(file: str) -> str:
    spec = find_spec("optax")
    if spec is None or spec.origin is None:
        raise LookupError("optax is not installed; pip install optax")
    return Path(spec.origin).parent.joinpath(file).read_text(encoding="utf-8")


def _pairs(function: ast.FunctionDef) -> list[tuple[ast.arg, ast.expr | None]]:
    """Every argument with its default."""
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(positional) - len(given.defaults)) + list(given.defaults)
    return [*zip(positional, defaults, strict=True), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]


# What an annotation holds -> what the argument takes; the first that is found counts.
_SORTS: tuple[tuple[str, Sort | None], ...] = (
    ("Mask", None),
    ("Callable", None),
    ("Gradient", None),
    ("dict[int", "mapping"),
    ("DType", "dtype"),
    ("Any", "dtype"),
    ("bool", "flag"),
    ("str", "text"),
    ("ArrayLike", "number"),
    ("ScalarOrSchedule", "number"),
    ("float", "number"),
    ("int", "integer"),
)


def _argument(node: ast.arg, default: ast.expr | None, docs: dict[str, str]) -> Argument | None:
    annotation = ast.unparse(node.annotation) if node.annotation else ""
    sort = next((sort for word, sort in _SORTS if word in annotation), None)
    if sort is None:
        return None
    if sort == "integer" and ("steps" in node.arg or node.arg == "transition_begin"):
        sort = "steps"
    is_optional = "Optional" in annotation or "None" in annotation
    return Argument(node.arg, sort, _default(default), is_optional, docs.get(node.arg, ""))


def _default(node: ast.expr | None) -> Any:
    if node is None:
        return REQUIRED
    if isinstance(node, ast.Attribute):
        return node.attr  # jnp.float32
    return ast.literal_eval(node)


def _argument_docs(doc: str) -> dict[str, str]:
    """Argument -> the first sentence that the section Args says of it."""
    section = doc.partition("Args:\n")[2].partition("\n\n")[0]
    entries = re.findall(r"^  (\w+): (.*?)(?=^  \w+:|\Z)", section, re.MULTILINE | re.DOTALL)
    return {name: re.split(r"(?<=[a-z)])[.;](?:\s|$)", " ".join(text.split()))[0].rstrip(".") for name, text in entries}


def _assigned_doc(text: str, name: str) -> str:
    match = re.search(rf'^{name}\.__doc__ = \(?\s*r?"""(.*?)\n', text, re.MULTILINE)
    return match[1] if match else ""
