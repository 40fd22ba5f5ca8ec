"""The vocabulary: declarations by family, and a Python function an op."""
# ruff: noqa: F401, F403 (the families are imported for what they declare)

from framework.ops import (
    activation,
    arithmetic,
    arrays,
    attention,
    blocks,
    checks,
    convolution,
    creation,
    einsum,
    gathering,
    joining,
    logic,
    loss,
    matrix,
    normalization,
    padding,
    pooling,
    projective,
    random,
    ranking,
    recurrent,
    resizing,
    slicing,
    state,
    training,
    variables,
)
from framework.ops.apply import DTypeLike, TensorLike, constant
from framework.ops.wrappers import *
