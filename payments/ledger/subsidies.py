"""What the books say about subsidies: the journals of a campaign's month, and sums by campaign.

A giver's account with us is what it owes (1131) less what must go back to it (2131). Discounts and
what comes back of them move it month by month and are claimed; receipts, set-offs and what is given
up move it as claims are settled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, TruncMonth

from payments.kernel.money import Money
from payments.ledger.accounts import SUBSIDY_ADVANCED, SUBSIDY_RECEIVABLE, SUBSIDY_TO_RETURN
from payments.ledger.balances import posted_entries
from payments.models.ledger import JournalEntry

# Discounts given and given back: what a claim consists of.
CLAIMED_KINDS: Final = ("capture", "refund", "redeem", "redeem_back", "subsidy_kept")
# How claims are settled; moves what is owed, is no part of a month's claim.
SETTLING_KINDS: Final = ("subsidy", "subsidy_back", "claim", "claim_advance", "subsidy_off")
_DRAWERS: Final = (SUBSIDY_RECEIVABLE.code, SUBSIDY_TO_RETURN.code)
_CHUNK: Final = 2000


@dataclass(frozen=True, slots=True)
class SubsidyJournal:
    """What one journal did to a giver's account of a campaign, in minor units; owed is positive."""

    ref: str
    kind: str
    day: date
    minor: int
    to_return_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignMonth:
    """A campaign's movements in one month that are to be claimed, in minor units."""

    giver: str
    campaign: str
    month: date
    given_minor: int
    returned_minor: int
    to_return_minor: int
    legs: int

    @property
    def net_minor(self) -> int:
        """What the month adds to what the giver owes."""
        return self.given_minor - self.returned_minor


def subsidy_journals(
    *, giver: str, campaign: str, since: date, until: date
) -> Iterator[SubsidyJournal]:
    """Yield a campaign's journals of these business days (both included), oldest first.

    Those that settle claims are left out; a journal of an unknown kind is not. Few are held at a
    time.
    """
    legs = (
        _legs()
        .filter(party=giver, reference=campaign)
        .filter(transaction__business_date__gte=since, transaction__business_date__lte=until)
        .exclude(transaction__kind__in=SETTLING_KINDS)
        .order_by("transaction_id", "pk")
        .values_list(
            "transaction__ref",
            "transaction__kind",
            "transaction__business_date",
            "account",
            "amount_minor",
        )
    )
    for (ref, kind, day), rows in groupby(
        legs.iterator(chunk_size=_CHUNK), key=lambda row: (row[0], row[1], row[2])
    ):
        amounts = [(row[3], row[4]) for row in rows]
        yield SubsidyJournal(
            ref,
            kind,
            day,
            sum(minor for _account, minor in amounts),
            -sum(minor for account, minor in amounts if account == SUBSIDY_TO_RETURN.code),
        )


def campaign_months(
    *,
    since: date | None = None,
    until: date | None = None,
    giver: str | None = None,
    campaign: str | None = None,
) -> list[CampaignMonth]:
    """Return what each campaign's months come to, by giver, campaign and month; one query."""
    legs = _legs().exclude(transaction__kind__in=SETTLING_KINDS)
    wanted: dict[str, Any] = {
        "transaction__business_date__gte": since,
        "transaction__business_date__lte": until,
        "party": giver,
        "reference": campaign,
    }
    legs = legs.filter(**{name: value for name, value in wanted.items() if value is not None})
    sums = (
        legs.order_by()
        .values("party", "reference", month=TruncMonth("transaction__business_date"))
        .annotate(
            given=Coalesce(Sum("amount_minor", filter=Q(amount_minor__gt=0)), 0),
            returned=Coalesce(Sum("amount_minor", filter=Q(amount_minor__lt=0)), 0),
            to_return=Coalesce(Sum("amount_minor", filter=Q(account=SUBSIDY_TO_RETURN.code)), 0),
            legs=Count("pk"),
        )
        .order_by("month", "party", "reference")
    )
    return [
        CampaignMonth(
            giver=row["party"],
            campaign=row["reference"],
            month=row["month"],
            given_minor=row["given"],
            returned_minor=-row["returned"],
            to_return_minor=-row["to_return"],
            legs=row["legs"],
        )
        for row in sums
    ]


def subsidy_balances() -> dict[tuple[str, str], tuple[int, int]]:
    """Return per giver and campaign: what it owes us in all, and what it paid in advance.

    In minor units; what must go back is deducted from what it owes. One query.
    """
    codes = (*_DRAWERS, SUBSIDY_ADVANCED.code)
    owed = Case(When(account__in=_DRAWERS, then=F("amount_minor")), default=Value(0))
    advanced = Case(When(account=SUBSIDY_ADVANCED.code, then=-F("amount_minor")), default=Value(0))
    sums = (
        posted_entries()
        .filter(account__in=codes, currency="CNY")
        .order_by()
        .values_list("party", "reference")
        .annotate(owed=Sum(owed), advanced=Sum(advanced))
    )
    return {(giver, campaign): (owes, paid) for giver, campaign, owes, paid in sums}


def subsidy_advanced(giver: str, campaign: str) -> Money:
    """Return all that a giver ever paid in advance for a campaign."""
    found = posted_entries().filter(
        account=SUBSIDY_ADVANCED.code,
        party=giver,
        reference=campaign,
        transaction__kind="subsidy",
        currency="CNY",
    )
    return Money(-int(found.aggregate(total=Coalesce(Sum("amount_minor"), 0))["total"]))


def _legs() -> QuerySet[JournalEntry]:
    return posted_entries().filter(account__in=_DRAWERS, currency="CNY")
