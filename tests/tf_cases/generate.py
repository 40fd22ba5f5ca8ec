"""Computes the cases with TensorFlow (2.21, on a CPU) and writes them beside this file.

    python tests/tf_cases/generate.py        in an environment that has TensorFlow

The framework itself neither needs TensorFlow nor is imported here: the numbers are independent of it.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # its kernels give empty images a wrong shape

import composites
import declarations
import elementwise
import images
import matrices
import projective
import shapes

FAMILIES = (
    elementwise.arithmetic,
    elementwise.logic,
    elementwise.activation,
    elementwise.loss,
    matrices.matrix,
    matrices.einsum,
    matrices.ranking,
    images.convolution,
    images.blocks,
    images.pooling,
    images.normalization,
    projective.projective,
    projective.resizing,
    shapes.arrays,
    shapes.slicing,
    shapes.creation,
    composites.composites,
)

if __name__ == "__main__":
    recorders = [family() for family in FAMILIES]
    for recorder in recorders:
        recorder.write()
    declarations.write(sorted({case["op"] for recorder in recorders for case in recorder.cases} - composites.OPS))
