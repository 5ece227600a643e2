"""What the cut-off makes of an item: full cases, who gets how many, and the price all pay. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mall.groupbuy.tiers import price_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What a paid order asks of an item, in the order of joining; of it so many are optional."""

    line_id: int
    quantity: int
    tolerance: int = 0

    def __post_init__(self) -> None:
        """Optional pieces are a part of what was ordered."""
        if not 0 <= self.tolerance <= self.quantity:
            raise ValueError(f"{self.tolerance} of {self.quantity} pieces cannot be optional")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTerms:
    """What was offered. Tiers are (pieces, price in fen), rising in pieces, falling in price."""

    price_minor: int
    tiers: tuple[tuple[int, int], ...] = ()
    case_size: int = 1
    minimum: int = 0

    def __post_init__(self) -> None:
        """A case holds at least one piece."""
        if self.case_size < 1:
            raise ValueError("a case holds at least one piece")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOutcome:
    """What comes of an item: pieces of every line (0: she gets none) and everybody's price."""

    pieces: dict[int, int]
    price_minor: int

    @property
    def quantity(self) -> int:
        """Return how many are bought in all."""
        return sum(self.pieces.values())

    @property
    def is_formed(self) -> bool:
        """Tell whether anything is bought at all."""
        return self.quantity > 0


def cut(terms: ItemTerms, ordered: Sequence[Ordered]) -> ItemOutcome:
    """Say what everybody gets and pays once no more orders come.

    Only full cases are bought. A last case opens where at least one piece of it is really wanted
    and optional pieces fill it. Who joined first is served first: with what she really wants
    before anybody's optional pieces. Below the minimum nothing is bought. All pay the lowest price
    that the pieces bought reach.
    """
    real = sum(each.quantity - each.tolerance for each in ordered)
    optional = sum(each.tolerance for each in ordered)
    bought = cases_of(real, optional, case_size=terms.case_size) * terms.case_size
    if bought < terms.minimum:
        bought = 0
    return ItemOutcome(
        pieces=_handed_out(ordered, bought),
        price_minor=price_at(terms.tiers, bought, price_minor=terms.price_minor),
    )


def cases_of(real: int, optional: int, *, case_size: int) -> int:
    """Return how many full cases so many wanted and optional pieces make."""
    full, rest = divmod(real, case_size)
    return full + int(rest > 0 and rest + optional >= case_size)


def _handed_out(ordered: Sequence[Ordered], bought: int) -> dict[int, int]:
    """Give the pieces out in the order of joining: what is wanted first, then what is optional."""
    pieces = {}
    for each in ordered:
        pieces[each.line_id] = min(each.quantity - each.tolerance, bought)
        bought -= pieces[each.line_id]
    for each in ordered:
        more = min(each.tolerance, bought)
        pieces[each.line_id] += more
        bought -= more
    return pieces
