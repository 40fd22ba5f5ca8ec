"""`status.json`: how a run stands, for anyone to read."""

from __future__ import annotations

import json
import math
import platform
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from framework.errors import RunFolderError
from framework.files import read_json, read_whole
from framework.train.best import BestSoFar
from framework.train.folder import RunFolder

_SWEEP = re.compile(r"\.\.(?:[/\\]\.\.)* [0-9a-f]+")  # a folder above, and a fingerprint
_LARGEST = 1 << 24  # bytes of a status
State = Literal["running", "finished", "stopped", "failed"]


@dataclass
class Status:
    """What `status.json` says of a run.

    metrics: the last value of each number by name, such as `test/accuracy`; null in the file when it is not finite.
    execution: how the steps were run. kernels: op -> kernel -> how many nodes it computes, of ops that have several.
    Both stay when the run goes on. best: the monitored number, its best value and step. choices: the file chosen of
    each group of the configuration. programs: how many the process that wrote this compiled, how many it took from the
    compile cache, and the seconds of both. sweep: where the sweep is that the run is a trial of, seen from its folder;
    None for a run by itself.
    """

    state: State = "running"
    step: int = 0
    total_steps: int = 0
    steps_per_epoch: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    best: BestSoFar | None = None
    execution: str = ""
    kernels: dict[str, dict[str, int]] = field(default_factory=dict)
    device: str = ""
    fingerprint: str = ""
    programs: dict[str, float] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    started: str = ""
    ended: str | None = None
    seconds: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    error: str | None = None
    commit: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    sweep: Annotated[str, Field(pattern=r"^\.\.(/\.\.)*$")] | None = None

    def group(self, path: Path) -> Path | None:
        """The folder of what the runs of one program share, of a run in `path`; None for a run by itself."""
        folder = None if self.sweep is None else path / self.sweep / "groups" / self.fingerprint[:12]
        return folder if folder is not None and folder.is_dir() else None

    def write(self, folder: RunFolder) -> None:
        """Writes it into the folder."""
        folder.write("status.json", json.dumps(_finite(asdict(self)), indent=1, allow_nan=False) + "\n")

    @classmethod
    def read(cls, path: Path) -> Status:
        """The status of the run in a folder. Raises RunFolderError when there is none."""
        try:
            saved = read_json(read_whole(path / "status.json", _LARGEST))
            if not isinstance(saved, dict):
                raise ValueError("it holds no mapping")
            known = {name: saved[name] for name in cls.__dataclass_fields__ if name in saved}
            if isinstance(known.get("metrics"), dict):
                known["metrics"] = {n: math.nan if v is None else v for n, v in known["metrics"].items()}
            status = _types().validate_python(known)
            if status.sweep is not None and not _SWEEP.fullmatch(f"{status.sweep} {status.fingerprint}"):
                raise ValueError("sweep: it leads elsewhere than to the folders above")
            return status
        except ValidationError as error:
            wrong = error.errors()[0]
            reason = f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}"
        except (OSError, ValueError) as error:
            reason = str(error)
        raise RunFolderError(f"'{path}' is no run folder: its status.json cannot be read ({reason})") from None


@cache
def _types() -> TypeAdapter[Status]:
    return TypeAdapter(Status)


def now() -> str:
    """The time of day, with its zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """The versions that decide a result."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("graphwright", "jax", "jaxlib", "optax", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def commit(root: Path) -> str | None:
    """The commit that is checked out in `root`, read from git's files; None where there is none."""
    try:
        git = _git_folder(root)
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        shared = git / "commondir"
        common = git / shared.read_text().strip() if shared.exists() else git
        loose = common / name
        return loose.read_text().strip() if loose.exists() else _packed(common / "packed-refs")[name]
    except (OSError, KeyError):
        return None


def _git_folder(root: Path) -> Path:
    """`.git`, or where it points: in a second work tree it is a file."""
    git = root / ".git"
    return root / git.read_text().strip().removeprefix("gitdir: ") if git.is_file() else git


def _packed(path: Path) -> dict[str, str]:
    """Name -> commit, of the references that git has put into one file."""
    lines = (line.split() for line in path.read_text().splitlines() if not line.startswith(("#", "^")))
    return {name: commit for commit, name in lines}


def _finite(value: Any) -> Any:
    """The same plain data with null for what JSON has no number for."""
    if isinstance(value, Mapping):
        return {name: _finite(inner) for name, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
