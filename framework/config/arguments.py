"""The words of the command line, sorted: options, and overrides of the configuration."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from framework.config.loader import ROOT, Source
from framework.errors import ConfigError, Mistake
from framework.registry import did_you_mean


@dataclass(frozen=True)
class Arguments:
    """What stands on the command line.

    source: which configuration. overrides: key=value, group=choice and ~key. is_sweep: `-m`. shows: `--cfg job`.
    """

    source: Source
    overrides: tuple[str, ...]
    is_sweep: bool = False
    shows: bool = False
    wants_help: bool = False


def parse(words: Sequence[str]) -> Arguments:
    """Sorts the command line. Raises ConfigError for options that do not exist."""
    parser = _parser()
    found, unknown = parser.parse_known_intermixed_args(list(words))
    mistakes = [_unknown(word, parser) for word in unknown if word.startswith("-")]
    if mistakes:
        raise ConfigError(mistakes)
    resumed = [text.removeprefix("resume=") for text in found.overrides if text.startswith("resume=")]
    if resumed and not resumed[-1].strip():
        message = "must be a run folder or auto, found nothing"
        raise ConfigError([Mistake((), message, "such as resume=outputs/first", place="command line  resume=")])
    source = Source(
        directory=found.config_path.resolve(),
        name=found.config_name.removesuffix(".yaml"),
        extra=tuple(folder.resolve() for folder in found.config_dir),
        resume=Path(resumed[-1]) if resumed else None,
    )
    overrides = tuple(text for text in found.overrides if not text.startswith("resume="))
    return Arguments(source, overrides, found.multirun, found.cfg is not None, found.help)


def groups(source: Source) -> str:
    """The groups of a configuration and the files that can be chosen of each, as a table for `--help`."""
    folders = [folder for where in (source.directory, *source.extra) for folder in sorted(where.glob("*/"))]
    files = {folder.name: sorted(file.stem for file in folder.glob("*.yaml")) for folder in folders}
    files["experiments"] = sorted(file.stem for file in (ROOT / "experiments").glob("*.yaml"))
    named = {group: ", ".join(names) for group, names in files.items() if names}
    width = max(map(len, named), default=0) + 4
    return "\n".join(
        textwrap.fill(names, 79, initial_indent=f"  {group}".ljust(width), subsequent_indent=" " * width)
        for group, names in named.items()
    )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ConfigError([Mistake((), message, place="command line")])


def _parser() -> argparse.ArgumentParser:
    """The options, named as Hydra names them."""
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("-m", "--multirun", action="store_true")
    parser.add_argument("-c", "--cfg", choices=["job"])
    parser.add_argument("-cp", "--config-path", type=Path, default=Source.directory)
    parser.add_argument("-cn", "--config-name", default=Source.name)
    parser.add_argument("-cd", "--config-dir", type=Path, action="append", default=[])
    parser.add_argument("overrides", nargs="*")
    return parser


def _unknown(word: str, parser: argparse.ArgumentParser) -> Mistake:
    known = [name for action in parser._actions for name in action.option_strings if name.startswith("--")]
    message = f"there is no option '{word}'{did_you_mean(word, known)}  known: {', '.join(known)}"
    return Mistake((), message, place=f"command line  {word}")
