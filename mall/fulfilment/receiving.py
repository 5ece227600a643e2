"""Goods arrive at the pickup point: counted in, missing pieces refunded, codes given out.

The count is written down with who gets what; then each refund is promised in a transaction of its
own, and when all are, the neighbours whose goods came get their codes. Killed in between, the same
form or the job goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import IntegrityError
from django.db.models import F, Sum

from mall.accounts.models import User
from mall.fulfilment.codes import new_codes, new_token
from mall.fulfilment.dispatching import mark_dispatched
from mall.fulfilment.errors import CountsError, NotYourPointError
from mall.fulfilment.models import Arrival, ArrivalLine, ArrivalPhoto
from mall.fulfilment.people import may_receive
from mall.fulfilment.shortages import ON_THE_WAY, decide, orders_short, settle
from mall.groupbuy.lifecycle import mark_arrived
from mall.groupbuy.models import LeaderGroup
from mall.ordering.facts import tell
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.ordering.status import move_all
from payments.api import each, now, transact

_CODE_TRIES: Final = 3
# A slip of the finger writes 3000 for 30; so many more than ordered never came by mistake.
SURPLUS_MAX: Final = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the leader says beside the counts: who signed, a note, and pictures of differences.

    ``damaged`` is pieces per item that came and cannot be handed out; they are not among the
    counted ones. ``photos`` are files that mall.papers.uploads has drawn.
    """

    signer: str = ""
    note: str = ""
    damaged: Mapping[int, int] = field(default_factory=dict)
    photos: Sequence[Any] = ()


def expected_items(group_id: int) -> dict[int, int]:
    """Return how many of each item a group's delivery should hold."""
    lines = LineFulfilment.objects.filter(
        order__group=group_id, order__status__in=ON_THE_WAY, order__cancel_requested_at=None
    )
    rows = lines.values("item_id").annotate(n=Sum(F("quantity") - F("refunded_quantity")))
    return {row["item_id"]: row["n"] for row in rows.order_by("item_id") if row["n"]}


def record_arrival(
    *, group_id: int, counts: Mapping[int, int], by: User, receipt: Receipt | None = None
) -> Arrival:
    """Take a group's goods in: who gets all her goods gets a code, missing pieces are refunded.

    ``counts`` says per item how many came in good order; all expected items must be counted
    (CountsError). More than expected is written down as surplus and shared with nobody. What is
    missing is shared by the group buy's rule. Goods that nobody marked as sent are sent by this.
    NotYourPointError for somebody who may not receive there (mall.fulfilment.people);
    NotDispatchableError. Repeated, it returns the first arrival, and finishes it if need be.
    """
    group = LeaderGroup.objects.get(pk=group_id)
    if not may_receive(group, by):
        raise NotYourPointError
    arrival = Arrival.objects.filter(group=group_id).first()
    if arrival is None:
        mark_dispatched(group_id=group_id)
        arrival = _counted(group_id=group_id, counts=counts, by=by, receipt=receipt or Receipt())
    if arrival.finished_at is None:
        finish_arrival(group_id=group_id)
        arrival.refresh_from_db()
    return arrival


def finish_arrival(*, group_id: int) -> bool:
    """Promise what is missing back and give the codes out; say whether this call did.

    Repeatable at any point. A code given out by another group at the same moment: tried again.
    """
    settle(source=source_of(group_id))
    for tries_left in reversed(range(_CODE_TRIES)):
        try:
            return _tell(group_id)
        except IntegrityError:
            if not tries_left:
                raise
    raise AssertionError("unreachable")


def finish_due(limit: int) -> dict[str, int]:
    """Finish arrivals that were counted and not told; a job."""
    groups = Arrival.objects.filter(finished_at=None).order_by("received_at", "pk")
    numbers = groups.values_list("group_id", flat=True)
    return dict(each(numbers, lambda pk: finish_arrival(group_id=pk), limit=limit, done="finished"))


