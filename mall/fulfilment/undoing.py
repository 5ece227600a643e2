"""Taking a hand-over back: the last visit, with a reason, exactly as it was before."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import F
from django.db.models.functions import Greatest

from mall.accounts.models import User
from mall.fulfilment.at_point import take_in
from mall.fulfilment.codes import new_codes
from mall.fulfilment.collecting import turn_of, worth_of
from mall.fulfilment.errors import NotUndoableError
from mall.fulfilment.models import Collection, LineAtPoint, OverdueBag
from mall.fulfilment.people import require_people
from mall.ordering.facts import tell
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.status import move
from payments.api import now, post_goods_uncollected, transact

# Whoever gets a bag back on the shelf has at least so long before it counts as never collected.
_RESPITE: Final = timedelta(hours=2)


@transact()
def undo_collection(
    *, order_no: str, by: User, reason: str, collection_id: int | None = None
) -> OrderFulfilment:
    """Take the last visit back: its pieces lie at the point again; a whole order gets a new code.

    With ``collection_id`` only that visit, and nothing if it was undone already. NotUndoableError
    once the order is closed, where a later visit stands, or where the rest of it was disposed of.
    NotYourPointError, OrderGoneError; ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a hand-over is undone with a reason")
    order = locked_order(order_no)
    require_people(order, by)
    if collection_id is not None and _is_undone(order, collection_id):
        return order
    visit = order.collections.filter(undone_at=None).order_by("-pk").first()
    if visit is None or collection_id not in {None, visit.pk} or _is_disposed(order):
        raise NotUndoableError(status=order.status)
    _take_back(order, visit)
    order.collections.filter(pk=visit.pk).update(
        undone_at=now(), undone_by=by, undo_reason=reason.strip()[:200]
    )
    return order


def _take_back(order: OrderFulfilment, visit: Collection) -> None:
    take_in(dict(visit.lines.values_list("line_id", "quantity")))
    if not visit.is_last:
        if order.status != Status.ARRIVED:
            raise NotUndoableError(status=order.status)
        return
    (code,) = new_codes(order.pickup_point_id, 1)
    changes = {"collected_at": None, "window_ends_at": None, "pickup_code": code}
    if order.status != Status.COLLECTED or not move(order, Status.ARRIVED, **changes):
        raise NotUndoableError(status=order.status)
    _wait_again(order)
    turn = turn_of(visit)
    key = f"{order.order_no}:{turn}"
    post_goods_uncollected(key=key, order_ref=order.order_no, **worth_of(order))
    tell("uncollected", [order], turn=turn)


def _is_undone(order: OrderFulfilment, collection_id: int) -> bool:
    return order.collections.filter(pk=collection_id).exclude(undone_at=None).exists()


def _is_disposed(order: OrderFulfilment) -> bool:
    return LineAtPoint.objects.filter(line__order=order, disposed__gt=0).exists()


def _wait_again(order: OrderFulfilment) -> None:
    """Have the bag watched again, from where it was but not at its end at once."""
    rows = OverdueBag.objects.filter(order=order, ended__in=["", OverdueBag.Ended.COLLECTED])
    rows.update(until=Greatest("until", now() + _RESPITE), ended="", ended_at=None, next_at=now())
    rows.filter(next_at__gt=F("until")).update(next_at=F("until"))
