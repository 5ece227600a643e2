"""Bags that wait at a leader's point, the most urgent first; keeping one longer, calling for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import F, QuerySet

from mall.accounts.models import User
from mall.fulfilment.bagging import Storage
from mall.fulfilment.board import masked
from mall.fulfilment.errors import NotExtendableError
from mall.fulfilment.models import OverdueBag, Shelf
from mall.fulfilment.overdue import next_step, reminders_due, words_of
from mall.fulfilment.people import require_keeper
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import locked_order
from payments.api import SHANGHAI, business_date, local, now, transact

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingBag:
    """A bag that nobody has fetched; names masked."""

    bag_id: int
    order_no: str
    masked_name: str
    phone_tail: str
    shelf: str
    storage: str
    is_cold: bool
    until: datetime
    is_last_hour: bool
    outcome: str
    rule: str
    hours_left_to_extend: int
    extension_reason: str
    called_at: datetime | None


def waiting_bags(
    leader_id: int, *, resident_id: int | None = None, limit: int = 100
) -> list[WaitingBag]:
    """Return the bags not fetched within their pickup hours, those that end first on top."""
    found = _overdue(leader_id)
    if resident_id is not None:
        found = found.filter(order__resident=resident_id)
    rows = list(found.order_by("until", "pk")[:limit])
    shelves = _shelves([row.order for row in rows])
    return [_shown(row, shelves) for row in rows]


@transact()
def extend_storage(*, bag_id: int, hours: int, reason: str, by: User) -> OverdueBag:
    """Keep a bag some hours longer, with a reason.

    NotExtendableError (data: hours_left) beyond what the rule allows in all, for no hours, without
    a reason, or when the bag does not wait any more. NotYourPointError.
    """
    bag = OverdueBag.objects.select_related("order", "policy").filter(pk=bag_id).first()
    if bag is None:
        raise NotExtendableError(hours_left=0)
    order = locked_order(bag.order.order_no)
    require_keeper(order, by)
    bag.refresh_from_db(fields=["until", "extended_hours", "ended", "reminded"])
    left = _hours_left(bag)
    if order.status != Status.ARRIVED or not 0 < hours <= left or not reason.strip():
        raise NotExtendableError(hours_left=left)
    until = bag.until + timedelta(hours=hours)
    reminded = reminders_due(bag.policy, until=until, at=now())
    rows = OverdueBag.objects.filter(pk=bag_id, ended="", extended_hours=bag.extended_hours)
    if not rows.update(
        until=until,
        reminded=reminded,
        next_at=next_step(bag.policy, until=until, reminded=reminded),
        extended_hours=F("extended_hours") + hours,
        extended_by=by,
        extension_reason=reason.strip()[:120],
    ):
        raise NotExtendableError(hours_left=0)
    bag.refresh_from_db()
    return bag


def phone_to_call(*, bag_id: int, by: User) -> str:
    """Return the receiver's phone of a bag that waits overdue, and note that she was called.

    NotYourPointError; NotExtendableError where no such bag waits. A leader sees a whole number
    nowhere else, so each look is written down.
    """
    bag = OverdueBag.objects.select_related("order__pickup_point").filter(pk=bag_id).first()
    if bag is None:
        raise NotExtendableError(hours_left=0)
    require_keeper(bag.order, by)
    if not _overdue_rows().filter(pk=bag_id).exists():
        raise NotExtendableError(hours_left=0)
    OverdueBag.objects.filter(pk=bag_id).update(called_at=now())
    log.info("overdue.called", order_no=bag.order.order_no, by=by.pk)
    return bag.order.receiver_phone


def _overdue(leader_id: int) -> QuerySet[OverdueBag]:
    rows = _overdue_rows().filter(order__leader=leader_id)
    return rows.select_related("order__group_buy", "policy")


def _overdue_rows() -> QuerySet[OverdueBag]:
    """Return the open bags of orders whose pickup hours are over."""
    today, clock = business_date(), local(now()).time()
    rows = OverdueBag.objects.filter(ended="", order__status=Status.ARRIVED)
    before = rows.filter(order__group_buy__pickup_on__lt=today)
    tonight = rows.filter(
        order__group_buy__pickup_on=today, order__group_buy__pickup_until__lte=clock
    )
    return before | tonight


def _shown(row: OverdueBag, shelves: dict[tuple[int, int, object], str]) -> WaitingBag:
    order = row.order
    return WaitingBag(
        bag_id=row.pk,
        order_no=order.order_no,
        masked_name=masked(order),
        phone_tail=order.receiver_phone[-4:],
        shelf=shelves.get(_place(order), ""),
        storage=row.get_storage_class_display(),
        is_cold=row.storage_class != Storage.AMBIENT,
        until=row.until.astimezone(SHANGHAI),
        is_last_hour=row.until - now() < timedelta(hours=1),
        outcome=row.policy.get_outcome_display(),
        rule=words_of(row.policy),
        hours_left_to_extend=_hours_left(row),
        extension_reason=row.extension_reason,
        called_at=row.called_at,
    )


def _hours_left(bag: OverdueBag) -> int:
    return 0 if bag.ended else max(0, bag.policy.extension_hours - bag.extended_hours)


def _place(order: OrderFulfilment) -> tuple[int, int, object]:
    return order.pickup_point_id, order.resident_id, order.group_buy.pickup_on


def _shelves(orders: list[OrderFulfilment]) -> dict[tuple[int, int, object], str]:
    rows = Shelf.objects.filter(
        pickup_point__in={order.pickup_point_id for order in orders},
        resident__in={order.resident_id for order in orders},
    )
    return {(row.pickup_point_id, row.resident_id, row.pickup_on): row.label for row in rows}
