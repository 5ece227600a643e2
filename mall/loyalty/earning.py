"""Points an order earns: once its goods are collected, on what the payer herself paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F

from mall.loyalty.models import EarningDay, OrderEarning, PointsAccount, PointsEntry
from mall.loyalty.models import PointsProgramme as Programme
from mall.loyalty.posting import Cause, account_of, expired_of, give, locked, take_back
from mall.loyalty.programme import expiry_of, percent_on, programme_on
from payments.api import advance, business_date, transact

State = OrderEarning.State


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOrder:
    """What earning asks of a collected order; `payer_minor` is what she paid for what is left."""

    order_no: str
    resident_id: int
    payer_minor: int
    paid_on: date
    is_tied: bool


@transact()
def earn(order: PaidOrder) -> int:
    """Give the points of a collected order; return how many. The second time changes nothing.

    The day it was paid decides the rules, whether it was a member day, and the daily cap.
    """
    account = locked(account_of(order.resident_id))
    before = OrderEarning.objects.filter(order_no=order.order_no).first()
    if before is None:
        earning = _first_earning(account, order)
        return _grant(earning) if earning else 0
    again: dict[str, Any] = {"turn": F("turn") + 1, "base_minor": order.payer_minor}
    zero: dict[str, Any] = dict.fromkeys(("back_minor", "granted", "lost", "taken"), 0)
    if not advance(
        before, OrderEarning.EDGES, State.EARNED, field="state", lot=None, **again, **zero
    ):
        return 0
    return _grant(before)


@transact()
def undo(order_no: str) -> None:
    """Take an order's points back because its hand-over was undone; it may earn again."""
    earning = _of(order_no)
    if earning and advance(earning, OrderEarning.EDGES, State.UNDONE, field="state"):
        _lose(earning, keep=0, because="undone")


@transact()
def refund(*, order_no: str, payer_minor: int, because: str) -> int:
    """Take back what a refund of the payer's money (fen) no longer earns; return how many points.

    She keeps what she would have earned had she paid only the rest. `because` names the refund.
    """
    earning = _of(order_no)
    if earning is None or earning.state != State.EARNED:
        return 0
    back = min(earning.base_minor, earning.back_minor + payer_minor)
    OrderEarning.objects.filter(pk=earning.pk, back_minor=earning.back_minor).update(
        back_minor=back
    )
    earning.refresh_from_db()
    return _lose(earning, keep=_points(earning), because=because)


@transact()
def refund_all(order_no: str) -> int:
    """Take back all an order earned; return how many points. The second time changes nothing."""
    earning = _of(order_no)
    if earning is None:
        return 0
    return refund(
        order_no=order_no,
        payer_minor=earning.base_minor - earning.back_minor,
        because="all",
    )


def _of(order_no: str) -> OrderEarning | None:
    """Find what an order earned; its account is locked, so that two refunds wait for each other."""
    earning = OrderEarning.objects.filter(order_no=order_no).first()
    if earning is None:
        return None
    locked(earning.account)
    earning.refresh_from_db()
    return earning


def _first_earning(account: PointsAccount, order: PaidOrder) -> OrderEarning | None:
    programme = programme_on(order.paid_on)
    if programme is None or (programme.earns_on == Programme.EarnsOn.TIED and not order.is_tied):
        return None
    return OrderEarning.objects.create(
        order_no=order.order_no,
        account=account,
        programme=programme,
        state=State.EARNED,
        day=order.paid_on,
        percent=percent_on(programme, order.paid_on),
        base_minor=order.payer_minor,
        granted=0,
    )


def _grant(earning: OrderEarning) -> int:
    programme = earning.programme
    points = _within_the_day(earning, _worth(earning, earning.base_minor))
    if not points:
        return 0
    lot = give(
        earning.account,
        Cause(
            kind=PointsEntry.Kind.EARN,
            key=f"earn:{earning.order_no}:{earning.turn}",
            order_no=earning.order_no,
        ),
        points=points,
        expires_on=expiry_of(programme, business_date()),
    )
    OrderEarning.objects.filter(pk=earning.pk).update(granted=points, lot=lot)
    return points


def _points(earning: OrderEarning) -> int:
    return min(earning.granted, _worth(earning, earning.base_minor - earning.back_minor))


def _worth(earning: OrderEarning, paid_minor: int) -> int:
    return paid_minor * earning.percent // (100 * earning.programme.paid_minor_per_point)


def _lose(earning: OrderEarning, *, keep: int, because: str) -> int:
    """Let an order keep so many points; those that expired unused are lost before any is taken."""
    lost = earning.granted - keep
    if lost <= earning.lost:
        return 0
    expired = expired_of(earning.lot) if earning.lot else 0
    taken = max(earning.taken, lost - expired)
    OrderEarning.objects.filter(pk=earning.pk).update(lost=lost, taken=taken)
    EarningDay.objects.filter(account=earning.account, day=earning.day).update(
        earned=F("earned") - (lost - earning.lost)
    )
    points = taken - earning.taken
    if points:
        cause = Cause(
            kind=PointsEntry.Kind.CLAWBACK,
            key=f"clawback:{earning.order_no}:{earning.turn}:{because}"[:64],
            order_no=earning.order_no,
        )
        take_back(earning.account, cause, points=points, first=earning.lot)
    return points


def _within_the_day(earning: OrderEarning, points: int) -> int:
    """Count points against the day's cap and return how many of them fit under it."""
    day, most = earning.day, earning.programme.day_most
    EarningDay.objects.bulk_create(
        [EarningDay(account=earning.account, day=day, most=most)], ignore_conflicts=True
    )
    rows = EarningDay.objects.filter(account=earning.account, day=day)
    while True:
        earned, cap = rows.values_list("earned", "most").get()
        fits = points if cap is None else max(0, min(points, cap - earned))
        if rows.filter(earned=earned).update(earned=earned + fits):
            return fits
