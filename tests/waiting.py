"""Waiting for something that another process does: the only place where tests let time pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from mall.config.processes import pause

Seen = TypeVar("Seen")


def until(
    predicate: Callable[[], Seen], timeout: float = 10, what: str = "", *, every: float = 0.05
) -> Seen:
    """Ask again until the answer is true and return it; after ``timeout`` seconds fail.

    An AssertionError inside the predicate counts as "not yet"; the last one is shown at the end.
    """
    deadline = time.monotonic() + timeout
    while True:
        complaint: AssertionError | None = None
        try:
            seen = predicate()
        except AssertionError as error:
            seen, complaint = None, error
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(
                f"not within {timeout} s: {what or predicate} (last seen: {seen!r})"
            ) from complaint
        pause(every)
