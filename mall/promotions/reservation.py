"""Taking a use of a bank offer for an order, using it, giving it back: conditional updates only.

Everything here joins the caller's transaction. The rows that everyone wants (the day's and the
offer's own counters) are written by separate calls, so that the caller can put them last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from mall.promotions.errors import OfferUsedUpError
from mall.promotions.models import BankOffer, OfferDay, OfferReservation, OfferSlot
from mall.promotions.rules import CardFacts, Limit, OfferRule
from mall.promotions.usage import period_keys, resident_subject
from payments.api import advance, business_date, now

State = OfferReservation.State


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A limited period of a subject in which a place must be found."""

    subject: str
    period: str
    limit: Limit


def reserve(
    *,
    rule: OfferRule,
    order_no: str,
    resident_id: int,
    agreement_no: str,
    card: CardFacts,
    discount_minor: int,
) -> OfferReservation:
    """Write the use down and take the resident's and the card's places; then call take_budget.

    The day that counts is Shanghai's at this moment and stays on the row (D9). OfferUsedUpError if
    a limit per resident or card is reached.
    """
    day = business_date()
    reservation = OfferReservation.objects.create(
        offer_id=rule.offer_id,
        order_no=order_no,
        resident_id=resident_id,
        agreement_no=agreement_no,
        business_date=day,
        discount_minor=discount_minor,
        reserved_at=now(),
    )
    subjects = {"resident": resident_subject(resident_id), "card": card.subject}
    keys = period_keys(day)
    wanted = [
        _Place(subject=subjects[limit.subject], period=keys[limit.period], limit=limit)
        for limit in rule.limits
    ]
    _take_places(reservation, sorted(wanted, key=lambda place: (place.subject, place.period)))
    return reservation


def take_budget(reservation: OfferReservation, rule: OfferRule) -> None:
    """Count the use against the day and the offer: hot rows, so among the last of a transaction.

    OfferUsedUpError if the day's number, the number in all or the budget is gone, or the offer no
    longer runs.
    """
    amount = reservation.discount_minor
    offer = BankOffer.objects.filter(pk=reservation.offer_id)
    _take_day(reservation, rule.day_limit)
    taken = offer.filter(
        Q(total_limit=None) | Q(total_limit__gt=F("reserved_count") + F("used_count")),
        Q(budget_minor=None) | Q(budget_minor__gte=F("reserved_minor") + F("used_minor") + amount),
        state=BankOffer.State.ACTIVE,
    ).update(reserved_count=F("reserved_count") + 1, reserved_minor=F("reserved_minor") + amount)
    if not taken:
        raise OfferUsedUpError(offer=reservation.offer_id, scope="total")


def consume(order_no: str) -> OfferReservation | None:
    """Mark the order's use as used, at capture; the second time changes nothing."""
    reservation = live_use(order_no)
    if reservation is None or not _move(reservation, State.CONSUMED):
        return reservation
    amount = reservation.discount_minor
    _day_of(reservation).update(
        reserved_count=F("reserved_count") - 1, used_count=F("used_count") + 1
    )
    BankOffer.objects.filter(pk=reservation.offer_id).update(
        reserved_count=F("reserved_count") - 1,
        used_count=F("used_count") + 1,
        reserved_minor=F("reserved_minor") - amount,
        used_minor=F("used_minor") + amount,
    )
    return reservation


def release(order_no: str) -> bool:
    """Give an unused use back to resident, card, day and budget; say whether there was one."""
    reservation = live_use(order_no)
    if reservation is None or not _move(reservation, State.RELEASED, ended_at=now()):
        return False
    reservation.slots.all().delete()
    _day_of(reservation).update(reserved_count=F("reserved_count") - 1)
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
        _day_of(reservation).update(used_count=F("used_count") - 1)
        offer_changes["used_count"] = F("used_count") - 1
    BankOffer.objects.filter(pk=reservation.offer_id).update(**offer_changes)
    return reservation


def live_use(order_no: str) -> OfferReservation | None:
    """Return the use an order holds or has used, if any."""
    live = [State.RESERVED, State.CONSUMED]
    return OfferReservation.objects.filter(order_no=order_no, state__in=live).first()


def _move(reservation: OfferReservation, to: str, **changes: Any) -> bool:
    return advance(reservation, OfferReservation.EDGES, to, field="state", **changes)


def _take_places(reservation: OfferReservation, wanted: list[_Place]) -> None:
    """Insert a row per limit; where the first place is taken, look for a free one and try again.

    A place taken by a transaction still open makes the insert wait for its end.
    """
    taken: set[tuple[str, str, int]] = set()
    while wanted:
        OfferSlot.objects.bulk_create(
            [_free_slot(reservation, place, taken) for place in wanted], ignore_conflicts=True
        )
        ours = set(reservation.slots.values_list("subject", "period"))
        wanted = [place for place in wanted if (place.subject, place.period) not in ours]
        taken = _taken(reservation.offer_id, wanted) if wanted else taken


def _taken(offer_id: int, wanted: list[_Place]) -> set[tuple[str, str, int]]:
    return set(
        OfferSlot.objects.filter(
            offer_id=offer_id,
            subject__in={place.subject for place in wanted},
            period__in={place.period for place in wanted},
        ).values_list("subject", "period", "slot")
    )


def _free_slot(
    reservation: OfferReservation, place: _Place, taken: set[tuple[str, str, int]]
) -> OfferSlot:
    for slot in range(place.limit.most):
        if (place.subject, place.period, slot) not in taken:
            return OfferSlot(
                offer_id=reservation.offer_id,
                subject=place.subject,
                period=place.period,
                slot=slot,
                limit=place.limit.most,
                reservation=reservation,
            )
    raise OfferUsedUpError(
        offer=reservation.offer_id, scope=place.limit.subject, period=place.limit.period
    )


def _take_day(reservation: OfferReservation, limit: int | None) -> None:
    day = _day_of(reservation)
    has_room = Q(limit=None) | Q(limit__gt=F("reserved_count") + F("used_count"))
    if day.filter(has_room).update(reserved_count=F("reserved_count") + 1):
        return
    OfferDay.objects.bulk_create(
        [OfferDay(offer_id=reservation.offer_id, day=reservation.business_date, limit=limit)],
        ignore_conflicts=True,
    )
    if not day.filter(has_room).update(reserved_count=F("reserved_count") + 1):
        raise OfferUsedUpError(offer=reservation.offer_id, scope="day")


def _day_of(reservation: OfferReservation) -> Any:
    return OfferDay.objects.filter(offer_id=reservation.offer_id, day=reservation.business_date)
