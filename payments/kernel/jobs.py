"""Work that runs by itself: what each floor hands to whoever runs the jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeVar

import structlog
from django.db import connection
from django.db.models import QuerySet

from payments.kernel.clock import now

log = structlog.get_logger(__name__)

FAILED: Final = "failed"
_FIRST_REST: Final = timedelta(minutes=1)
_LONGEST_REST: Final = timedelta(hours=1)
_ERROR_CHARACTERS: Final = 300
Key = TypeVar("Key", int, str)


@dataclass(frozen=True, kw_only=True)
class Job:
    """A piece of work due every so many seconds.

    ``function`` is the dotted path of a callable that takes the largest number of rows to touch as
    its only argument (``limit``), is safe to run twice and at the same time elsewhere, and returns
    how many rows it touched per outcome, for example ``{"sent": 3, "failed": 1}``.
    """

    name: str
    every_seconds: int
    function: str
    limit: int = 100

    def __post_init__(self) -> None:
        """A job is named by its floor and what it does, and never runs all the time."""
        if "." not in self.name:
            raise ValueError(f"{self.name!r}: a job is named floor.what_it_does")
        if self.every_seconds < 1:
            raise ValueError(f"{self.name}: every_seconds is at least 1, not {self.every_seconds}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A row that keeps failing: how often in a row, until when it rests, what was wrong."""

    failures: int
    rest_until: str
    error: str


@dataclass(slots=True)
class Troubles:
    """The rows of one job that failed when they were last tried; kept from run to run."""

    rows: dict[str, Trouble] = field(default_factory=dict)
    # what was due in this run; the rest is forgotten with it
    _due: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, kept: Mapping[str, Mapping[str, Any]]) -> Troubles:
        """Read what as_json() wrote."""
        return cls({name: Trouble(**trouble) for name, trouble in kept.items()})

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Return the rows that are still due as a JSON column keeps them."""
        return {
            name: {"failures": each.failures, "rest_until": each.rest_until, "error": each.error}
            for name, each in self.rows.items()
            if name in self._due
        }

    def awake(self, names: Iterable[str], limit: int) -> list[str]:
        """Return which of the rows that are due are tried now, up to so many."""
        due, at = list(names), now().isoformat()
        self._due.update(due)
        rests = {name for name, each in self.rows.items() if each.rest_until > at}
        return [name for name in due if name not in rests][:limit]

    def note(self, name: str, error: Exception) -> None:
        """Count a failure; from the second in a row on the row rests, longer every time."""
        before = self.rows.get(name)
        failures = before.failures + 1 if before else 1
        rest = _FIRST_REST * 2 ** min(failures - 2, 10) if before else timedelta()
        self.rows[name] = Trouble(
            failures=failures,
            rest_until=(now() + min(rest, _LONGEST_REST)).isoformat(),
            error=f"{type(error).__name__}: {error}"[:_ERROR_CHARACTERS],
        )

    def forget(self, name: str) -> None:
        """A row that went well is no trouble any more."""
        self.rows.pop(name, None)


_troubles: ContextVar[Troubles | None] = ContextVar("troubles", default=None)


@contextmanager
def remembering(troubles: Troubles) -> Iterator[Troubles]:
    """Let each() know which rows failed in the runs before, and write down those of this one."""
    token = _troubles.set(troubles)
    try:
        yield troubles
    finally:
        _troubles.reset(token)


def each(
    rows: Sequence[Key] | QuerySet[Any, Key],
    step: Callable[[Key], int | str],
    *,
    limit: int,
    done: str,
) -> Counter[str]:
    """Do a step for up to ``limit`` rows, each named by its key; one that fails stops no other.

    ``rows`` is a query or a list of keys in the order of their turn. A step returns how much it
    did of what ``done`` names, or the name of what it did. What fails is logged with its traceback
    and counted as "failed"; a row that keeps failing rests for a while, so that the ones behind it
    have their turn.
    """
    troubles = _troubles.get() or Troubles()
    named = {f"{done} {key}": key for key in rows[: max(0, limit) + len(troubles.rows)]}
    counts: Counter[str] = Counter({done: 0})
    for name in troubles.awake(named, max(0, limit)):
        try:
            what = step(named[name])
        except Exception as error:
            log.exception("job.row_failed", row=name)
            troubles.note(name, error)
            counts[FAILED] += 1
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            continue
        troubles.forget(name)
        if isinstance(what, str):
            counts.update([what] if what else [])
        else:
            counts[done] += what
    return counts
