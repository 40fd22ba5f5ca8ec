"""The verbs that show what there is, and what was: list, describe, schema, runs, diff, inspect."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from framework.errors import ConfigError, Mistake
from framework.launch import answer, parse
from framework.registry import did_you_mean

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


@application.command(context_settings={"ignore_unknown_options": True})
def diff(words: Annotated[list[str] | None, typer.Argument(metavar="A [vs] B")] = None) -> None:
    """What differs between two experiments: options, layers, ops, size, and whether they share a compiled program.

    Each is a run folder, or options as train.py takes them; of more than one word, with vs between the two.

    Example: python -m framework diff model=cnn vs model=mlp optimizer=sgd

    One side alone is compared with the defaults: python -m framework diff optimizer.learning_rate=0.1
    """

    def show() -> int:
        from framework import listing
        from framework.difference import difference, render

        return _print(render(difference(*_compose(_sides(words or []))), listing.width()))

    raise typer.Exit(answer(show))


@application.command()
def schema(words: Annotated[list[str] | None, typer.Argument(metavar="[group=...] [output=...]")] = None) -> None:
    """The JSON Schema of the configuration, by which an editor completes and checks the YAML.

    Options: group=model (a file of conf/model; experiments: a recipe), output=FILE, or output=FOLDER/ for all of them

    Example: python -m framework schema output=.graphwright/
    """

    def show() -> int:
        from framework.config import schema_files

        given = _named(_without_plugins(words), "group", "output")
        if "output" not in given:
            print(schema_files.text(given.get("group")), end="")
            return 0
        return _print(schema_files.write(given["output"], given.get("group")))

    raise typer.Exit(answer(show))


@application.command()
def inspect(words: Annotated[list[str] | None, typer.Argument(metavar="FILE")] = None) -> None:
    """A graph in a file, of TensorFlow's or our own: inputs, outputs, parameters, FLOPs, ops, and what cannot be run.

    The file is a GraphDef: .pb, .pb.gz or .pbtxt.

    Example: python -m framework inspect model.pb
    """

    def show() -> int:
        from framework.errors import GraphError
        from framework.plan.inspection import inspect as look
        from framework.plan.inspection import render_inspection

        if len(words or []) != 1:
            message = f"inspect takes one file; found {len(words or [])} words"
            raise ConfigError([Mistake((), message, "such as: inspect model.pb", place=_PLACE)])
        try:
            found = look((words or [])[0])
        except GraphError as error:
            place = error.node or f"{_PLACE}  {(words or [])[0]}"
            raise ConfigError([Mistake((), error.message, error.hint, place=place)]) from None
        print(render_inspection(found), end="")
        return 0

    raise typer.Exit(answer(show))


def _named(words: list[str], *known: str) -> dict[str, str]:
    """Words such as `output=FILE` by name. Raises ConfigError for others."""
    given = {word.partition("=")[0]: word.partition("=")[2] for word in words}
    mistakes = [
        Mistake(
            (),
            f"there is no option '{name}'{did_you_mean(name, known)}  options: {', '.join(known)}",
            place=f"{_PLACE}  {name}",
        )
        for name in given
        if name not in known
    ]
    if mistakes:
        raise ConfigError(mistakes)
    return given


def _sides(words: list[str]) -> tuple[list[str], list[str]]:
    """The words of either side. Raises ConfigError where it is not said which belong to which."""
    if words.count("vs") == 1:
        cut = words.index("vs")
        return words[:cut], words[cut + 1 :]
    if len(words) in (1, 2) and "vs" not in words:
        return words[:-1], words[-1:]
    message = f"diff compares two experiments; found {len(words)} words"
    raise ConfigError([Mistake((), message, "put vs between them: diff model=cnn vs model=mlp", place=_PLACE)])


def _compose(sides: tuple[list[str], list[str]]):
    """The two experiments; each is a run folder or options. What both read is read once."""
    from pathlib import Path

    from framework.config.compose import compose
    from framework.config.loader import Loader, Source
    from framework.difference import Side

    loaders: dict[Source, Loader] = {}
    for words in sides:
        is_folder = bool(words) and Path(words[0]).is_dir()
        arguments = parse([f"resume={words[0]}", *words[1:]] if is_folder else words)
        source = arguments.source
        loader = None if is_folder else loaders.setdefault(source, loaders.get(source) or Loader(source))
        yield Side.of(" ".join(words) or "the defaults", compose(arguments.overrides, source, loader))


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
