"""Rules of bank offers: within budget and limits, given when due, given back to the fen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.promotions.models import BankOffer, OfferDay, OfferReservation, OfferSlot
from payments.api import CheckResult, result_of

State = OfferReservation.State
Wrong = Iterator[tuple[str, str]]
_LIVE = (State.RESERVED, State.CONSUMED)


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
    rows = (
        OfferReservation.objects.filter(state__in=_LIVE)
        .order_by()
        .values_list("offer_id", "business_date", "state")
        .annotate(n=Count("pk"))
    )
    found: defaultdict[tuple[int, object], dict[str, int]] = defaultdict(dict)
    for offer_id, day, state, n in rows:
        found[offer_id, day][state] = n

    def wrong() -> Wrong:
        days = {(day.offer_id, day.day): day for day in OfferDay.objects.order_by("pk")}
        for key in sorted({*found, *days}, key=str):
            day = days.get(key)
            told = (day.reserved_count, day.used_count) if day else (0, 0)
            uses = found.get(key, {})
            if told != (uses.get(State.RESERVED, 0), uses.get(State.CONSUMED, 0)):
                yield f"offer {key[0]} on {key[1]}", f"counters {told}, uses {uses}"

    return result_of("D1 days of offers add up", rows=OfferDay.objects.count(), wrong=wrong())


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
    """D4, D5: the goods that count reach the threshold; shares are exact to the fen."""
    lines: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    discounted = LineFulfilment.objects.filter(order__discount_minor__gt=0).order_by("pk")
    fields = discounted.values_list("order__order_no", "value_minor", "offer_share_minor")
    for order_no, value, share in fields.iterator():
        lines[order_no].append((value, share))

    def wrong() -> Wrong:
        uses = OfferReservation.objects.filter(state__in=_LIVE).select_related("offer")
        for use in uses.order_by("pk").iterator():
            if problem := _spread_problem(use, lines[use.order_no]):
                yield use.order_no, problem

    uses = OfferReservation.objects.filter(state__in=_LIVE)
    return result_of("D4 given when due, to the fen", rows=uses.count(), wrong=wrong())


def _spread_problem(use: OfferReservation, lines: list[tuple[int, int]]) -> str:
    shared = sum(value for value, share in lines if share)
    given = sum(share for _value, share in lines)
    # A line that counts may be so small that its share is no whole fen.
    small = sum(value for value, share in lines if not share and value * given < shared)
    if given != use.discount_minor:
        return f"{given} of {use.discount_minor} fen given"
    if shared + small < use.offer.threshold_minor:
        return f"given on {shared} of {use.offer.threshold_minor} fen"
    exact = (abs(share * shared - given * value) for value, share in lines if share)
    if any(off >= shared + small * given for off in exact):
        return "a share is a fen or more off"
    return ""


def given_back_with_the_goods() -> CheckResult:
    """D6: an emptied line gave its whole share back; the use lost what the lines gave back."""
    kept = LineFulfilment.objects.filter(
        refunded_quantity=F("quantity"), returned_share_minor__lt=F("offer_share_minor")
    ).select_related("order")
    back = dict(
        LineFulfilment.objects.filter(returned_share_minor__gt=0)
        .order_by()
        .values_list("order__order_no")
        .annotate(back=Sum("returned_share_minor"))
    )

    def wrong() -> Wrong:
        for line in kept.iterator():
            yield line.order.order_no, f"line {line.pk} kept a part of its share"
        used = OfferReservation.objects.filter(state__in=[State.CONSUMED, State.CLAWED_BACK])
        for use in used.order_by("pk").iterator():
            if use.clawed_back_minor != back.get(use.order_no, 0):
                yield use.order_no, f"{use.clawed_back_minor} back, lines {back.get(use.order_no)}"

    return result_of(
        "D6 discounts go back with the goods", rows=LineFulfilment.objects.count(), wrong=wrong()
    )


_COUNTERS = ("reserved_count", "used_count", "reserved_minor", "used_minor")


def _is_over(offer: BankOffer) -> bool:
    count = offer.reserved_count + offer.used_count
    minor = offer.reserved_minor + offer.used_minor
    return (offer.total_limit is not None and count > offer.total_limit) or (
        offer.budget_minor is not None and minor > offer.budget_minor
    )


OFFER_RULES = (
    within_budget,
    within_days,
    places_are_taken_by_live_uses,
    uses_follow_their_orders,
    given_when_due,
    given_back_with_the_goods,
)
