"""What is left of offers for everybody: today, this month, in all; one query, however many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from mall.promotions.models import BankOffer, OfferDay, OfferMonth
from payments.api import business_date, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How many uses of an offer are left for everybody; None where nobody counts."""

    today: int | None
    today_of: int | None
    month: int | None
    month_of: int | None
    in_all: int | None

    @property
    def is_scarce(self) -> bool:
        """Tell whether less than half of the day's uses is left."""
        return (
            self.today is not None and self.today_of is not None and self.today * 2 < self.today_of
        )


def left_of_all(offer_ids: Iterable[int], *, day: date | None = None) -> dict[int, Left]:
    """Return what is left of offers on a Shanghai day (default: today)."""
    offers = BankOffer.objects.filter(pk__in=list(offer_ids)).order_by()
    return {offer.pk: _left(offer) for offer in _counted(offers, day)}


def left_of_code(code: str, *, day: date | None = None) -> Left | None:
    """Return what is left of the running version of an offer; None where none runs."""
    offers = BankOffer.objects.filter(code=code, state=BankOffer.State.ACTIVE)
    offer = _counted(offers.order_by("-version"), day).first()
    return _left(offer) if offer else None


def _counted(offers: QuerySet[BankOffer], day: date | None) -> QuerySet[BankOffer]:
    day = day or business_date(now())
    return offers.annotate(
        taken_today=_taken(OfferDay.objects.filter(day=day)),
        taken_this_month=_taken(OfferMonth.objects.filter(month=day.replace(day=1))),
    )


def _taken(counters: QuerySet[OfferDay] | QuerySet[OfferMonth]) -> Coalesce:
    own = counters.filter(offer=OuterRef("pk")).values(taken=F("reserved_count") + F("used_count"))
    return Coalesce(Subquery(own[:1], output_field=IntegerField()), 0)


def _left(offer: BankOffer) -> Left:
    taken = offer.reserved_count + offer.used_count
    of_all = [_rest(offer.total_limit, taken)]
    if offer.budget_minor is not None and offer.discount_minor:
        spare = offer.budget_minor - offer.reserved_minor - offer.used_minor
        of_all.append(max(spare, 0) // offer.discount_minor)
    return Left(
        today=_rest(offer.day_limit, getattr(offer, "taken_today", 0)),
        today_of=offer.day_limit,
        month=_rest(offer.month_limit, getattr(offer, "taken_this_month", 0)),
        month_of=offer.month_limit,
        in_all=min((left for left in of_all if left is not None), default=None),
    )


def _rest(limit: int | None, taken: int) -> int | None:
    return None if limit is None else max(limit - taken, 0)
