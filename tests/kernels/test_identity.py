"""Ops that hand their inputs on: what they refuse when a graph runs."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError
from framework.graph import Graph
from framework.runtime.session import Session


def test_ensure_shape_passes_what_it_allows_and_names_itself_for_the_rest() -> None:
    with Graph().as_default():
        x = ops.placeholder("float32")
        y = ops.ensure_shape(x, shape=[None, 3], name="known")
        assert y.shape == (None, 3)
        session = Session()
        np.testing.assert_array_equal(session.run(y, {x: np.ones((2, 3), np.float32)}), np.ones((2, 3)))
        with pytest.raises(GraphError, match=r"known: EnsureShape: .*\[\?, 3\], found \[2, 4\]"):
            session.run(y, {x: np.ones((2, 4), np.float32)})


def test_a_gradient_stops_the_run_where_it_is_prevented_and_nowhere_else() -> None:
    with Graph().as_default():
        x = ops.placeholder("float32", [3])
        refused = ops.prevent_gradient(x, message="labels are data")
        session, feeds = Session(), {x: np.float32([1, 2, 3])}
        np.testing.assert_array_equal(session.run(refused, feeds), [1, 2, 3])
        # No gradient reaches the node behind a StopGradient, and none is asked for of a constant factor.
        (allowed,) = ops.gradients([x * ops.stop_gradient(refused)], [x], [])
        np.testing.assert_array_equal(session.run(allowed, feeds), [1, 2, 3])
        (asked,) = ops.gradients([x * refused], [x], [])
        with pytest.raises(GraphError, match="labels are data"):
            session.run(asked, feeds)


def test_identity_n_hands_every_gradient_on() -> None:
    with Graph().as_default():
        x, y = ops.placeholder("float32", [2]), ops.placeholder("float32", [3])
        copies = ops.identity_n([x, y])
        gradients = ops.gradients([ops.square(copies[0]), copies[1]], [x, y], [])
        found = Session().run(list(gradients), {x: np.float32([1, 2]), y: np.ones(3, np.float32)})
    np.testing.assert_array_equal(found[0], [2, 4])
    np.testing.assert_array_equal(found[1], [1, 1, 1])
