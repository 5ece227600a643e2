"""Logging: one line per event, key=value, nothing personal."""

from __future__ import annotations

LOGGING: dict[str, object] = {"version": 1, "disable_existing_loggers": False}
