"""Computes the cases with TensorFlow (2.21, on a CPU) and writes them beside this file.

    python tests/tf_cases/generate.py                       in an environment that has TensorFlow
    python tests/tf_cases/generate.py arithmetic logic      these families alone

The framework itself neither needs TensorFlow nor is imported here: the numbers are independent of it.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # its kernels give empty images a wrong shape

import composites
import declarations
import detectors
import elementwise
import gradients
import host
import images
import linear
import mathematics
import matrices
import programs
import projective
import segments
import sequences
import shapes
import training_graphs
from recorder import recorded_ops

FAMILIES = (
    elementwise.arithmetic,
    elementwise.logic,
    elementwise.activation,
    elementwise.loss,
    mathematics.mathematics,
    mathematics.special,
    mathematics.bitwise,
    mathematics.complex_numbers,
    mathematics.spectral,
    mathematics.colors,
    mathematics.identity,
    mathematics.shape_vectors,
    matrices.matrix,
    matrices.einsum,
    matrices.ranking,
    linear.cumulative,
    linear.diagonals,
    linear.linear_algebra,
    linear.decompositions,
    segments.segments,
    segments.scattering,
    segments.partitioning,
    segments.searching,
    segments.sets,
    images.convolution,
    images.blocks,
    images.pooling,
    images.normalization,
    gradients.activation_gradients,
    gradients.network_gradients,
    projective.projective,
    projective.resizing,
    shapes.arrays,
    shapes.slicing,
    shapes.creation,
    composites.composites,
    sequences.updates,
    sequences.variables,
    host.host,
    training_graphs.training_graphs,
    detectors.volumes,
    detectors.batches,
    detectors.more_pooling,
    detectors.detection,
    detectors.patches,
    programs.lists,
    programs.tensor_arrays,
    programs.control,
    programs.checks,
)

if __name__ == "__main__":
    wanted = sys.argv[1:]
    for family in FAMILIES:
        if not wanted or family.__name__ in wanted:
            family().write()
    declarations.write(sorted(recorded_ops() - composites.OPS | set(sequences.OPS) | set(host.OPS) | set(programs.OPS)))
