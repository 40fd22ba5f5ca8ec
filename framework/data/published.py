"""Data sets whose files are published: found on this machine, or else loaded into the cache."""

from __future__ import annotations

import os
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from framework.data.dataset import Dataset
from framework.data.download import Remote, cache_folder, fetch
from framework.data.files import expand
from framework.errors import DataError
from framework.fields import structural

VARIABLE = "GRAPHWRIGHT_DATA"


class PublishedDataset(Dataset):
    """A data set of published files, which lie together: in `directory`, `$GRAPHWRIGHT_DATA` or the cache.

    In each of them they may lie in a folder of the data set's own name. Only what is in none of these places is
    loaded, into the cache, and only when the arrays are needed: what is planned needs no file.

    title: what the data set is called. subfolder: its own name.
    """

    directory: str | None = structural(None, f"folder of its files; left out, ${VARIABLE}, or the cache they load into")
    title: ClassVar[str]
    subfolder: ClassVar[str]

    @classmethod
    @abstractmethod
    def remotes(cls) -> tuple[Remote, ...]:
        """The files."""

    @classmethod
    def names(cls, remote: Remote) -> tuple[str, ...]:
        """The names under which a file is taken, the usual one first."""
        return (remote.name,)

    def found(self) -> dict[str, Path]:
        """File -> where it is on this machine; empty when they are to be loaded.

        Raises DataError for a folder that was named and is not there, or lacks some of the files.
        """
        if self.directory:
            return self._whole(_named(self.directory, "dataset.directory"))
        given = os.environ.get(VARIABLE)
        there = self._in(_named(given, VARIABLE)) if given else {}
        if there and given:
            return self._whole(expand(given))
        cached = self._in(self._cache())
        return cached if len(cached) == len(self.remotes()) else {}

    def obtained(self) -> dict[str, Path]:
        """File -> where it is, once it has been loaded if need be. Raises DataError."""
        return self.found() or {remote.name: fetch(remote, self._cache()) for remote in self.remotes()}

    @classmethod
    def hint(cls) -> str:
        """Where the files can be had."""
        urls = [remote.urls[0] for remote in cls.remotes()]
        return f"load {' and '.join(urls)}" if len(urls) == 1 else f"its files are at {urls[0].rpartition('/')[0]}/"

    def _cache(self) -> Path:
        return cache_folder() / self.subfolder

    def _in(self, folder: Path) -> dict[str, Path]:
        """Those of the files that a folder holds."""
        inner = folder / self.subfolder
        places = {
            remote.name: [base / name for base in (inner, folder) for name in self.names(remote)]
            for remote in self.remotes()
        }
        found = {name: next((path for path in paths if path.exists()), None) for name, paths in places.items()}
        return {name: path for name, path in found.items() if path is not None}

    def _whole(self, folder: Path) -> dict[str, Path]:
        """All files in a folder. Raises DataError that names all that are missing."""
        found = self._in(folder)
        missing = [remote.name for remote in self.remotes() if remote.name not in found]
        if missing:
            raise DataError(f"{folder} lacks {', '.join(missing)} of {self.title}", self.hint())
        return found


def _named(text: str, who: str) -> Path:
    folder = expand(text)
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}, which {who} names", "make it, or leave it out")
    return folder
