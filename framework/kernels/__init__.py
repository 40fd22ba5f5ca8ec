"""How the ops are computed with JAX, by family."""
# ruff: noqa: F401 (the families are imported for the kernels they register)

from framework.kernels import (
    activation,
    arithmetic,
    arrays,
    blocks,
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
from framework.kernels.registry import KERNELS, PLATFORMS, Context, find_kernel, register_kernel
