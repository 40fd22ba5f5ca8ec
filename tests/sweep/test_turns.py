"""Tasks that take turns: answered together, in order, and all told when one goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest

from framework.sweep.turns import Asked, Turns


def test_questions_are_answered_together():
    seen: list[list[int]] = []

    def reply(waiting: Sequence[Asked[int]]) -> None:
        seen.append([asked.question for asked in waiting])
        for asked in waiting:
            asked.answer(asked.question * 10)

    turns, found = Turns[int](reply), []

    def task(number: int) -> None:
        for round in range(number):
            found.append(turns.ask(10 * number + round))

    turns.run([partial(task, number) for number in (1, 3, 2)])
    assert seen == [[10, 30, 20], [31, 21], [32]]
    assert found == [100, 300, 200, 310, 210, 320]


def test_those_that_are_not_answered_wait():
    def reply(waiting: Sequence[Asked[int]]) -> None:
        least = min(waiting, key=lambda asked: asked.question)
        least.answer(least.question)

    turns, found = Turns[int](reply), []
    turns.run([lambda k=k: found.append(turns.ask(k)) for k in (3, 1, 2)])
    assert found == [1, 2, 3]


def test_a_question_may_be_refused():
    def reply(waiting: Sequence[Asked[int]]) -> None:
        for asked in waiting:
            asked.refuse(ValueError("no"))

    turns = Turns[int](reply)

    def task() -> None:
        with pytest.raises(ValueError, match="no"):
            turns.ask(1)

    turns.run([task, task])


@pytest.mark.parametrize("is_in_reply", [True, False])
def test_what_goes_wrong_ends_all_tasks(is_in_reply: bool):
    ended: list[int] = []

    def reply(waiting: Sequence[Asked[int]]) -> None:
        raise OSError("the disk is full")

    turns = Turns[int](reply)

    def task(number: int) -> None:
        try:
            if number == 1 and not is_in_reply:
                raise OSError("the disk is full")
            turns.ask(number)
        finally:
            ended.append(number)

    with pytest.raises(OSError, match="the disk is full"):
        turns.run([partial(task, number) for number in range(3)])
    assert sorted(ended) == [0, 1, 2]
