"""What the live screen of an offer shows: uses per minute, refusals by reason; figures only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Sum
from django.db.models.functions import TruncMinute
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mall.promotions.models import BankOffer, OfferRefusal, OfferReservation
from payments.api import SHANGHAI, business_date, local, now

MINUTES: Final = 60
_HOURS: Final = 24
REASONS: Final[Mapping[str, Promise]] = {
    "wrong_card": _("another bank, kind, mark or number"),
    "card_unknown": _("paid without a tied card: nobody knows with which card"),
    "tied_too_long_ago": _("the card was tied too long ago"),
    "not_a_new_customer": _("not a new customer of the bank"),
    "not_yet": _("before it begins"),
    "over": _("after its end"),
    "other_weekday": _("on another weekday"),
    "other_month_day": _("on another day of the month"),
    "other_hour": _("at another hour"),
    "no_such_goods": _("no goods that count"),
    "below_threshold": _("below the amount"),
    "used_up": _("budget or uses gone"),
    "used_up_today": _("today's uses gone"),
    "used_up_this_month": _("this month's uses gone"),
    "limit_reached": _("had it as often as one may"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """An offer at this moment."""

    offer: BankOffer
    at: datetime
    # the last hour: (minute, uses)
    minutes: list[tuple[datetime, int]]
    # the last day: (reason, times)
    refusals: list[tuple[str, int]]
    today: int
    today_minor: int

    @property
    def last_hour(self) -> int:
        """Return the uses of the last hour."""
        return sum(uses for _minute, uses in self.minutes)


def watch(offer: BankOffer) -> Watch:
    """Look at an offer now: four small queries."""
    at = now()
    uses = OfferReservation.objects.filter(offer=offer)
    given = uses.exclude(state=OfferReservation.State.RELEASED)
    today = given.filter(business_date=business_date(at)).aggregate(
        uses=Count("pk"), minor=Sum("discount_minor")
    )
    return Watch(
        offer=BankOffer.objects.get(pk=offer.pk),
        at=at,
        minutes=_minutes(offer, at),
        refusals=_refusals(offer, at),
        today=today["uses"],
        today_minor=today["minor"] or 0,
    )


def reason_word(code: str) -> str:
    """Say a reason's code in words."""
    return str(REASONS.get(code, code))


def _minutes(offer: BankOffer, at: datetime) -> list[tuple[datetime, int]]:
    first = local(at).replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)
    days = {business_date(first), business_date(at)}
    rows = (
        OfferReservation.objects.filter(offer=offer, business_date__in=days, reserved_at__gte=first)
        .annotate(minute=TruncMinute("reserved_at", tzinfo=SHANGHAI))
        .order_by()
        .values_list("minute")
        .annotate(uses=Count("pk"))
    )
    found = dict(rows)
    minutes = (first + timedelta(minutes=n) for n in range(MINUTES))
    return [(minute, found.get(minute, 0)) for minute in minutes]


def _refusals(offer: BankOffer, at: datetime) -> list[tuple[str, int]]:
    rows = (
        OfferRefusal.objects.filter(offer=offer, hour__gte=at - timedelta(hours=_HOURS))
        .order_by()
        .values_list("reason")
        .annotate(times=Sum("count"))
    )
    return sorted(rows, key=lambda row: (-row[1], row[0]))
