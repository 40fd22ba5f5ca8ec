"""The verbs of `python -m framework`: what can be asked about an experiment, or of a run, without training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from framework.errors import ConfigError, GraphError, Mistake, RunFolderError
from framework.launch import answer, parse, prepare
from framework.registry import did_you_mean
from framework.show import application as showing

application = typer.Typer(
    help="Plan an experiment; evaluate a run or predict with it. Training is `python train.py`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
application.add_typer(showing)
Overrides = Annotated[list[str] | None, typer.Argument(metavar="[group=choice] [path.to.option=value] ...")]
Options = Annotated[list[str] | None, typer.Argument(metavar="run=FOLDER [option=value] ...")]
_OPTIONS = {"ignore_unknown_options": True}


@application.command(context_settings=_OPTIONS)
def plan(overrides: Overrides = None) -> None:
    """Show layers, shapes, parameters, FLOPs and memory; nothing is compiled, unless compile=true asks XLA as well.

    Example: python -m framework plan model=mlp dataset=mnist
    """

    def show() -> int:
        from framework.plan import plan as make
        from framework.plan import render

        words = [word for word in overrides or [] if not word.startswith("compile=")]
        compiled = [word for word in overrides or [] if word not in words]
        if compiled and compiled[-1] not in ("compile=true", "compile=false"):
            raise ConfigError([Mistake((), "compile is true or false", place=f"command line  {compiled[-1]}")])
        arguments = parse(words)
        if arguments.is_sweep or arguments.shows:
            message = "plan shows one experiment; -m and --cfg are options of train.py"
            raise ConfigError([Mistake((), message, place="command line")])
        trial = prepare(arguments.overrides, arguments.source)
        planned = make(trial.experiment, trial.built)
        print(render(planned), end="")
        if compiled and compiled[-1] == "compile=true":
            from framework.prepare import placing
            from framework.train.measure import analyse, compare

            with placing(trial.composed):
                print("\n" + compare(planned, *analyse(trial.experiment)), end="")
        return 0

    raise typer.Exit(answer(show))


@application.command()
def evaluate(options: Options = None) -> None:
    """Losses and metrics of a run over a split of its data, or over a file.

    Options: run=FOLDER, split=test, data=FILE (in place of a split), checkpoint=latest|best
    plugins=[...] (modules that the run names, and that may be imported)

    Example: python -m framework evaluate run=outputs/2026-01-31/12-00-00-cnn-digits checkpoint=best
    """

    def show() -> int:
        from framework.train.confusion import as_csv

        given = _options(options, "run", "split", "data", "checkpoint", "plugins")
        run = _run(given)
        split = given.get("split", "test")
        file = Path(given["data"]) if "data" in given else None
        if file is None:
            found = run.evaluate(split)
        else:
            found = run.evaluate_arrays(run.experiment.dataset.read_file(file), str(file))
        width = max(map(len, found))
        for name, value in found.items():
            print(f"{name:<{width}}  {value:.6g}")
        if found.tables:
            print(f"\n{as_csv(found.tables)}", end="")
        return 0

    raise typer.Exit(answer(show))


@application.command()
def curves(options: Options = None) -> None:
    """Draw the metrics of a run over its steps: of a trial of a sweep, or of a run that is still under way.

    Options: run=FOLDER, output=FILE.png (or else curves.png in the folder)

    Example: python -m framework curves run=multirun/2026-01-31/12-00-00/3
    """

    def show() -> int:
        given = _options(options, "run", "output")
        folder = Path(given["run"])
        picture = Path(given.get("output", folder / "curves.png"))
        if picture.suffix != ".png":
            raise ConfigError([Mistake((), f"'{picture}' must end in .png", place=f"command line  output={picture}")])
        _draw(folder, picture)
        print(f"written to {picture}")
        return 0

    raise typer.Exit(answer(show))


def _draw(folder: Path, picture: Path) -> None:
    """Draws `metrics.csv` of a run. Raises RunFolderError for what is no run, or has no numbers yet."""
    from framework.sweep.ledger import FILE
    from framework.train.curves import draw
    from framework.train.folder import require_within
    from framework.train.status import Status

    if (folder / FILE).exists():
        message = f"'{folder}' is a sweep, whose curves are in {folder / 'pictures'}; one of its trials: run={folder}/0"
        raise RunFolderError(message)
    require_within(folder)
    Status.read(folder)
    if not draw(folder / "metrics.csv", picture, folder.resolve().name):
        raise RunFolderError(f"'{folder}' has no numbers yet: nothing has been reported in its metrics.csv")


@application.command()
def predict(options: Options = None) -> None:
    """What the model of a run says of the examples in a file.

    Options: run=FOLDER, input=FILE (arrays in an .npz file, named as the data set's; for a data set of images an image
    or a folder; for one of text a text; for a table a table), output=FILE.csv or FILE.npz, checkpoint=latest|best
    plugins=[...] (modules that the run names, and that may be imported)

    Example: python -m framework predict run=outputs/2026-01-31/12-00-00-cnn-digits input=new.npz output=answers.csv
    """

    def show() -> int:
        from framework.train.answers import check_ending, write_answers

        given = _options(options, "run", "input", "output", "checkpoint", "plugins")
        for name in ("input", "output"):
            if name not in given:
                raise ConfigError([Mistake((), f"predict needs {name}=FILE", place="command line")])
        source, target = Path(given["input"]), Path(given["output"])
        check_ending(target)
        run = _run(given)
        dataset = run.experiment.dataset
        found = run.predict(dataset.read_file(source))
        write_answers(target, found, run.experiment, dataset.columns_of(source))
        for name, array in found.items():
            print(f"{name}  {array.dtype}{list(array.shape)}")
        print(f"written to {given['output']}")
        return 0

    raise typer.Exit(answer(show))


@application.command()
def freeze(options: Options = None) -> None:
    """The model of a run as one file that TensorFlow loads: a GraphDef with the parameters as constants.

    Options: run=FOLDER, output=FILE.pb (or .pb.gz, or .pbtxt as text), checkpoint=latest|best
    plugins=[...] (modules that the run names, and that may be imported)

    Example: python -m framework freeze run=outputs/2026-01-31/12-00-00-cnn-digits output=model.pb
    """

    def show() -> int:
        from framework.export.freezing import freeze_run
        from framework.graph.graphdef.saving import check_ending, save_graph

        given = _options(options, "run", "output", "checkpoint", "plugins")
        if "output" not in given:
            raise ConfigError([Mistake((), "freeze needs output=FILE.pb", place="command line")])
        try:
            check_ending(given["output"])
        except GraphError as error:
            raise ConfigError([Mistake((), error.message, place="command line")]) from None
        frozen = freeze_run(_run(given))
        save_graph(frozen.graph, given["output"])
        for kind, named in (("input", frozen.inputs), ("output", frozen.outputs)):
            for name, tensor in named.items():
                print(f"{kind}  {name}  {tensor}  {frozen.graph.spec(tensor)}")
        print(f"written to {given['output']}, {len(frozen.graph)} nodes")
        return 0

    raise typer.Exit(answer(show))


def _options(words: list[str] | None, *known: str) -> dict[str, str]:
    """The options of a verb. Raises ConfigError for one that does not exist, and for a missing `run`."""
    given, mistakes = {}, []
    for word in words or []:
        name, equals, value = word.partition("=")
        if not equals or name not in known:
            message = f"there is no option '{name}'{did_you_mean(name, known)}  options: {', '.join(known)}"
            mistakes.append(Mistake((), message, place=f"command line  {word}"))
        given[name] = value
    if "run" not in given and not mistakes:
        mistakes.append(Mistake((), "say which run: run=outputs/<date>/<folder>", place="command line"))
    if given.get("checkpoint", "latest") not in ("latest", "best"):
        message = f"checkpoint is latest or best, found '{given['checkpoint']}'"
        mistakes.append(Mistake((), message, place=f"command line  checkpoint={given['checkpoint']}"))
    if mistakes:
        raise ConfigError(mistakes)
    return given


def _run(given: dict[str, str]):
    from framework.train.past_run import Run

    plugins = [name.strip() for name in given.get("plugins", "").strip("[]").split(",") if name.strip()]
    return Run(Path(given["run"]), "best" if given.get("checkpoint") == "best" else "latest", plugins)


def main() -> None:
    """Runs the verb of the command line."""
    application(prog_name="python -m framework")
