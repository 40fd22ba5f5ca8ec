"""optax's signatures, read from its source: importing optax would import JAX, which checking a configuration must not.

The annotations say what each argument is: `ArrayLike`, `ScalarOrSchedule` and `float` are numbers that may be traced,
so they enter the program at run time; bool, int, str and types decide what program it is; masks and functions cannot
be said in YAML, and are left out.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from inspect import cleandoc
from pathlib import Path
from typing import Any, Literal

from framework.errors import ConfigError, Mistake

Sort = Literal["number", "integer", "flag", "text", "dtype", "steps", "step_scales"]
REQUIRED = object()  # the default of an argument that has none
_SUPPORTED = "optax>=0.2.8,<0.3"


@dataclass(frozen=True)
class Argument:
    """One argument of an optax function.

    sort: what it takes. default: REQUIRED for none. is_optional: whether None may be given. doc: what optax says of it,
    in one sentence. choices: the texts that it may be, where optax lists them.
    """

    name: str
    sort: Sort
    default: Any
    is_optional: bool
    doc: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Signature:
    """What an optax function takes, and the first sentence of its text."""

    name: str
    arguments: tuple[Argument, ...]
    doc: str


@cache
def exported(file: str, module: str) -> tuple[str, ...]:
    """The functions that a file of optax imports from a module, such as (`__init__.py`, `optax._src.alias`)."""
    found = re.findall(rf"^from {re.escape(module)} import (\w+)$", _read(file), re.MULTILINE)
    names = tuple(name for name in found if name.islower())
    if not names:
        raise _unreadable(f"its {file} imports nothing from {module}")
    return names


@cache
def signature(file: str, name: str) -> Signature:
    """The signature of a function in a file of optax, such as (`_src/alias.py`, `adam`).

    A name that is `functools.partial(other, flag=...)` has the signature of the other, without the flag. Raises
    ConfigError when the file of the installed optax defines no such function, or one that cannot be understood.
    """
    text = _read(file)
    partial = re.search(rf"^{name} = functools\.partial\((\w+), (\w+)=\w+\)", text, re.MULTILINE)
    if partial:
        base = signature(file, partial[1])
        doc = re.search(rf'^{name}\.__doc__ = \(?\s*r?"""(.*?)\n', text, re.MULTILINE)
        return Signature(
            name, tuple(a for a in base.arguments if a.name != partial[2]), _plain(doc[1]) if doc else base.doc
        )
    function = _function(file, name)
    doc = ast.get_docstring(function) or ""
    said = _argument_docs(doc)
    arguments = (_argument(file, name, *pair, said) for pair in _pairs(function))
    return Signature(name, tuple(a for a in arguments if a is not None), _plain(doc.split("\n\n")[0]))


@cache
def _read(file: str) -> str:
    spec = find_spec("optax")
    if spec is None or spec.origin is None:
        message = f"optax is not installed; pip install '{_SUPPORTED}'"
        raise ConfigError([Mistake((), message, place="optax")])
    path = Path(spec.origin).parent / file
    if not path.is_file():
        raise _unreadable(f"it has no file {file}")
    return path.read_text(encoding="utf-8")


def _unreadable(reason: str) -> ConfigError:
    message = f"the signatures of the installed optax cannot be read: {reason}"
    return ConfigError([Mistake((), message, f"pip install '{_SUPPORTED}'", place="optax")])


def _function(file: str, name: str) -> ast.FunctionDef:
    """The definition of a function at the top of a file; only its own lines are parsed, which is ten times faster."""
    # Its lines are indented, empty, or the parenthesis that closes its head.
    lines = re.search(rf"^def {name}\(.*\n(?:(?:[ \t)].*)?\n)*", _read(file), re.MULTILINE)
    if lines is None:
        raise _unreadable(f"its {file} defines no '{name}'")
    try:
        (function,) = ast.parse(lines[0]).body
    except (SyntaxError, ValueError) as error:
        raise _unreadable(f"'{name}' in its {file}: {error}") from None
    if not isinstance(function, ast.FunctionDef):
        raise _unreadable(f"'{name}' in its {file} is no function")
    return function


def _pairs(function: ast.FunctionDef) -> list[tuple[ast.arg, ast.expr | None]]:
    """Every argument with its default."""
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(positional) - len(given.defaults)) + list(given.defaults)
    return [*zip(positional, defaults, strict=True), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]


# What an annotation holds -> what the argument takes (None: what YAML cannot say); the first that is found counts.
_SORTS: tuple[tuple[str, Sort | None], ...] = (
    ("Mask", None),
    ("Callable", None),
    ("GradientTransformation", None),
    ("dict[int", "step_scales"),
    ("DType", "dtype"),
    ("Any", "dtype"),
    ("bool", "flag"),
    ("str", "text"),
    ("ArrayLike", "number"),
    ("ScalarOrSchedule", "number"),
    ("float", "number"),
    ("int", "integer"),
)


def _argument(
    file: str, function: str, node: ast.arg, default: ast.expr | None, said: dict[str, str]
) -> Argument | None:
    annotation = ast.unparse(node.annotation) if node.annotation else ""
    known: list[Sort | None] = [sort for word, sort in _SORTS if word in annotation]
    if not known:
        raise _unreadable(f"'{function}' in its {file} takes '{node.arg}: {annotation}', a type unknown here")
    sort = known[0]
    if sort is None:
        return None
    try:
        value = _default(default)
    except ValueError:
        raise _unreadable(f"the default of '{node.arg}' of '{function}' in its {file} is no plain value") from None
    doc = said.get(node.arg, "")
    choices = tuple(dict.fromkeys(re.findall(r"`'([^']+)'`", doc))) if sort == "text" else ()
    is_optional = "Optional" in annotation or "None" in annotation
    is_length = sort == "integer" and (node.arg.endswith("_steps") or node.arg == "transition_begin")
    takes: Sort = "steps" if is_length else sort
    return Argument(node.arg, takes, value, is_optional, _plain(_first_sentence(doc)), choices)


def _default(node: ast.expr | None) -> Any:
    if node is None:
        return REQUIRED
    if isinstance(node, ast.Attribute):
        return node.attr  # jnp.float32
    return ast.literal_eval(node)


def _argument_docs(doc: str) -> dict[str, str]:
    """Argument -> what the section Args says of it."""
    section = cleandoc("\n" + doc.partition("Args:\n")[2].partition("\n\n")[0])
    entries = re.findall(r"^(\w+): (.*?)(?=^\w+:|\Z)", section, re.MULTILINE | re.DOTALL)
    return {name: " ".join(text.split()) for name, text in entries}


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[a-z0-9)`])[.;](?:\s|$)", text)[0]


def _plain(text: str) -> str:
    """Text without the marks of reStructuredText."""
    return re.sub(r"(?::\w+:)?`+([^`]*)`+", r"\1", " ".join(text.split()))
