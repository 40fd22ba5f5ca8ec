"""A use of segments, scattered updates or partitions that cannot be is refused while the graph is built."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError
from framework.graph import Graph, Tensor


def f(*shape: int | None) -> Tensor:
    return ops.placeholder("float32", shape)


def i(*shape: int | None) -> Tensor:
    return ops.placeholder("int32", shape)


def scatter_max(policy: str) -> object:
    tensors = [f(3), i(1, 1), f(1)]
    return tensors[0].graph.add("TensorScatterMax", tensors, {"bad_indices_policy": policy}, name="n")


NONE = np.zeros(0, np.float32)
MISTAKES: dict[str, tuple[Callable[[], object], list[str]]] = {
    # segments
    "SegmentSum": (lambda: ops.segment_sum(f(3, 2), i(4), name="n"), ["3 and 4"]),
    "SegmentSum order": (lambda: ops.segment_sum(f(3), [0, 2, 1], name="n"), ["never fall", "[0, 2, 1]"]),
    "SegmentSum many": (
        lambda: ops.segment_sum(f(10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 2], name="n"),
        ["[0, 1, 2, 3, 4, 5, 6, 7, ...]"],
    ),
    "SegmentMax": (lambda: ops.segment_max(f(2), [-1, 0], name="n"), ["at least 0", "[-1, 0]"]),
    "SegmentMin": (lambda: ops.segment_min(np.complex64([1]), [0], name="n"), ["'T'", "complex64"]),
    "SegmentMean": (lambda: ops.segment_mean(f(), [0], name="n"), ["'data'", "rank 1 or more"]),
    "SegmentProd": (lambda: ops.segment_prod(f(2, 2), i(2, 2), name="n"), ["'segment_ids'", "rank 1", "[2, 2]"]),
    "UnsortedSegmentSum": (lambda: ops.unsorted_segment_sum(f(3), [0, 5, 1], 3, name="n"), ["holds 5", "3 segments"]),
    "UnsortedSegmentMax": (lambda: ops.unsorted_segment_max(f(3, 2), i(2), 3, name="n"), ["2 and 3"]),
    "UnsortedSegmentMin": (
        lambda: ops.unsorted_segment_min(f(3), i(3, 2), 3, name="n"),
        ["'segment_ids' [3, 2]", "'data' [3]"],
    ),
    "UnsortedSegmentProd": (
        lambda: ops.unsorted_segment_prod(f(3), i(3), -1, name="n"),
        ["'num_segments'", "at least 0", "-1"],
    ),
    "Bincount": (lambda: ops.bincount([1, -2], 3, NONE, name="n"), ["'arr'", "at least 0", "-2"]),
    "Bincount size": (lambda: ops.bincount([1], -3, NONE, name="n"), ["'size'", "at least 0", "-3"]),
    "Bincount weights": (lambda: ops.bincount(i(3), 3, f(2), name="n"), ["3 and 2"]),
    "DenseBincount": (lambda: ops.dense_bincount(i(1, 2, 3), 3, NONE, name="n"), ["'input'", "rank 1 or 2"]),
    # scattered updates
    "ScatterNd": (lambda: ops.scatter_nd([[3]], f(1), [3], name="n"), ["position 3", "axis 0", "[3]"]),
    "ScatterNd before": (lambda: ops.scatter_nd([[-1]], f(1), [3], name="n"), ["position -1", "axis 0"]),
    "ScatterNd depth": (lambda: ops.scatter_nd(i(2, 3), f(2), [3, 3], name="n"), ["3 positions", "[3, 3]", "2 axes"]),
    "ScatterNd updates": (lambda: ops.scatter_nd(i(2, 1), f(3), [4], name="n"), ["2 and 3"]),
    "ScatterNd shape": (lambda: ops.scatter_nd(i(2, 1), f(2), [-4], name="n"), ["'shape'", "at least 0", "[-4]"]),
    "ScatterNd indices": (lambda: ops.scatter_nd(2, f(), [4], name="n"), ["'indices'", "rank 1 or more", "[]"]),
    "TensorScatterUpdate": (
        lambda: ops.tensor_scatter_update(f(3, 2), [[0, 2]], f(1), name="n"),
        ["position 2", "axis 1", "[3, 2]"],
    ),
    "TensorScatterAdd": (lambda: ops.tensor_scatter_add(f(3, 2), i(4, 1), f(4, 3), name="n"), ["2 and 3"]),
    "TensorScatterSub": (lambda: ops.tensor_scatter_sub(f(3), i(2, 1), f(2, 1), name="n"), ["[2]", "[2, 1]"]),
    "TensorScatterMax": (lambda: scatter_max("DROP"), ["'bad_indices_policy'", "IGNORE", "'DROP'"]),
    "TensorScatterMin": (lambda: ops.tensor_scatter_min(f(3), i(2, 2), f(2), name="n"), ["2 positions", "1 axes"]),
    # sequences, searching, sets
    "ReverseSequence": (lambda: ops.reverse_sequence(f(2, 3), [4, 1], 1, name="n"), ["holds 4", "axis 1", "[2, 3]"]),
    "ReverseSequence axes": (lambda: ops.reverse_sequence(f(2, 3), [1, 1], 0, name="n"), ["'seq_dim'", "axis 0"]),
    "ReverseSequence batch": (lambda: ops.reverse_sequence(f(2, 3), [1], 1, name="n"), ["2 and 1"]),
    "LowerBound": (lambda: ops.lower_bound(f(2, 3), f(3, 1), name="n"), ["2 and 3"]),
    "UpperBound": (lambda: ops.upper_bound(f(3), f(3, 1), name="n"), ["'sorted_inputs'", "rank 2", "[3]"]),
    "Unique": (lambda: ops.unique(f(2, 3), name="n"), ["'x'", "rank 1", "[2, 3]"]),
    "UniqueWithCounts": (lambda: ops.unique_with_counts(f(), name="n"), ["'x'", "rank 1", "[]"]),
    "UniqueV2": (lambda: ops.unique_v2(f(2, 3), [0, 1], name="n"), ["'axis'", "[0, 1]"]),
    "UniqueV2 vector": (lambda: ops.unique_v2(f(2, 3), [], name="n"), ["vector", "[2, 3]"]),
    "UniqueWithCountsV2": (lambda: ops.unique_with_counts_v2(f(2, 3), [2], name="n"), ["axis 2"]),
    "ListDiff": (lambda: ops.list_diff(i(2, 3), i(3), name="n"), ["'x'", "rank 1", "[2, 3]"]),
    # partitions
    "DynamicPartition": (lambda: ops.dynamic_partition(f(2), [0, 3], 2, name="n"), ["holds 3", "0 to 1"]),
    "DynamicPartition shape": (
        lambda: ops.dynamic_partition(f(2), i(2, 3), 2, name="n"),
        ["'partitions' [2, 3]", "'data' [2]"],
    ),
    "DynamicPartition number": (lambda: ops.dynamic_partition(f(2), i(2), 0, name="n"), ["'num_partitions'", "1"]),
    "DynamicStitch": (lambda: ops.dynamic_stitch([i(2), i(1)], [f(2, 3), f(1, 4)], name="n"), ["3 and 4"]),
    "DynamicStitch shape": (lambda: ops.dynamic_stitch([i(2)], [f(3)], name="n"), ["2 and 3"]),
    "DynamicStitch negative": (lambda: ops.dynamic_stitch([[0, -1]], [f(2)], name="n"), ["at least 0", "-1"]),
    "DynamicStitch numbers": (lambda: ops.dynamic_stitch([i(2), i(2)], [f(2)], name="n"), ["found 3"]),
    "ParallelDynamicStitch": (
        lambda: ops.parallel_dynamic_stitch([i(2, 2)], [f(2)], name="n"),
        ["'indices' [2, 2]", "'data' [2]"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_names_the_node_what_was_found_and_what_was_allowed(name: str) -> None:
    mistake, words = MISTAKES[name]
    with Graph().as_default(), pytest.raises(GraphError) as caught:
        mistake()
    assert caught.value.node == "n"
    for word in words:
        assert word in str(caught.value), str(caught.value)
