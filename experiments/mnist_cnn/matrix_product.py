"""A convolution is a matrix product: of the windows of an image, a row each, with the kernel, a column a filter.

    python experiments/mnist_cnn/matrix_product.py <run folder>

Both are built as graphs of the same placeholders, the convolution by the op Conv2D, the product by ExtractImagePatches
and MatMul, with their gradients; and run on test images, by the kernels that a run has learned.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

import framework.tf as tf
from experiments.reporting.readme import table
from framework.train.past_run import Run

IMAGES = 64


def convolution(image: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """`[batch, height, width, channels]` with `[rows, columns, channels, filters]`, zeros around the image."""
    return tf.nn.conv2d(image, kernel, strides=[1, 1, 1, 1], padding="SAME")


def product(image: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """The same, as the product of two matrices."""
    _, height, width, _ = image.shape
    rows, columns, channels, filters = kernel.shape
    window = rows * columns * channels
    patches = tf.extract_image_patches(image, [1, rows, columns, 1], [1, 1, 1, 1], [1, 1, 1, 1], "SAME")
    flat = tf.matmul(tf.reshape(patches, [-1, window]), tf.reshape(kernel, [window, filters]))
    return tf.reshape(flat, [-1, height, width, filters])


def values(images: np.ndarray, kernel: np.ndarray, weights: np.ndarray) -> list[list[np.ndarray]]:
    """Of both ways: the output, and the gradients of the sum of `weights * output` by the images and the kernel."""
    with tf.Graph().as_default() as graph:
        x, k = (tf.placeholder(a.dtype.name, a.shape) for a in (images, kernel))
        fetches = []
        for way in (convolution, product):
            output = way(x, k)
            fetches.append([output, *tf.gradients(tf.reduce_sum(output * tf.constant(weights)), [x, k])])
        with tf.Session(graph=graph) as session:
            return session.run(fetches, {x: images, k: kernel})


def differences(run: Run) -> list[list[str]]:
    """Rows of a table: by layer and quantity, how far the two ways are apart."""
    images = run.experiment.dataset.load().splits["test"]["image"][:IMAGES].astype(np.float32) / 255
    rng, state, found = np.random.default_rng(0), run.checkpoint.state, []
    pooled = rng.random((IMAGES, 14, 14, 32), np.float32)  # in the place of what the first layers give
    for name, inputs in (("conv1", images), ("conv2", pooled)):
        kernel = np.asarray(state[f"{name}/kernel"])
        weights = rng.normal(size=(*inputs.shape[:3], kernel.shape[-1])).astype(np.float32)
        single = values(inputs, kernel, weights)
        double = values(*(array.astype(np.float64) for array in (inputs, kernel, weights)))
        for position, quantity in enumerate(("output", "gradient by the image", "gradient by the kernel")):
            (a, b), (c, d) = ([way[position] for way in ways] for ways in (single, double))
            apart, greatest = float(np.abs(a - b).max()), float(np.abs(a).max())
            exact = float(np.abs(c - d).max())
            found.append([f"{name}, {quantity}", f"{apart:.1e}", f"{apart / greatest:.1e}", f"{exact:.1e}"])
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("\n".join(table(["", "float32", "relative", "float64"], differences(Run(sys.argv[1])))))
