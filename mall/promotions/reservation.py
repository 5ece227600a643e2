"""Taking a use of a bank offer for an order, using it, giving it back: conditional updates only.

Everything here joins the caller's transaction. The rows that everyone wants (the day's and the
offer's own counters) are written by separate calls, so that the caller can put them last.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from mall.promotions.errors import OfferUsedUpError
from mall.promotions.models import BankOffer, OfferDay, OfferMonth, OfferReservation, OfferSlot
from mall.promotions.rules import CardFacts, Limit, OfferRule
from mall.promotions.usage import device_subject, period_keys, resident_subject
from payments.api import advance, business_date, now

State = OfferReservation.State


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A limited period of a subject in which a place must be found."""

    subject: str
    period: str
    limit: Limit


def reserve(  # noqa: PLR0913 - a use has an order, a person, a card and a device
    *,
    rule: OfferRule,
    order_no: str,
    resident_id: int,
    agreement_no: str,
    card: CardFacts,
    discount_minor: int,
    device: str = "",
) -> OfferReservation:
    """Write the use down and take the places of resident, card and device; then call take_budget.

    `discount_minor` is what the offer saves (fen), whoever takes it off. The day that counts is
    Shanghai's at this moment and stays on the row (D9). OfferUsedUpError if a limit per resident,
    card or device is reached; never where the bank decides, whose limits are not ours to keep.
    """
    day = business_date()
    reservation = OfferReservation.objects.create(
        offer_id=rule.offer_id,
        order_no=order_no,
        resident_id=resident_id,
        agreement_no=agreement_no,
        business_date=day,
        estimated_minor=discount_minor,
        discount_minor=discount_minor,
        reserved_at=now(),
    )
    subjects = {
        "resident": resident_subject(resident_id),
        "card": card.subject,
        "device": device_subject(device),
    }
    keys = period_keys(day)
    wanted = [
        _Place(subject=subjects[limit.subject], period=keys[limit.period], limit=limit)
        for limit in rule.limits
        if subjects[limit.subject]
    ]
    places = sorted(wanted, key=lambda place: (place.subject, place.period))
    _take_places(reservation, rule, places)
    return reservation


def take_budget(reservation: OfferReservation, rule: OfferRule) -> None:
    """Count the use against the month, the day and the offer: hot rows, so among the last.

    OfferUsedUpError if the month's or the day's number, the number in all or the budget is gone, or
    the offer no longer runs. Where the bank decides it is counted and never refused.
    """
    amount = reservation.discount_minor
    _take_month(reservation, rule)
    _take_day(reservation, rule)
    offer = BankOffer.objects.filter(pk=reservation.offer_id)
    if rule.is_ours:
        offer = offer.filter(
            Q(total_limit=None) | Q(total_limit__gt=F("reserved_count") + F("used_count")),
            Q(budget_minor=None)
            | Q(budget_minor__gte=F("reserved_minor") + F("used_minor") + amount),
            state=BankOffer.State.ACTIVE,
        )
    taken = offer.update(
        reserved_count=F("reserved_count") + 1, reserved_minor=F("reserved_minor") + amount
    )
    if not taken:
        raise OfferUsedUpError(offer=reservation.offer_id, scope="total")


def consume(order_no: str, actual_minor: int | None = None) -> OfferReservation | None:
    """Mark the order's use as used, at capture; the second time changes nothing.

    `actual_minor` is what was really given (fen) where the bank decides: the estimate is kept
    beside it, and a bank that gave nothing gave no use. What we took off ourselves is what we said,
    so of a larger amount the offer bears no more than that.
    """
    reservation = live_use(order_no)
    if reservation is None or reservation.state != State.RESERVED:
        return reservation
    estimated = reservation.discount_minor
    actual = estimated if actual_minor is None else actual_minor
    if reservation.offer.decided_by == BankOffer.DecidedBy.SHOP:
        actual = min(actual, estimated)
    if actual == 0:
        release(order_no)
        reservation.refresh_from_db()
        return reservation
    if not _move(reservation, State.CONSUMED, discount_minor=actual):
        return reservation
    for period in _periods_of(reservation):
        period.update(reserved_count=F("reserved_count") - 1, used_count=F("used_count") + 1)
    BankOffer.objects.filter(pk=reservation.offer_id).update(
        reserved_count=F("reserved_count") - 1,
        used_count=F("used_count") + 1,
        reserved_minor=F("reserved_minor") - estimated,
        used_minor=F("used_minor") + actual,
    )
    return reservation


def release(order_no: str) -> bool:
    """Give an unused use back to resident, card, day and budget; say whether there was one."""
    reservation = live_use(order_no)
    if reservation is None or not _move(reservation, State.RELEASED, ended_at=now()):
        return False
    reservation.slots.all().delete()
    for period in _periods_of(reservation):
        period.update(reserved_count=F("reserved_count") - 1)
    BankOffer.objects.filter(pk=reservation.offer_id).update(
        reserved_count=F("reserved_count") - 1,
        reserved_minor=F("reserved_minor") - reservation.discount_minor,
    )
    return True


