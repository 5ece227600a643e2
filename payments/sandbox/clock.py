"""The bank's clock: whole milliseconds since 1970 UTC inside, RFC 3339 outside."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from payments.sandbox.refusals import Refusal


def now_ms() -> int:
    """Return this instant."""
    return time.time_ns() // 1_000_000


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
