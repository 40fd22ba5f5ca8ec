"""What a run knew of its data, as a file: a past run predicts without them, and is not compared with others."""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal, NotRequired

from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from framework.data.columns import Column
from framework.data.spec import DataSpec, Feature
from framework.errors import DataError, GraphError
from framework.files import read_json, read_whole
from framework.graph import as_dtype

FILE = "data.json"
NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)  # of a feature
_LARGEST = 1 << 26  # bytes of the file
_MOST_NUMBERS = 1 << 31  # in an example


def read_recorded(folder: Path) -> DataSpec | None:
    """What the run in a folder knew of its data; None where it wrote nothing down. Raises DataError."""
    path = folder / FILE
    try:
        return from_json(read_whole(path, _LARGEST)) if path.exists() else None
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}", "remove it, and the data themselves are asked") from None


def to_json(spec: DataSpec) -> str:
    """The specification as JSON."""
    plain = asdict(spec) | {
        "features": {name: asdict(feature) | {"dtype": feature.dtype.name} for name, feature in spec.features.items()}
    }
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str | bytes) -> DataSpec:
    """The specification that was written so. Raises ValueError for anything else."""
    try:
        plain = _SPEC.validate_python(read_json(text.encode() if isinstance(text, str) else text), strict=False)
    except ValidationError as error:
        wrong = error.errors()[0]
        where = ".".join(map(str, wrong["loc"]))
        raise ValueError(f"it does not describe data: {where}: {wrong['msg']}") from None
    features = {name: _feature(name, feature) for name, feature in plain["features"].items()}
    names = (*plain["inputs"], *plain["targets"])
    if "train" not in plain["sizes"] or not plain["inputs"] or not set(names) <= features.keys():
        raise ValueError("it does not describe data: its features and splits are not those that it names")
    class_names = plain["class_names"]
    return DataSpec(
        features=features,
        inputs=tuple(plain["inputs"]),
        targets=tuple(plain["targets"]),
        sizes=plain["sizes"],
        dimensions=plain["dimensions"],
        class_names=None if class_names is None else tuple(class_names),
        columns=tuple(Column.from_json(column) for column in plain.get("columns", [])),
    )


_Count = Annotated[int, Field(ge=0, le=1 << 40, strict=True)]
_Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]
_Name = Annotated[str, Field(strict=True)]


class _Feature(TypedDict):
    name: _Name
    dtype: _Name
    shape: list[_Count]
    scale: _Number
    categories: _Count | None
    one_hot: NotRequired[list[_Count] | None]


class _Column(TypedDict):
    name: _Name
    kind: Literal["number", "category"]
    categories: list[_Name]
    fill: _Number
    missing: _Count
    least: _Number
    greatest: _Number


class _Spec(TypedDict):
    features: dict[_Name, _Feature]
    inputs: list[_Name]
    targets: list[_Name]
    sizes: dict[_Name, _Count]
    dimensions: dict[_Name, _Count]
    class_names: list[_Name] | None
    columns: NotRequired[list[_Column]]


_SPEC = TypeAdapter(_Spec)


def _feature(name: str, plain: _Feature) -> Feature:
    """A feature. Raises ValueError for one that no data set has."""
    try:
        dtype = as_dtype(plain["dtype"])
    except GraphError as error:
        raise ValueError(f"it does not describe data: {error.message}") from None
    shape, one_hot = tuple(plain["shape"]), plain.get("one_hot")
    is_spread = one_hot is None or (len(shape) > 0 and len(one_hot) == shape[-1])
    if plain["name"] != name or not NAME.fullmatch(name) or dtype.numpy.kind not in "biuf" or not is_spread:
        raise ValueError(f"it does not describe data: the feature '{name}' cannot be one")
    if math.prod(max(1, size) for size in (*shape, *(one_hot or ()))) > _MOST_NUMBERS:
        raise ValueError(f"it does not describe data: the feature '{name}' is larger than any example")
    scale, categories = plain["scale"], plain["categories"]
    return Feature(name, dtype, shape, scale, categories, None if one_hot is None else tuple(one_hot))


def differences(now: DataSpec, then: DataSpec) -> str:
    """What of the data is not as it was, in a few words; empty when all is."""
    found = []
    for name in ("sizes", "dimensions"):
        new, old = dict(getattr(now, name)), dict(getattr(then, name))
        found += [f"{key} is {new.get(key)}, was {old.get(key)}" for key in new | old if new.get(key) != old.get(key)]
    if now.class_names != then.class_names:
        found.append("other classes")
    changed = [new.name for new, old in zip(now.columns, then.columns, strict=False) if new != old]
    if changed:
        found.append(f"other values in the columns {', '.join(changed)}")
    if (now.features, now.inputs, now.targets) != (then.features, then.inputs, then.targets):
        found.append("other features")
    return "; ".join(found)