def claw_back(*, order_no: str, amount_minor: int) -> OfferReservation | None:
    """Return a part of a used discount (fen) to the bank; the whole ends the use.

    The budget gets back what the bank gets back. When nothing of the discount is left the resident
    and her card get their places back too. ValueError beyond the discount.
    """
    reservation = live_use(order_no)
    if reservation is None or not amount_minor:
        return reservation
    given_back = OfferReservation.objects.filter(
        pk=reservation.pk,
        state=State.CONSUMED,
        discount_minor__gte=F("clawed_back_minor") + amount_minor,
    ).update(clawed_back_minor=F("clawed_back_minor") + amount_minor)
    if not given_back:
        raise ValueError(f"{order_no}: {amount_minor} fen is more than the offer gave")
    reservation.refresh_from_db()
    offer_changes: dict[str, Any] = {"used_minor": F("used_minor") - amount_minor}
    if reservation.clawed_back_minor == reservation.discount_minor and _move(
        reservation, State.CLAWED_BACK, ended_at=now()
    ):
        reservation.slots.all().delete()
        for period in _periods_of(reservation):
            period.update(used_count=F("used_count") - 1)
        offer_changes["used_count"] = F("used_count") - 1
    BankOffer.objects.filter(pk=reservation.offer_id).update(**offer_changes)
    return reservation


def live_use(order_no: str) -> OfferReservation | None:
    """Return the use an order holds or has used, if any."""
    live = [State.RESERVED, State.CONSUMED]
    return OfferReservation.objects.filter(order_no=order_no, state__in=live).first()


def _move(reservation: OfferReservation, to: str, **changes: Any) -> bool:
    return advance(reservation, OfferReservation.EDGES, to, field="state", **changes)


def _take_places(reservation: OfferReservation, rule: OfferRule, wanted: list[_Place]) -> None:
    """Insert a row per limit; where the first place is taken, look for a free one and try again.

    A place taken by a transaction still open makes the insert wait for its end. Looked at before
    the first try too: an earlier version of the offer may have had more places.
    """
    while wanted:
        taken = _taken(rule.family, wanted)
        slots = [_free_slot(reservation, rule, place=place, taken=taken) for place in wanted]
        OfferSlot.objects.bulk_create([slot for slot in slots if slot], ignore_conflicts=True)
        ours = set(reservation.slots.values_list("subject", "period"))
        full = {(p.subject, p.period) for p, slot in zip(wanted, slots, strict=True) if not slot}
        wanted = [p for p in wanted if (p.subject, p.period) not in ours | full]


def _taken(family: str, wanted: list[_Place]) -> dict[tuple[str, str], set[int]]:
    taken: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    rows = OfferSlot.objects.filter(
        family=family,
        subject__in={place.subject for place in wanted},
        period__in={place.period for place in wanted},
    )
    for subject, period, slot in rows.values_list("subject", "period", "slot"):
        taken[subject, period].add(slot)
    return taken


def _free_slot(
    reservation: OfferReservation,
    rule: OfferRule,
    *,
    place: _Place,
    taken: dict[tuple[str, str], set[int]],
) -> OfferSlot | None:
    """Return the lowest free place; None where there is none and the bank decides anyway."""
    limit = place.limit
    used = taken.get((place.subject, place.period), set())
    free = (slot for slot in range(limit.most) if slot not in used)
    slot = next(free, None) if len(used) < limit.most else None
    if slot is not None:
        return OfferSlot(
            offer_id=rule.offer_id,
            family=rule.family,
            subject=place.subject,
            period=place.period,
            slot=slot,
            limit=limit.most,
            reservation=reservation,
        )
    if rule.is_ours:
        raise OfferUsedUpError(offer=rule.offer_id, scope=limit.subject, period=limit.period)
    return None


def _take_month(reservation: OfferReservation, rule: OfferRule) -> None:
    if rule.month_limit is None:
        return
    fresh = OfferMonth(
        offer_id=reservation.offer_id,
        month=reservation.business_date.replace(day=1),
        limit=rule.month_limit if rule.is_ours else None,
    )
    _count_in(_month_of(reservation), fresh, scope="month")


def _take_day(reservation: OfferReservation, rule: OfferRule) -> None:
    fresh = OfferDay(
        offer_id=reservation.offer_id,
        day=reservation.business_date,
        limit=rule.day_limit if rule.is_ours else None,
    )
    _count_in(_day_of(reservation), fresh, scope="day")


def _count_in(period: Any, fresh: OfferDay | OfferMonth, *, scope: str) -> None:
    """Count the use in a day's or a month's row, which the first of them opens."""
    has_room = Q(limit=None) | Q(limit__gt=F("reserved_count") + F("used_count"))
    if period.filter(has_room).update(reserved_count=F("reserved_count") + 1):
        return
    type(fresh).objects.bulk_create([fresh], ignore_conflicts=True)
    if not period.filter(has_room).update(reserved_count=F("reserved_count") + 1):
        raise OfferUsedUpError(offer=fresh.offer_id, scope=scope)


def _periods_of(reservation: OfferReservation) -> tuple[Any, Any]:
    return _month_of(reservation), _day_of(reservation)


def _month_of(reservation: OfferReservation) -> Any:
    month = reservation.business_date.replace(day=1)
    return OfferMonth.objects.filter(offer_id=reservation.offer_id, month=month)


def _day_of(reservation: OfferReservation) -> Any:
    return OfferDay.objects.filter(offer_id=reservation.offer_id, day=reservation.business_date)
