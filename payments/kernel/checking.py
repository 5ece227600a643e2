"""What a check of the books says: what it looked at, how many rows, and what was wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from django.db import connection

# A broken rule breaks everywhere; the first ones tell a person enough.
SHOWN_MAX: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that is not as it must be: the rule's code ("L1"), the number, what is wrong."""

    code: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One rule after checking: its name, how many rows were looked at, what broke it."""

    name: str
    rows: int
    violations: tuple[Violation, ...] = ()

    @property
    def code(self) -> str:
        """The rule's code: the first word of its name."""
        return self.name.split(" ", 1)[0]


def result_of(name: str, *, rows: int, wrong: Iterable[tuple[str, str]]) -> CheckResult:
    """Return a rule's result; `name` begins with its code, `wrong` are (number, what is wrong)."""
    code = name.split(" ", 1)[0]
    violations: list[Violation] = []
    for subject, detail in wrong:
        if len(violations) == SHOWN_MAX:
            violations.append(Violation(code=code, subject="…", detail="and more"))
            break
        violations.append(Violation(code=code, subject=subject, detail=detail))
    return CheckResult(name, rows, tuple(violations))


_whole: ContextVar[bool] = ContextVar("whole_history", default=False)


@contextmanager
def whole_history() -> Iterator[None]:
    """Let rules inside look at everything there ever was, also where a recent part usually does."""
    token = _whole.set(True)
    try:
        yield
    finally:
        _whole.reset(token)


def is_whole_history() -> bool:
    """Tell whether everything there ever was is to be looked at."""
    return _whole.get()


_inside: ContextVar[bool] = ContextVar("inside_one_moment", default=False)


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all questions inside see the database as of one moment, without holding up writers.

    Sums of two tables agree only as of one moment. Inside a transaction, or inside another such
    moment, that one stands.
    """
    if connection.in_atomic_block or _inside.get():
        yield
        return
    token = _inside.set(True)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = '120s'")
        else:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            _inside.reset(token)
            cursor.execute("ROLLBACK")
