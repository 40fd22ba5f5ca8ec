"""The gradient of every elementwise op of the registry is the slope of its values, in double precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from framework import ops
from framework.graph import Graph, OpDef, Tensor
from framework.graph.dtypes import float64
from framework.graph.opdef import OPS, lookup
from framework.kernels import KERNELS
from framework.ops.inference import broadcasted, unchanged
from framework.runtime.session import Session

pytestmark = pytest.mark.usefixtures("unoptimized")
Interval = tuple[float, float]
STEP = 1e-6
USUAL: Interval = (-2.0, 2.0)
POSITIVE: Interval = (0.3, 3.0)
BETWEEN: Interval = (-0.9, 0.9)
# Where the inputs of an op lie, when it is not defined, or too steep, between -2 and 2.
DOMAINS: dict[str, Sequence[Interval]] = {
    **dict.fromkeys(("Log", "Sqrt", "Rsqrt", "Reciprocal", "Inv", "Lgamma", "Digamma"), (POSITIVE,)),
    **dict.fromkeys(("Asin", "Acos", "Atanh", "Erfinv"), (BETWEEN,)),
    **dict.fromkeys(("Div", "RealDiv", "DivNoNan", "Xdivy", "Xlogy", "FloorDiv", "TruncateDiv"), (USUAL, POSITIVE)),
    **dict.fromkeys(("FloorMod", "Mod", "TruncateMod"), (USUAL, POSITIVE)),
    **dict.fromkeys(("Igamma", "Igammac", "Atan2"), (POSITIVE, POSITIVE)),
    "Log1p": ((-0.8, 2.0),),
    "Xlog1py": (USUAL, (-0.8, 2.0)),
    "Acosh": ((1.2, 3.0),),
    "Tan": ((-1.2, 1.2),),
    "Ndtri": ((0.05, 0.95),),
    "Pow": (POSITIVE, USUAL),
    "Zeta": ((1.5, 4.0), POSITIVE),
    "Polygamma": ((1.0, 3.0), POSITIVE),
    "Betainc": ((0.5, 3.0), (0.5, 3.0), (0.05, 0.95)),
}
WHOLE = {("Polygamma", 0)}  # inputs that hold integers
# Inputs that an op has no gradient for, as TensorFlow's has none.
WITHOUT_GRADIENT = {("Polygamma", 0), ("Zeta", 0), ("Betainc", 0), ("Betainc", 1)}
# Ops that withhold their gradient.
WITHHOLDING = {"StopGradient", "PreventGradient", "IgammaGradA"}
ALSO = {"Betainc", "ClipByValue", "Gelu"}  # elementwise, with a shape function of their own


def is_elementwise(op: OpDef) -> bool:
    """Whether an op makes one tensor out of floating-point ones, each element by itself."""
    kinds = {None if arg.number_attr else arg.type_attr for arg in (*op.inputs, *op.outputs)}
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is None or not op.inputs or len(op.outputs) != 1 or op.is_stateful or not op.is_traceable:
        return False
    allowed = op.attrs[kind].allowed
    is_complete = all(attr.name == kind or attr.default is not None for attr in op.attrs.values())
    is_known = op.name in ALSO or (op.name in KERNELS and op.shape in (unchanged, broadcasted))
    return is_known and is_complete and (allowed is None or float64 in allowed)


ELEMENTWISE = sorted(name for name in OPS if is_elementwise(lookup(name)) and name not in WITHHOLDING)


@dataclass(frozen=True)
class Use:
    """One use of an op in a graph: what is fed, what comes out, how that is weighted, and the gradients of the sum."""

    op: str
    inputs: list[Tensor]
    output: Tensor
    weights: Tensor
    by: list[int]
    gradients: Sequence[Tensor]

    @property
    def fed(self) -> list[Tensor]:
        return [*self.inputs, self.weights]


def use(graph: Graph, name: str, shapes: Sequence[tuple[int, ...]]) -> Use:
    op = lookup(name)
    count = len(op.inputs)
    # What has no broadcasting takes tensors of one shape.
    wanted = shapes[:count] if op.shape is broadcasted else [shapes[0]] * count
    inputs = [ops.placeholder("float64", shape) for shape in wanted]
    output = graph.add(name, inputs).outputs[0]
    weights = ops.placeholder("float64", output.shape)
    by = [k for k in range(count) if (name, k) not in WITHOUT_GRADIENT]
    return Use(name, inputs, output, weights, by, ops.gradients([output], [inputs[k] for k in by], [weights]))


def points(use: Use, generator: np.random.Generator) -> dict[Tensor, np.ndarray]:
    """Values for all that a use is fed."""
    feeds = {}
    for k, tensor in enumerate(use.inputs):
        domain = DOMAINS.get(use.op, (USUAL,))
        value = generator.uniform(*domain[min(k, len(domain) - 1)], tensor.shape)
        feeds[tensor] = np.round(value) if (use.op, k) in WHOLE else value
    return {**feeds, use.weights: generator.normal(size=use.weights.shape)}


def moved(use: Use, feeds: Mapping[Tensor, np.ndarray], way: Mapping[Tensor, np.ndarray], by: float) -> dict:
    return {x: value + by * way[x] if x in way else value for x, value in ((x, feeds[x]) for x in use.fed)}


def slope(use: Use, feeds: Mapping[Tensor, np.ndarray], above: np.ndarray, below: np.ndarray) -> float:
    return float(((above - below) / (2 * STEP) * feeds[use.weights]).sum())


@settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])  # each takes seconds
@given(mutually_broadcastable_shapes(num_shapes=3, min_dims=1, max_dims=3, max_side=3), st.integers(0, 2**32 - 1))
def test_gradient_is_the_slope_of_the_values(shapes: object, seed: int) -> None:
    generator = np.random.default_rng(seed)
    with Graph().as_default() as graph:
        uses = [use(graph, name, shapes.input_shapes) for name in ELEMENTWISE]  # type: ignore[attr-defined]
        feeds = {tensor: value for u in uses for tensor, value in points(u, generator).items()}
        way = {u.inputs[k]: generator.normal(size=u.inputs[k].shape) for u in uses for k in u.by}
    session = Session(graph)
    fetches = [(u.output, list(u.gradients)) for u in uses]  # of one program, which is compiled once
    here, above, below = (
        session.run(fetches, {x: v for u in uses for x, v in moved(u, feeds, way, by).items()})
        for by in (0.0, STEP, -STEP)
    )
    wrong = {}
    for u, (_, gradients), (high, _), (low, _) in zip(uses, here, above, below, strict=True):
        expected = slope(u, feeds, high, low)
        actual = sum(float((g * way[u.inputs[k]]).sum()) for k, g in zip(u.by, gradients, strict=True))
        if not np.isclose(actual, expected, rtol=1e-5, atol=1e-5 * (1 + np.abs(feeds[u.weights]).sum())):
            wrong[u.op] = (actual, expected)
    assert not wrong


def test_every_family_of_elementwise_ops_is_among_them() -> None:
    some = {
        "Add",
        "Tanh",
        "Selu",
        "Gelu",
        "Lgamma",
        "Betainc",
        "Atan2",
        "ClipByValue",
        "Identity",
        "Xlog1py",
        "Maximum",
    }
    assert some <= set(ELEMENTWISE)
    assert len(ELEMENTWISE) > 70
