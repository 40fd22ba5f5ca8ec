"""Tasks that take turns: each is ordinary code in a thread of its own, yet only one of them runs at any time.

A task asks for something and waits. When all tasks wait, whoever answers sees every question at once, and can answer
several with one computation. So a trial needs no other code to run among others than it needs alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Q = TypeVar("Q")


@dataclass(eq=False)
class Asked(Generic[Q]):
    """A question that a task waits with, to be answered or refused."""

    question: Q
    _task: _Task

    def answer(self, value: Any) -> None:
        """Lets the task go on with a value, at its next turn."""
        self._task.asked, self._task.answer = None, value

    def refuse(self, error: BaseException) -> None:
        """Lets the task go on with an error, which its question raises."""
        self._task.asked, self._task.error = None, error


class Turns(Generic[Q]):
    """Runs tasks by turns.

    reply: answers or refuses at least one of the questions with which all tasks wait. What it raises, or a task does,
    is raised in all others, and then by `run`.
    """

    def __init__(self, reply: Callable[[Sequence[Asked[Q]]], None]):
        self._reply = reply
        self._here = threading.local()

    def run(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Returns when all tasks have ended."""
        alive = [_Task(work, self._here) for work in tasks]
        failure: BaseException | None = None
        while alive:
            for task in [task for task in alive if task.asked is None]:
                task.take_turn()
            failure = failure or next((task.failure for task in alive if task.failure is not None), None)
            alive = [task for task in alive if not task.is_over]
            waiting = [task.asked for task in alive if task.asked is not None]
            if failure is None and waiting:
                try:
                    self._reply(waiting)
                except Exception as error:
                    failure = error
            if failure is not None:
                for asked in waiting:
                    if asked._task.asked is asked:
                        asked.refuse(failure)
        if failure is not None:
            raise failure

    def ask(self, question: Q) -> Any:
        """Called in a task: waits for the answer."""
        return self._here.task.ask(question)


@dataclass(eq=False)
class _Task:
    """A thread that runs when it is given its turn, until it asks or ends."""

    work: Callable[[], None]
    here: threading.local
    asked: Asked[Any] | None = None
    answer: Any = None
    error: BaseException | None = None
    failure: BaseException | None = None
    is_over: bool = False
    _go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _back: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        threading.Thread(target=self._run, daemon=True, name="trial").start()

    def _run(self) -> None:
        self._go.acquire()
        self.here.task = self
        try:
            self.work()
        except BaseException as error:
            self.failure = error
        self.is_over = True
        self._back.release()

    def take_turn(self) -> None:
        self._go.release()
        self._back.acquire()

    def ask(self, question: Any) -> Any:
        self.asked = Asked(question, self)
        self._back.release()
        self._go.acquire()
        error, self.error = self.error, None
        if error is not None:
            raise error
        return self.answer
