"""Processes that die: at a call, before a commit, after it, between two steps.

A crash is no exception a program could handle: it unwinds everything, and what was not committed is
gone. Only what stands in the rows goes on, by the jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Final, TypeVar

from django.db import connection

from mall.config.simulation.trace import Trace

T = TypeVar("T")

# How often a process dies at a point it passes, per ten thousand.
RATES: Final = {
    "before the first byte": 80,
    "with the answer in hand": 100,
    "before commit": 25,
    "after commit": 25,
    "after a step": 60,
}


class Crash(BaseException):
    """The process that was at work is dead."""


def _let_go_of_the_database() -> None:
    """What was not committed is gone, and what was to happen after the commit happens no more."""
    if connection.connection is not None:
        connection.connection.rollback()
    connection.run_on_commit = []
    connection.run_commit_hooks_on_set_autocommit_on = False


class Crashes:
    """Decides who dies where, and buries them."""

    def __init__(self, dice: Random, trace: Trace) -> None:
        """Begin peacefully; `armed` lets people die."""
        self._dice = dice
        self._trace = trace
        self.armed = False

    def pass_by(self, where: str) -> None:
        """Pass a point at which a process may die: Crash."""
        if self.armed and self._dice.randrange(10_000) < RATES[where]:
            self._trace.crash(where)
            _let_go_of_the_database()
            raise Crash(where)

    def survive(self, work: Callable[[], T], *, died: T) -> T:
        """Do a process's work in it; return `died` where it did not live to see the end."""
        try:
            done = work()
            self.pass_by("after a step")
        except Crash:
            return died
        return done

    @contextmanager
    def at_commits(self) -> Iterator[None]:
        """Let processes also die just before and just after what they did is committed."""
        commit = connection.commit

        def commit_or_die() -> None:
            self.pass_by("before commit")
            commit()
            self.pass_by("after commit")

        connection.commit = commit_or_die  # type: ignore[method-assign]
        try:
            yield
        finally:
            del connection.commit
