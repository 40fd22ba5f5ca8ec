"""Which sweep `-m resume=auto` goes on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from framework.sweep.expansion import Expansion
from framework.sweep.ledger import DONE, FILE, Ledger, SweepError
from framework.train.folder import is_locked


def newest_unfinished(root: Path, expansion: Expansion, command: Sequence[str]) -> Path | None:
    """The newest sweep at or below a folder that has the same trials, some of them missing or failed.

    A search has no trials before it begins: it is the same when its command is, but for `sweep.search.trials` and other
    options that change no trial. One that a process runs now is passed over. None when there is no such sweep.
    """
    found = [ledger for ledger in _ledgers(root) if not is_locked(ledger.path) and _is_same(ledger, expansion, command)]
    open_ones = [ledger for ledger in found if _is_unfinished(ledger, expansion)]
    newest = max(open_ones, key=lambda ledger: str(ledger.about.get("started")), default=None)
    return None if newest is None else newest.path


def _ledgers(root: Path) -> Iterator[Ledger]:
    for file in sorted(root.rglob(FILE)):
        try:
            yield Ledger.read(file.parent)
        except SweepError:  # of another version, or damaged
            continue


def _is_same(ledger: Ledger, expansion: Expansion, command: Sequence[str]) -> bool:
    if expansion.sweep.search is not None:
        return _of_trials(ledger.about.get("command", ())) == _of_trials(command)
    return ledger.frozen.keys() == {trial.id for trial in expansion.trials}


def _of_trials(command: Sequence[str]) -> set[str]:
    """The words of a search's command that decide what a trial can be."""
    space = "sweep.search.space"
    return {word for word in command if word.startswith(space) or not word.startswith(("sweep.", "hydra"))}


def _is_unfinished(ledger: Ledger, expansion: Expansion) -> bool:
    states = [outcome.state for outcome in ledger.outcomes.values()]
    search = expansion.sweep.search
    return (search is not None and len(states) < search.trials) or any(state not in DONE for state in states)
