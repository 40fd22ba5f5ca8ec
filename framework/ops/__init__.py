"""The vocabulary: declarations by family, and a Python function an op."""
# ruff: noqa: F401, F403 (the families are imported for what they declare)

from framework.ops import (
    activation,
    arithmetic,
    arrays,
    attention,
    convolution,
    creation,
    logic,
    loss,
    matrix,
    normalization,
    pooling,
    projective,
    random,
    recurrent,
    resizing,
    slicing,
    state,
    training,
)
from framework.ops.apply import DTypeLike, TensorLike, constant
from framework.ops.wrappers import *
