"""A loss written as an expression of tensors: parsed into nodes of the graph, never run as Python.

    {type: expression, value: "mean(square(reconstruction - image))"}

What is known: numbers, the names of tensors (quoted when they hold a slash: 'conv1/kernel'), + - * / **, comparisons,
and the functions below. `mean`, `sum`, `max` and `min` reduce over the axes of each example, and leave the batch.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from typing import Any

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.graph.passes import depends_on
from framework.layers.base import LOSSES, Loss, Scope
from framework.registry import did_you_mean

Value = Tensor | float
_LONGEST = 2000  # characters
_DEEPEST = 200  # operations inside one another: each takes three of the 1,000 calls that Python allows

_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: ops.pow(a, b),
}
_COMPARISONS: dict[type, Callable[[Any, Any], Tensor]] = {
    ast.Lt: ops.less,
    ast.LtE: ops.less_equal,
    ast.Gt: ops.greater,
    ast.GtE: ops.greater_equal,
}
# Name -> how many arguments it takes, and what it does.
_FUNCTIONS: dict[str, tuple[int, Callable[..., Tensor]]] = {
    "abs": (1, ops.abs),
    "cast": (1, lambda x: ops.cast(x, "float32")),
    "clip": (3, lambda x, least, greatest: ops.minimum(ops.maximum(x, least), greatest)),
    "erf": (1, ops.erf),
    "exp": (1, ops.exp),
    "log": (1, ops.log),
    "log1p": (1, ops.log1p),
    "log_softmax": (1, ops.log_softmax),
    "maximum": (2, ops.maximum),
    "minimum": (2, ops.minimum),
    "relu": (1, ops.relu),
    "rsqrt": (1, ops.rsqrt),
    "sigmoid": (1, ops.sigmoid),
    "sign": (1, ops.sign),
    "softmax": (1, ops.softmax),
    "softplus": (1, ops.softplus),
    "sqrt": (1, ops.sqrt),
    "square": (1, ops.square),
    "stop_gradient": (1, ops.stop_gradient),
    "tanh": (1, ops.tanh),
    "where": (3, ops.where),
}
_REDUCTIONS: dict[str, Callable[..., Tensor]] = {
    "max": ops.reduce_max,
    "mean": ops.reduce_mean,
    "min": ops.reduce_min,
    "sum": ops.reduce_sum,
}


@LOSSES.register("expression")
class Expression(Loss):
    """An expression of tensors that gives one number an example, or one in all where it reads no data.

    Example: `{type: expression, value: "mean(square(reconstruction - image))", weight: 0.1}`.
    """

    value: str = structural(..., "the expression, such as mean(abs(logits))", min_length=1, max_length=_LONGEST)

    def build(self, scope: Scope) -> Tensor:
        result = _Reader(self.value, scope).read()
        rank = None if result.shape is None else len(result.shape)
        if rank != int(_is_per_example(result)):
            raise GraphError(
                f"the expression must give one number an example, but '{self.value}' gives {show(result.shape)}",
                hint="reduce it with mean(...) or sum(...), which leave the batch",
            )
        return result


def _is_per_example(x: Tensor) -> bool:
    """Whether a tensor depends on the data, and so has a batch."""
    fed = {node.name for node in x.graph if node.op == "Placeholder"}
    return depends_on(x.graph, x.name, fed)


def _is_deeper(tree: ast.expr, deepest: int) -> bool:
    """Whether a tree has more than so many levels; counted level by level, so that it needs no recursion itself."""
    level: list[ast.AST] = [tree]
    for _ in range(deepest):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return bool(level)


class _Reader:
    """Turns the tree that Python's parser makes of the text into nodes."""

    def __init__(self, text: str, scope: Scope):
        self.text, self.scope = text, scope
        self.named: list[str] = []

    def read(self) -> Tensor:
        try:
            tree = ast.parse(self.text.strip(), mode="eval")
        except SyntaxError as error:
            raise self._fail(f"{error.msg} at character {error.offset or 1}") from None
        except (ValueError, RecursionError, MemoryError):
            raise self._fail("it cannot be read") from None
        if _is_deeper(tree.body, _DEEPEST):
            raise self._fail(
                f"more than {_DEEPEST} operations stand inside one another; "
                "bracket a long sum in parts, or name its parts as layers"
            )
        result = self._visit(tree.body)
        if not isinstance(result, Tensor) or not self.named:
            raise self._fail("it names no tensor")
        return result

    def _visit(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=bool()):
                raise self._fail(f"{node.value} is no number")
            case ast.Constant(value=int() | float()):
                return self._number(node.value)  # type: ignore[arg-type]
            case ast.Constant(value=str()):
                return self._tensor(str(node.value))
            case ast.Name() | ast.Attribute():
                return self._tensor(ast.unparse(node))
            case ast.UnaryOp(op=ast.USub()):
                return -self._visit(node.operand)
            case ast.UnaryOp(op=ast.UAdd()):
                return self._visit(node.operand)
            case ast.BinOp() if type(node.op) in _OPERATORS:
                return self._combine(_OPERATORS[type(node.op)], [node.left, node.right])
            case ast.Compare(ops=[operator], comparators=[right]) if type(operator) in _COMPARISONS:
                return self._combine(_COMPARISONS[type(operator)], [node.left, right])
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                return self._call(name, node.args)
        raise self._fail(
            f"'{ast.unparse(node)}' is not understood; allowed are numbers, names of tensors, + - * / **, "
            "comparisons and functions"
        )

    def _number(self, written: int | float) -> float:
        try:
            number = float(written)
        except OverflowError:
            number = math.inf
        if math.isinf(number):
            raise self._fail("it holds a number that is too large for float32")
        return number

    def _tensor(self, name: str) -> Tensor:
        self.named.append(name)
        x = self.scope.tensor(name)
        return ops.cast(x, "float32") if x.dtype.is_integer else x

    def _call(self, name: str, arguments: Sequence[ast.expr]) -> Value:
        known = sorted((*_FUNCTIONS, *_REDUCTIONS))
        if name not in known:
            raise self._fail(f"there is no function '{name}'{did_you_mean(name, known)}  functions: {', '.join(known)}")
        count, function = _FUNCTIONS.get(name) or (1, self._reduction(_REDUCTIONS[name]))
        if len(arguments) != count:
            raise self._fail(f"{name} takes {count} argument{'s' * (count > 1)}, found {len(arguments)}")
        return self._combine(function, arguments)

    def _combine(self, function: Callable[..., Any], arguments: Sequence[ast.expr]) -> Value:
        values = [self._visit(argument) for argument in arguments]
        if not any(isinstance(value, Tensor) for value in values):
            values = [ops.constant(value, "float32", graph=self.scope.graph) for value in values]
        return function(*values)

    def _reduction(self, function: Callable[..., Tensor]) -> Callable[[Tensor], Tensor]:
        def reduce(x: Tensor) -> Tensor:
            if x.shape is None:
                raise self._fail(f"the shape of '{x.name}' is not known")
            axes = list(range(int(_is_per_example(x)), len(x.shape)))
            return function(x, axes) if axes else x

        return reduce

    def _fail(self, message: str) -> GraphError:
        return GraphError(f"in the expression '{self.text}': {message}")
