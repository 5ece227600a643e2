"""One whole transaction, tried again when the database says "not now"."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

P = ParamSpec("P")
R = TypeVar("R")

# Serialization failure, deadlock, lock not available: PostgreSQL asks us to run the whole again.
_RETRIABLE_SQLSTATES: Final = {"40001", "40P01", "55P03"}


def is_retriable(error: OperationalError) -> bool:
    """Tell whether the database asked for the whole transaction to be run again."""
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    return sqlstate in _RETRIABLE_SQLSTATES or "database is locked" in str(error)


def transact(retries: int = 5) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run the function inside one transaction; re-run the whole on deadlock, lock timeout or busy.

    The function must have no effect outside the database. Inside an outer transaction it only joins
    it: a part of a transaction cannot be retried.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            attempts = 1 if connection.in_atomic_block else retries
            for attempt in range(1, attempts + 1):
                try:
                    with transaction.atomic():
                        return function(*args, **kwargs)
                except OperationalError as error:
                    if attempt == attempts or not is_retriable(error):
                        raise
                    _pause(attempt)
            raise AssertionError("unreachable")

        return run

    return decorate


def _pause(attempt: int) -> None:
    """Wait a jittered moment outside any transaction, so that two that collided part ways."""
    time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311, TID251 - jitter, not a secret