def source_of(group_id: int) -> str:
    """Return the name under which a group's arrival decides shortages."""
    return f"arrival:{group_id}"


def _counted(*, group_id: int, counts: Mapping[int, int], by: User, receipt: Receipt) -> Arrival:
    """Write the count down once; of two phones the first one's counts."""
    try:
        return _write(group_id=group_id, counts=counts, by=by, receipt=receipt)
    except IntegrityError:
        return Arrival.objects.get(group=group_id)


@transact()
def _write(*, group_id: int, counts: Mapping[int, int], by: User, receipt: Receipt) -> Arrival:
    orders = OrderFulfilment.objects.select_for_update(no_key=True)
    list(orders.filter(group=group_id, status=Status.IN_TRANSIT).order_by("pk"))
    known = Arrival.objects.filter(group=group_id).first()
    if known is not None:
        return known
    expected = expected_items(group_id)
    require_counted(expected, counts, receipt.damaged)
    at = now()
    arrival = Arrival.objects.create(
        group_id=group_id,
        received_by=by,
        received_at=at,
        signer=receipt.signer.strip()[:40] or by.display_name[:40],
        note=receipt.note.strip()[:300],
    )
    ArrivalLine.objects.bulk_create(
        ArrivalLine(
            arrival=arrival,
            item_id=item,
            expected=n,
            received=min(counts[item], n),
            surplus=max(0, counts[item] - n),
            damaged=receipt.damaged.get(item, 0),
        )
        for item, n in expected.items()
    )
    for photo in receipt.photos:
        ArrivalPhoto.objects.create(arrival=arrival, photo=photo, at=at)
    there = {item: min(counts[item], n) for item, n in expected.items()}
    decide(source=source_of(group_id), available=there, group_id=group_id, by=by)
    return arrival


def require_counted(
    expected: Mapping[int, int], counts: Mapping[int, int], damaged: Mapping[int, int]
) -> None:
    """Raise CountsError unless every expected item has a count that can be."""
    wrong = [
        {"item_id": item, "expected": expected.get(item, 0), "received": counts.get(item)}
        for item in {*expected, *counts, *damaged}
        if item not in expected
        or not 0 <= counts.get(item, -1) <= expected[item] + SURPLUS_MAX
        or not 0 <= damaged.get(item, 0) <= expected[item] + SURPLUS_MAX
    ]
    if wrong:
        raise CountsError(items=wrong)


@transact()
def _tell(group_id: int) -> bool:
    """Give codes to the orders of which anything came, once; say whether all of them have theirs.

    Whose missing pieces are not promised back yet waits: her code would open a bag that is short.
    """
    orders = list(
        OrderFulfilment.objects.select_for_update(no_key=True)
        .filter(group=group_id, status=Status.IN_TRANSIT, cancel_requested_at=None)
        .order_by("pk")
    )
    unfinished = Arrival.objects.filter(group=group_id, finished_at=None)
    if not unfinished.exists():
        return False
    there, short = _with_goods(group_id), orders_short(source_of(group_id))
    _hand_out_codes([order for order in orders if order.pk in there - short])
    if short or not unfinished.update(finished_at=now()):
        return False
    mark_arrived(group_id=group_id)
    return True


def _with_goods(group_id: int) -> set[int]:
    lines = LineFulfilment.objects.filter(quantity__gt=F("refunded_quantity"))
    return set(lines.filter(order__group=group_id).values_list("order_id", flat=True))


def _hand_out_codes(orders: list[OrderFulfilment]) -> None:
    if not orders:
        return
    codes = new_codes(orders[0].pickup_point_id, len(orders))
    for order, code in zip(orders, codes, strict=True):
        order.pickup_code, order.pickup_token = code, new_token()
    OrderFulfilment.objects.bulk_update(orders, ["pickup_code", "pickup_token"], batch_size=500)
    tell("arrived", move_all(orders, Status.ARRIVED, arrived_at=now()))
