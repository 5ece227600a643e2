"""Goods arrive at the pickup point: counted in, missing pieces refunded, codes given out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from django.db import IntegrityError
from django.db.models import F, Sum

from mall.accounts.models import User
from mall.fulfilment.codes import new_codes, new_token
from mall.fulfilment.dispatching import mark_dispatched
from mall.fulfilment.errors import CountsError, NotYourPointError
from mall.fulfilment.models import Arrival, ArrivalLine
from mall.groupbuy.lifecycle import mark_arrived
from mall.groupbuy.models import LeaderGroup
from mall.ordering.facts import tell
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.ordering.returning import Missing, refund_missing
from mall.ordering.status import move_all
from payments.api import now, transact

_ON_THE_WAY: Final = (Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT)
_CODE_TRIES: Final = 3


def expected_items(group_id: int) -> dict[int, int]:
    """Return how many of each item a group's delivery should hold."""
    lines = LineFulfilment.objects.filter(
        order__group=group_id, order__status__in=_ON_THE_WAY, order__cancel_requested_at=None
    )
    rows = lines.values("item_id").annotate(n=Sum(F("quantity") - F("refunded_quantity")))
    return {row["item_id"]: row["n"] for row in rows.order_by("item_id") if row["n"]}


def record_arrival(*, group_id: int, counts: Mapping[int, int], by: User) -> Arrival:
    """Take a group's goods in: who gets all her goods gets a code, missing pieces are refunded.

    ``counts`` says per item how many came; all expected items must be counted and none beyond what
    is expected (CountsError). What is missing goes, piece by piece, off the orders that were placed
    last. Goods that nobody marked as sent are sent by this. NotYourPointError for somebody who is
    neither the group's leader nor staff. Repeated, it returns the first arrival.
    """
    group = LeaderGroup.objects.get(pk=group_id)
    if by.pk != group.leader_id and not by.is_staff:
        raise NotYourPointError
    known = Arrival.objects.filter(group=group_id).first()
    if known is not None:
        return known
    mark_dispatched(group_id=group_id)
    for tries_left in reversed(range(_CODE_TRIES)):
        try:
            return _record(group_id=group_id, counts=counts, by=by)
        except IntegrityError:
            # The same arrival sent twice, or a code given out at the same moment by another group.
            known = Arrival.objects.filter(group=group_id).first()
            if known is not None or not tries_left:
                break
    if known is None:
        raise RuntimeError(f"group {group_id}: no free pickup codes")
    return known


@transact()
def _record(*, group_id: int, counts: Mapping[int, int], by: User) -> Arrival:
    orders = list(
        OrderFulfilment.objects.select_for_update(no_key=True)
        .filter(group=group_id, status=Status.IN_TRANSIT, cancel_requested_at=None)
        .order_by("pk")
    )
    expected = expected_items(group_id)
    _require_counted(expected, counts)
    at = now()
    arrival = Arrival.objects.create(group_id=group_id, received_by=by, received_at=at)
    ArrivalLine.objects.bulk_create(
        ArrivalLine(arrival=arrival, item_id=item, expected=n, received=counts[item])
        for item, n in expected.items()
    )
    emptied = _refund_shortage(orders, expected, counts)
    _hand_out_codes([order for order in orders if order.pk not in emptied])
    mark_arrived(group_id=group_id)
    return arrival


def _require_counted(expected: Mapping[int, int], counts: Mapping[int, int]) -> None:
    wrong = [
        {"item_id": item, "expected": expected.get(item, 0), "received": counts.get(item)}
        for item in {*expected, *counts}
        if not 0 <= counts.get(item, -1) <= expected.get(item, 0)
    ]
    if wrong:
        raise CountsError(items=wrong)


def _refund_shortage(
    orders: list[OrderFulfilment], expected: Mapping[int, int], counts: Mapping[int, int]
) -> set[int]:
    """First come, first served: refund what is missing, the newest orders first.

    Returns the orders of which nothing came.
    """
    missing = Counter({item: n - counts[item] for item, n in expected.items()})
    emptied = set()
    for order in reversed(orders):
        lines = order.lines.filter(item__in=[item for item, n in missing.items() if n])
        short = []
        for line in lines.order_by("pk"):
            quantity = min(missing[line.item_id], line.quantity - line.refunded_quantity)
            missing[line.item_id] -= quantity
            if quantity:
                short.append(Missing(line_id=line.pk, quantity=quantity))
        if short and refund_missing(order, short):
            emptied.add(order.pk)
    return emptied


def _hand_out_codes(orders: list[OrderFulfilment]) -> None:
    if not orders:
        return
    codes = new_codes(orders[0].pickup_point_id, len(orders))
    for order, code in zip(orders, codes, strict=True):
        order.pickup_code, order.pickup_token = code, new_token()
    OrderFulfilment.objects.bulk_update(orders, ["pickup_code", "pickup_token"], batch_size=500)
    tell("arrived", move_all(orders, Status.ARRIVED, arrived_at=now()))
