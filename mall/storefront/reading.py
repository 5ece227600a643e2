"""Numbers in addresses and forms, read without trusting whoever wrote them."""

from __future__ import annotations

from typing import Final

# Nothing here counts beyond a thousand million.
_DIGITS_MAX: Final = 9


def number_of(text: str | None) -> int | None:
    """Read a whole number from 0 on; anything else is as good as none."""
    if not text or len(text) > _DIGITS_MAX:
        return None
    return int(text) if text.isascii() and text.isdigit() else None
