"""The bank's clock: whole milliseconds since 1970 UTC inside, RFC 3339 outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from payments.sandbox.refusals import Refusal


class _Wall:
    """How far this bank's clock is from the real one; only a simulation ever moves it."""

    offset_ms = 0
    real_ns: Callable[[], int] = time.time_ns


def real_ms() -> int:
    """Return the real time, which signatures go by: merchants compare it with their own clocks."""
    return _Wall.real_ns() // 1_000_000


def now_ms() -> int:
    """Return this instant, as this bank's clock shows it."""
    return real_ms() + _Wall.offset_ms


def take_real_time_from(real_ns: Callable[[], int]) -> None:
    """Let a rehearsal in this process say what the real time is: nanoseconds since 1970 UTC."""
    _Wall.real_ns = real_ns


def set_offset(seconds: int) -> None:
    """Put the bank's clock so many seconds before (negative) or after the real time."""
    _Wall.offset_ms = seconds * 1000


def set_now(at_ms: int) -> None:
    """Put the bank's clock so that it shows this instant now; it goes on from there."""
    _Wall.offset_ms = at_ms - real_ms()


def offset_seconds() -> float:
    """Return how many seconds the bank's clock is ahead of the real time."""
    return _Wall.offset_ms / 1000


def to_text(at_ms: int | None) -> str | None:
    """Write an instant as 2026-11-22T01:02:03.004Z."""
    if at_ms is None:
        return None
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def from_text(text: str, *, name: str) -> int:
    """Read an RFC 3339 instant with its offset; Refusal PARAM_ERROR for anything else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal("PARAM_ERROR", f"{name} is not an instant") from error
    if at.tzinfo is None:
        raise Refusal("PARAM_ERROR", f"{name} has no time zone")
    return int(at.timestamp() * 1000)
