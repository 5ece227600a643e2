"""Processes that die: at a call, before a commit, after it, between two steps.

A crash is no exception a program could handle: it unwinds everything, its database connection is
cut, and what was not committed is gone. Only what stands in the rows goes on, by the jobs.
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
            # As the kernel does: the database hears nothing more and rolls back.
            connection.close()
            raise Crash(where)

    def survive(self, work: Callable[[], T], *, died: T) -> T:
        """Do a process's work in it; return `died` where it did not live to see the end."""
        try:
            done = work()
            self.pass_by("after a step")
        except Crash:
            connection.close()
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
