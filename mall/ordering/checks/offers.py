"""Rules of bank offers: within budget and limits, given when due, given back to the fen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from mall.ordering.models import (
    LineDiscount,
    LineFulfilment,
    OrderDiscount,
    OrderFulfilment,
    Status,
)
from mall.promotions.models import BankOffer, OfferDay, OfferMonth, OfferReservation, OfferSlot
from payments.api import CheckResult, result_of

State = OfferReservation.State
Wrong = Iterator[tuple[str, str]]
Period = tuple[int, date]
_LIVE = (State.RESERVED, State.CONSUMED)
_VOUCHER, _POINTS, _OFFER = OrderDiscount.Source


def within_budget() -> CheckResult:
    """D1: counters are within the limits and are what the uses say, by offer and by day."""
    reserved, consumed = Q(state=State.RESERVED), Q(state=State.CONSUMED)
    uses = OfferReservation.objects.order_by()
    sums = uses.values("offer_id").annotate(
        reserved_count=Count("pk", filter=reserved),
        used_count=Count("pk", filter=consumed),
        reserved_minor=Coalesce(Sum("discount_minor", filter=reserved), 0),
        used_minor=Coalesce(Sum(F("discount_minor") - F("clawed_back_minor"), filter=consumed), 0),
    )
    by_offer = {row.pop("offer_id"): row for row in sums}

    def wrong() -> Wrong:
        for offer in BankOffer.objects.order_by("pk"):
            told = {name: getattr(offer, name) for name in _COUNTERS}
            found = by_offer.get(offer.pk, dict.fromkeys(_COUNTERS, 0))
            if told != found:
                yield str(offer), f"counters {told}, uses {found}"
            if _is_over(offer):
                yield str(offer), f"beyond its limit or budget: {told}"

    return result_of("D1 offers within budget", rows=BankOffer.objects.count(), wrong=wrong())


def within_days() -> CheckResult:
    """D1, D9: a day's counters are the uses of that Shanghai day."""
    found = _live_by_day()
    days = {(day.offer_id, day.day): day for day in OfferDay.objects.order_by("pk")}
    return result_of("D1 days of offers add up", rows=len(days), wrong=_wrong_periods(found, days))


def within_months() -> CheckResult:
    """D1: a month's counters are the uses of its days, where the offer has a number a month."""
    limited = BankOffer.objects.exclude(month_limit=None)
    by_month = set(limited.values_list("pk", flat=True))
    found: defaultdict[Period, Counter[str]] = defaultdict(Counter)
    for (offer_id, day), uses in _live_by_day().items():
        if offer_id in by_month:
            found[offer_id, day.replace(day=1)] += uses
    months = {(month.offer_id, month.month): month for month in OfferMonth.objects.order_by("pk")}
    return result_of(
        "D1 months of offers add up", rows=len(months), wrong=_wrong_periods(found, months)
    )


def _live_by_day() -> dict[Period, Counter[str]]:
    rows = (
        OfferReservation.objects.filter(state__in=_LIVE)
        .order_by()
        .values_list("offer_id", "business_date", "state")
        .annotate(n=Count("pk"))
    )
    found: defaultdict[Period, Counter[str]] = defaultdict(Counter)
    for offer_id, day, state, n in rows:
        found[offer_id, day][state] = n
    return found


def _wrong_periods(
    found: Mapping[Period, Counter[str]], counted: Mapping[Period, OfferDay | OfferMonth]
) -> Wrong:
    for key in sorted({*found, *counted}, key=str):
        period = counted.get(key)
        told = (period.reserved_count, period.used_count) if period else (0, 0)
        uses = found.get(key, Counter())
        if told != (uses[State.RESERVED], uses[State.CONSUMED]):
            yield f"offer {key[0]} from {key[1]}", f"counters {told}, uses {dict(uses)}"


def places_are_taken_by_live_uses() -> CheckResult:
    """D2: places are below their limit and belong to uses that live."""
    strays = OfferSlot.objects.filter(Q(slot__gte=F("limit")) | ~Q(reservation__state__in=_LIVE))
    return result_of(
        "D2 places taken by live uses",
        rows=OfferSlot.objects.count(),
        wrong=((str(slot), f"use {slot.reservation_id}") for slot in strays.iterator()),
    )


