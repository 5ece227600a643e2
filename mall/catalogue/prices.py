"""Prices people can compare: so much for 500 grams, the pound of the Chinese market."""

from __future__ import annotations

from typing import Final

JIN_GRAMS: Final = 500


def price_per_jin_minor(*, price_minor: int, net_grams: int | None) -> int | None:
    """Return fen per 500 g, half up; None where the weight is unknown."""
    if not net_grams:
        return None
    return (2 * price_minor * JIN_GRAMS + net_grams) // (2 * net_grams)
