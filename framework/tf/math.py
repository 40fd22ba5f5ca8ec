"""Mathematics.

Source: https://www.tensorflow.org/api_docs/python/tf/math
"""
# ruff: noqa: F403  (every op of the vocabulary is there)

from framework.ops.wrappers import *
