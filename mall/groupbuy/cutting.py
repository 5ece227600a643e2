"""What the cut-off makes of an item: full cases, who gets how many, and the price all pay. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What a paid order asks of an item, in the order of joining; of it so many are optional."""

    line_id: int
    quantity: int
    tolerance: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTerms:
    """What was offered. Tiers are (pieces, price in fen), rising in pieces, falling in price."""

    price_minor: int
    tiers: tuple[tuple[int, int], ...] = ()
    case_size: int = 1
    minimum: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOutcome:
    """What comes of an item: pieces per line (none where it did not form) and everybody's price."""

    pieces: dict[int, int]
    price_minor: int

    @property
    def quantity(self) -> int:
        """Return how many are bought in all."""
        return sum(self.pieces.values())


def cut(terms: ItemTerms, ordered: Sequence[Ordered]) -> ItemOutcome:
    """Say what everybody gets and pays once no more orders come."""
    return ItemOutcome(
        pieces={each.line_id: each.quantity for each in ordered}, price_minor=terms.price_minor
    )
