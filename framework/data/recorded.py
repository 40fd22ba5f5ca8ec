"""What a run knew of its data, as a file: a past run predicts without them, and is not compared with others."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from framework.data.columns import Column
from framework.data.spec import DataSpec, Feature
from framework.errors import DataError
from framework.graph import as_dtype

FILE = "data.json"


def read_recorded(folder: Path) -> DataSpec | None:
    """What the run in a folder knew of its data; None where it wrote nothing down. Raises DataError."""
    path = folder / FILE
    try:
        return from_json(path.read_text(encoding="utf-8")) if path.exists() else None
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}", "remove it, and the data themselves are asked") from None


def to_json(spec: DataSpec) -> str:
    """The specification as JSON."""
    plain = asdict(spec) | {
        "features": {name: asdict(feature) | {"dtype": feature.dtype.name} for name, feature in spec.features.items()}
    }
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> DataSpec:
    """The specification that was written so. Raises ValueError for anything else."""
    try:
        plain = json.loads(text)
        features = {name: _feature(feature) for name, feature in plain.pop("features").items()}
        names, columns = plain.pop("class_names"), plain.pop("columns", [])
        sequences = {name: tuple(plain.pop(name)) for name in ("inputs", "targets")}
        return DataSpec(
            features,
            **sequences,
            **plain,
            class_names=None if names is None else tuple(names),
            columns=tuple(map(Column.from_json, columns)),
        )
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"it does not describe data: {error!r}") from None


def _feature(plain: dict[str, Any]) -> Feature:
    one_hot = plain.get("one_hot")
    read = {
        "dtype": as_dtype(plain["dtype"]),
        "shape": tuple(plain["shape"]),
        "one_hot": None if one_hot is None else tuple(one_hot),
    }
    return Feature(**{**plain, **read})


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
