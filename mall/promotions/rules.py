"""An offer's rule, a card, a basket and what was used so far, as plain facts without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Literal

Subject = Literal["resident", "card"]
Period = Literal["day", "month", "total"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most ``most`` uses for one resident or one card in a period."""

    subject: Subject
    period: Period
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRule:
    """What a bank offer says; amounts in fen, days and hours on a Shanghai clock."""

    offer_id: int
    code: str = ""
    name: str
    threshold_minor: int
    discount_minor: int
    starts_at: datetime
    ends_at: datetime
    funder_ref: str = ""
    issuers: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    single_mark_only: bool = False
    bins: tuple[str, ...] = ()
    # None counts on everything; goods are product ids
    included: frozenset[int] | None = None
    excluded: frozenset[int] = frozenset()
    physical_only: bool = True
    weekdays: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    from_time: time | None = None
    until_time: time | None = None
    limits: tuple[Limit, ...] = ()
    day_limit: int | None = None
    funding: tuple[tuple[str, int], ...] = (("bank", 100),)
    refund_policy: str = "proportional"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What we know of a tied card. Never its number: a fingerprint and the first digits."""

    issuer: str
    kind: str
    scheme: str
    bin: str
    fingerprint: str

    @property
    def subject(self) -> str:
        """Return the key that limits per card are counted under, whoever tied the card."""
        return f"card:{self.fingerprint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """A line to pay for, after every other discount; fen."""

    product_id: int
    value_minor: int
    is_physical: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much of the offers is gone: by resident and card, for the day, and altogether."""

    resident: str = ""
    # (offer id, "resident:7" or "card:<fingerprint>", period) -> uses
    taken: Mapping[tuple[int, str, Period], int] = field(default_factory=dict)
    used_up: frozenset[int] = frozenset()
    used_up_today: frozenset[int] = frozenset()
