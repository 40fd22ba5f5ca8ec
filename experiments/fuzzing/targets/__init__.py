"""All that reads what a stranger may have written, by the name it has on the command line."""

from __future__ import annotations

from experiments.fuzzing.targets.archives import CifarReader, IdxReader
from experiments.fuzzing.targets.data import CsvReader, NpzReader, ParquetReader, TextReader
from experiments.fuzzing.targets.graphs import GraphReader
from experiments.fuzzing.targets.images import ImageReader
from experiments.fuzzing.targets.reader import Reader
from experiments.fuzzing.targets.run_folders import (
    CheckpointReader,
    DataReader,
    MetricsReader,
    RunConfigurationReader,
    StatusReader,
)
from experiments.fuzzing.targets.texts import ExpressionReader, OverrideReader, YamlReader

__all__ = ["READERS", "Reader"]

READERS: dict[str, type[Reader]] = {
    reader.name: reader
    for reader in (
        GraphReader, CheckpointReader, StatusReader, DataReader, RunConfigurationReader, MetricsReader, YamlReader,
        OverrideReader, ExpressionReader, CsvReader, ParquetReader, NpzReader, IdxReader, CifarReader, ImageReader,
        TextReader,
    )
}  # fmt: skip