def uses_follow_their_orders() -> CheckResult:
    """D3, D8: one live use per discounted order; reserved while unpaid, released, or used."""
    orders = {order.order_no: order for order in OrderFulfilment.objects.iterator()}

    def wrong() -> Wrong:
        seen = set()
        for use in OfferReservation.objects.filter(state__in=_LIVE).order_by("pk").iterator():
            order = orders.get(use.order_no)
            if order is None or use.order_no in seen:
                yield use.order_no, "a use without an order of its own"
                continue
            seen.add(use.order_no)
            unpaid = order.status == Status.PENDING_PAYMENT
            if order.status == Status.CANCELLED or unpaid != (use.state == State.RESERVED):
                yield use.order_no, f"use {use.state} while {order.status}"

    live = OfferReservation.objects.filter(state__in=_LIVE)
    return result_of("D3 uses follow their orders", rows=live.count(), wrong=wrong())


def given_when_due() -> CheckResult:
    """D4, D5: the goods that count reach the threshold; shares are exact to the fen.

    A bank that gave another amount than it was expected to is not held to the spread.
    """
    lines = _lines_of_offers()

    def wrong() -> Wrong:
        for use in _live_uses().select_related("offer").iterator():
            if problem := _spread_problem(use, lines[use.order_no]):
                yield use.order_no, problem

    return result_of("D4 given when due, to the fen", rows=_live_uses().count(), wrong=wrong())


def _live_uses() -> QuerySet[OfferReservation]:
    return OfferReservation.objects.filter(state__in=_LIVE).order_by("pk")


def _lines_of_offers() -> defaultdict[str, list[tuple[int, int]]]:
    """Return of each order with an offer what the offer saw of each line, and took off it (fen)."""
    of_offer = Q(discounts__discount__source=_OFFER, discounts__discount__estimated_minor__gt=0)
    earlier = Q(discounts__discount__source__in=[_VOUCHER, _POINTS])
    seen = (
        LineFulfilment.objects.filter(
            order__in=OrderDiscount.objects.filter(source=_OFFER).values("order")
        )
        .order_by("pk")
        .annotate(
            share=Coalesce(Sum("discounts__minor", filter=of_offer), 0),
            before=Coalesce(Sum("discounts__minor", filter=earlier), 0),
        )
        .values_list("order__order_no", "value_minor", "share", "before")
    )
    lines: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for order_no, value, share, before in seen.iterator():
        lines[order_no].append((value - before, share))
    return lines


def _spread_problem(use: OfferReservation, lines: list[tuple[int, int]]) -> str:
    shared = sum(value for value, share in lines if share)
    given = sum(share for _value, share in lines)
    # A line that counts may be so small that its share is no whole fen.
    small = sum(value for value, share in lines if not share and value * given < shared)
    if given != use.discount_minor:
        return f"{given} of {use.discount_minor} fen given"
    if use.discount_minor != use.estimated_minor:
        return ""
    if shared + small < use.offer.threshold_minor:
        return f"given on {shared} of {use.offer.threshold_minor} fen"
    exact = (abs(share * shared - given * value) for value, share in lines if share)
    if any(off >= shared + small * given for off in exact):
        return "a share is a fen or more off"
    return ""


def given_back_with_the_goods() -> CheckResult:
    """D6: an emptied line gave all its parts back; the use lost what the lines gave back."""
    kept = LineDiscount.objects.filter(
        line__refunded_quantity=F("line__quantity"), returned_minor__lt=F("minor")
    ).select_related("line__order")
    back = dict(
        LineDiscount.objects.filter(
            returned_minor__gt=0, discount__source=_OFFER, discount__estimated_minor__gt=0
        )
        .order_by()
        .values_list("line__order__order_no")
        .annotate(back=Sum("returned_minor"))
    )

    def wrong() -> Wrong:
        for part in kept.iterator():
            yield part.line.order.order_no, f"line {part.line_id} kept a part of its share"
        used = OfferReservation.objects.filter(state__in=[State.CONSUMED, State.CLAWED_BACK])
        for use in used.order_by("pk").iterator():
            if use.clawed_back_minor != back.get(use.order_no, 0):
                yield use.order_no, f"{use.clawed_back_minor} back, lines {back.get(use.order_no)}"

    return result_of(
        "D6 discounts go back with the goods", rows=LineDiscount.objects.count(), wrong=wrong()
    )


_COUNTERS = ("reserved_count", "used_count", "reserved_minor", "used_minor")


def _is_over(offer: BankOffer) -> bool:
    count = offer.reserved_count + offer.used_count
    minor = offer.reserved_minor + offer.used_minor
    if offer.decided_by == BankOffer.DecidedBy.BANK:  # its limits are not ours to keep
        return False
    return (offer.total_limit is not None and count > offer.total_limit) or (
        offer.budget_minor is not None and minor > offer.budget_minor
    )


OFFER_RULES = (
    within_budget,
    within_days,
    within_months,
    places_are_taken_by_live_uses,
    uses_follow_their_orders,
    given_when_due,
    given_back_with_the_goods,
)
