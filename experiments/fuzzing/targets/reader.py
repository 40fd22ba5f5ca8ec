"""A reader that is tried: valid files, how they are changed, and what reads them."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path

from experiments.fuzzing.mutation import of_bytes

Files = dict[str, bytes]


class Reader(ABC):
    """One reader. name: how it is called on the command line. seeds: valid inputs, as files by name."""

    name: str

    @cached_property
    @abstractmethod
    def seeds(self) -> list[Files]:
        """Valid inputs."""

    @abstractmethod
    def read(self, folder: Path) -> None:
        """Reads what is in a folder. Raises FrameworkError."""

    def mutated(self, draw: random.Random) -> Files:
        """An input that is damaged, or hostile."""
        files = dict(draw.choice(self.seeds))
        name = draw.choice(list(files))
        files[name] = self.change(draw, name, files[name])
        return files

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        """One file, changed."""
        return of_bytes(draw, content)
