"""Reading tables: CSV and Parquet files, by pyarrow; whatever is wrong with a file is a DataError."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framework.data.files import check_file
from framework.errors import DataError

if TYPE_CHECKING:
    import pyarrow

# What stands for a missing value in a CSV file, beside nothing at all.
MISSING = ("", "NA", "N/A", "n/a", "nan", "NaN", "NAN", "null", "NULL", "None", "?")
_HINT = "name a table, with the names of its columns in the first line"
_CONVERSION = re.compile(r"In CSV column #(\d+): .*conversion error to (\w+)")
_LONGEST = 300
_CODECS = {".gz": "gzip", ".bz2": "bz2", ".lz4": "lz4", ".zst": "zstd", ".br": "brotli"}
# What a packed file may unpack to: anything up to this many bytes, and beyond it this many times its own size.
_ALWAYS_FITS, _PACKED_AT_MOST = 1 << 28, 100


def read_table(path: Path, texts: Mapping[str, bool] | None = None, delimiter: str = ",") -> pyarrow.Table:
    """The table in a file: Parquet where its name ends so, CSV otherwise.

    texts: columns that are read as text, even where they look like numbers. Raises DataError.
    """
    import pyarrow as pa

    check_file(path, _HINT)
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            table = _read_parquet(path)
        else:
            table = _read_csv(path, {name: pa.string() for name in texts or {}}, delimiter)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {_plain(error)}", _hint(str(error), delimiter)) from None
    try:
        names = table.column_names
    except UnicodeDecodeError:
        raise DataError(f"{path}: the names of its columns are no text in UTF-8", "save it as UTF-8") from None
    for field in table.schema:
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            raise DataError(f"{path}: column '{field.name}' holds bytes that are no text in UTF-8", "save it as UTF-8")
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise DataError(f"{path} has more than one column called '{repeated[0]}'", "give each a name of its own")
    if table.num_rows == 0:
        raise DataError(f"{path} holds no rows", _HINT)
    return _with_plain_texts(table)


def _read_parquet(path: Path) -> pyarrow.Table:
    import pyarrow.parquet as parquet

    with parquet.ParquetFile(path) as file:
        facts, present = file.metadata, path.stat().st_size
        groups = [facts.row_group(k) for k in range(facts.num_row_groups)]
        declared = max(sum(group.total_byte_size for group in groups), 8 * facts.num_rows * facts.num_columns)
        if declared > max(_ALWAYS_FITS, _PACKED_AT_MOST * present):
            raise DataError(
                f"{path} has {present:,} bytes, but declares a table of {declared:,}; it is damaged, or fills memory",
                "if it is your own, write it without compression",
            )
        table = file.read(use_threads=True)
    table.validate(full=True)  # Parquet says that a column is text; that it is UTF-8 nobody has looked at yet
    return table


def _contents(path: Path) -> Any:
    """What pyarrow reads a CSV file from: its path; or, of a packed one, what it holds, which is bounded."""
    import pyarrow as pa

    codec = _CODECS.get(path.suffix.lower())
    if codec is None:
        return path
    limit, parts, size = max(_ALWAYS_FITS, _PACKED_AT_MOST * path.stat().st_size), list[bytes](), 0
    with pa.OSFile(str(path)) as file, pa.CompressedInputStream(file, codec) as stream:
        while part := stream.read(1 << 20):
            parts.append(part)
            size += len(part)
            if size > limit:
                raise DataError(
                    f"{path} unpacks to more than {limit:,} bytes; it is damaged, or made to fill memory",
                    "unpack it yourself",
                )
    return pa.BufferReader(b"".join(parts))


def _read_csv(path: Path, types: dict[str, pyarrow.DataType], delimiter: str) -> pyarrow.Table:
    """Types are inferred from the beginning of a file; where a later row does not fit, its column is read again."""
    import pyarrow as pa
    from pyarrow import csv

    read, parse = csv.ReadOptions(block_size=1 << 24), csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    wider = {"bool": pa.string(), "int64": pa.float64()}
    while True:
        convert = csv.ConvertOptions(
            column_types=types,
            null_values=list(MISSING),
            strings_can_be_null=True,
            true_values=["true", "True", "TRUE"],
            false_values=["false", "False", "FALSE"],
        )
        try:
            return csv.read_csv(_contents(path), read, parse, convert)
        except pa.ArrowInvalid as error:
            found = _CONVERSION.search(str(error))
            if found is None:
                raise
            with csv.open_csv(_contents(path), read, parse) as stream:
                name = stream.schema.names[int(found[1])]
            if types.get(name) == pa.string():
                raise
            types = {**types, name: wider.get(found[2], pa.string()) if name not in types else pa.string()}


def _with_plain_texts(table: pyarrow.Table) -> pyarrow.Table:
    """The same table with texts as strings, however they are stored."""
    import pyarrow as pa
    import pyarrow.types as types

    fields = []
    for field in table.schema:
        kind = field.type.value_type if types.is_dictionary(field.type) else field.type
        fields.append(field.with_type(pa.string() if types.is_large_string(kind) else kind))
    return table.cast(pa.schema(fields)) if fields != list(table.schema) else table


def _plain(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _hint(message: str, delimiter: str) -> str:
    lowered = message.lower()
    if "utf8" in lowered or "utf-8" in lowered:
        return "save it as UTF-8"
    if "expected" in lowered and "columns" in lowered:
        return f"every row must have as many cells as the first; the delimiter is '{delimiter}' (dataset.delimiter)"
    return _HINT
