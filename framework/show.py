"""The verbs that show what there is, and what was: list, describe, runs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from framework.errors import ConfigError, Mistake
from framework.launch import answer

application = typer.Typer(add_completion=False)
Words = Annotated[list[str] | None, typer.Argument(metavar="[word] ...")]


@application.command("list")
def list_(words: Annotated[list[str] | None, typer.Argument(metavar="[what] [plugins=...]")] = None) -> None:
    """Everything a configuration can name: layers, losses, optimizers, ... each with a line about it.

    Example: python -m framework list layers
    """

    def show() -> int:
        from framework import listing
        from framework.catalog import shelf

        names = _without_plugins(words)
        if not names:
            return _print(listing.shelves())
        shelves = [shelf(name) for name in names]
        limit = listing.width() if sys.stdout.isatty() else None
        return _print("\n\n".join("\n".join(listing.entries(one, limit)) for one in shelves).split("\n"))

    raise typer.Exit(answer(show))


@application.command()
def describe(words: Annotated[list[str] | None, typer.Argument(metavar="[kind] name")] = None) -> None:
    """All about one of them: its options with type, default, kind and limits, and an example.

    Example: python -m framework describe conv2d
    """

    def show() -> int:
        from framework import listing
        from framework.catalog import find

        names = _without_plugins(words)
        if not 1 <= len(names) <= 2:
            message = f"describe takes a name, or a kind and a name; found {len(names)} words"
            raise ConfigError([Mistake((), message, "such as: describe conv2d, describe layer conv2d", place=_PLACE)])
        found = find(names[-1], names[0] if len(names) == 2 else None)
        parts = ["\n".join(listing.description(entry, listing.width())).rstrip() for entry in found]
        return _print("\n\n\n".join(parts).split("\n"))

    raise typer.Exit(answer(show))


@application.command()
def runs(
    words: Annotated[list[str] | None, typer.Argument(metavar="[compare] [folder ...] [condition ...]")] = None,
) -> None:
    """Past runs, newest first: what came of them, and the options that tell them apart.

    Conditions: model=cnn, 'optimizer.learning_rate>0.01'.  Options: sort=test/accuracy, columns=a,b, limit=30

    Example: python -m framework runs outputs model=cnn sort=test/accuracy

    Side by side: python -m framework runs compare FOLDER FOLDER
    """

    def show() -> int:
        from datetime import datetime

        from framework import listing
        from framework.train import runs as past
        from framework.train import runs_table

        if words and words[0] == "compare":
            return _print(runs_table.compare(_compared(words[1:]), datetime.now()))
        question = past.parse(words or [])
        found = past.answer(question)
        shown = found[: question.limit]
        width = listing.width() if sys.stdout.isatty() else 10_000
        return _print(runs_table.render(shown, len(found) - len(shown), question.columns, width, datetime.now()))

    raise typer.Exit(answer(show))


def _compared(words: list[str]):
    """The runs in two or more folders. Raises ConfigError for what is no run folder."""
    from pathlib import Path

    from framework.train.runs import load

    found = [load(Path(word)) for word in words]
    mistakes = [
        Mistake((), run.damage, place=f"{_PLACE}  {word}")
        for word, run in zip(words, found, strict=True)
        if run.status is None
    ]
    if len(found) < 2 and not mistakes:
        mistakes = [Mistake((), f"compare takes two run folders or more, found {len(found)}", place=_PLACE)]
    if mistakes:
        raise ConfigError(mistakes)
    return found


_PLACE = "command line"


def _without_plugins(words: list[str] | None) -> list[str]:
    """The words but `plugins=...`; the plugins, or those that the configuration names, are imported."""
    from framework.config.check import import_plugins
    from framework.config.compose import compose
    from framework.config.loader import Source

    given = [word for word in words or [] if word.startswith("plugins=")]
    mistakes = list(import_plugins(compose(given, Source()).tree.get("plugins")))
    if mistakes:
        raise ConfigError(mistakes)
    return [word for word in words or [] if word not in given]


def _print(lines: Iterable[str]) -> int:
    print("\n".join(lines))
    return 0
