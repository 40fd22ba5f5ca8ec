"""The errors of a graph and a session, under the names that TensorFlow gives them.

Source: https://www.tensorflow.org/api_docs/python/tf/errors
"""

from framework.errors import FailedPreconditionError, GraphError, InvalidArgumentError, NotFoundError
from framework.errors import FrameworkError as OpError

__all__ = ["FailedPreconditionError", "GraphError", "InvalidArgumentError", "NotFoundError", "OpError"]
