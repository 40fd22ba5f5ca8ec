"""Mathematics.

Source: https://www.tensorflow.org/api_docs/python/tf/math
"""
# ruff: noqa: F401, F403  (every op of the vocabulary is there)

from framework.ops.wrappers import *
from framework.tf.arrays import truediv
from framework.tf.nn import l2_normalize
from framework.tf.reductions import reduce_logsumexp, reduce_std, reduce_variance
