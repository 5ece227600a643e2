"""Some weeks of orders, so that no screen is empty."""

from __future__ import annotations

from typing import Any


def play_history(*_: Any) -> int:
    return 0
