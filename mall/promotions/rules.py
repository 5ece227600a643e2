"""An offer's rule, a card, a basket and what was used so far, as plain facts without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Literal

from mall.promotions.funding import Share
from payments.api import Funder

Subject = Literal["resident", "card", "device"]
Period = Literal["day", "month", "total"]
DecidedBy = Literal["shop", "bank"]

SUBJECTS: tuple[Subject, ...] = ("resident", "card", "device")
PERIODS: tuple[Period, ...] = ("day", "month", "total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most ``most`` uses for one resident, one card or one device in a period."""

    subject: Subject
    period: Period
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRule:
    """What a bank offer says; amounts in fen, days and hours on a Shanghai clock.

    From `threshold_minor` on it gives `discount_minor`: fixed, or for the other kinds at least.
    """

    offer_id: int
    code: str = ""
    version: int = 1
    name: str
    threshold_minor: int = 0
    discount_minor: int = 0
    starts_at: datetime
    ends_at: datetime
    funder_ref: str = ""
    decided_by: DecidedBy = "shop"
    # which cards; an empty condition asks nothing
    issuers: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    single_mark_only: bool = False
    bins: tuple[str, ...] = ()
    first_tied_within_days: int | None = None
    new_to_bank: bool = False
    # None counts on everything; goods are product ids
    included: frozenset[int] | None = None
    excluded: frozenset[int] = frozenset()
    physical_only: bool = True
    # what it gives; see mall.promotions.benefits
    benefit_kind: str = "fixed"
    steps: tuple[tuple[int, int], ...] = ()
    percent_bp: int | None = None
    cap_minor: int | None = None
    random_from_minor: int | None = None
    random_to_minor: int | None = None
    # when; hours may run over midnight, then they belong to the day they began on
    weekdays: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    hours: tuple[tuple[time, time], ...] = ()
    # how often
    limits: tuple[Limit, ...] = ()
    day_limit: int | None = None
    month_limit: int | None = None
    # who pays
    funding: tuple[Share, ...] = (Share(Funder.BANK, "", 100),)
    refund_policy: str = "proportional"

    @property
    def family(self) -> str:
        """Return what places and draws are counted under through all versions of the offer."""
        return self.code or f"offer-{self.offer_id}"

    @property
    def is_ours(self) -> bool:
        """Tell whether the mall takes the discount off and keeps budget and numbers."""
        return self.decided_by == "shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What we know of a tied card. Never its number: a fingerprint and the first digits."""

    issuer: str
    kind: str
    scheme: str
    bin: str
    fingerprint: str
    # when this person first tied a card of that issuer and kind, and of that issuer at all
    first_tied_at: datetime | None = None
    bank_first_tied_at: datetime | None = None

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
    """How much of the offers is gone: by resident, card and device, for the day, and altogether."""

    # "resident:7" and "device:<hash>"; empty where there is none
    resident: str = ""
    device: str = ""
    # (family, "resident:7" or "card:<fingerprint>" or "device:<hash>", period) -> uses
    taken: Mapping[tuple[str, str, Period], int] = field(default_factory=dict)
    # by offer id
    used_up: frozenset[int] = frozenset()
    used_up_today: frozenset[int] = frozenset()
    used_up_this_month: frozenset[int] = frozenset()
    # offers whose budget is nearly gone -> what is left of it (fen)
    budget_left: Mapping[int, int] = field(default_factory=dict)
    # what lots are drawn with, and what those she holds of each family came to (fen)
    draw_key: str = field(default="", repr=False)
    drawn: Mapping[str, Sequence[int]] = field(default_factory=dict)
