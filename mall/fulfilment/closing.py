"""The after-sales window ends: orders are completed, commission may be settled."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from oscar.apps.order.models import OrderNote

from mall.accounts.models import User
from mall.fulfilment.errors import NotCollectableError, WindowHeldError
from mall.groupbuy.lifecycle import arrive_empty, mark_settled
from mall.groupbuy.models import GroupBuy
from mall.groupbuy.models import State as GroupState
from mall.ordering.facts import tell
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import locked_order
from mall.ordering.status import move_all
from payments.api import business_date, each, now, transact


@transact()
def close_due(limit: int) -> dict[str, int]:
    """Complete collected orders whose window is over and of which no case is open; a job."""
    due = OrderFulfilment.objects.filter(
        status=Status.COLLECTED, window_held=False, window_ends_at__lte=now()
    )
    orders = list(due.select_for_update(no_key=True).order_by("window_ends_at", "pk")[:limit])
    tell("closed", move_all(orders, Status.CLOSED, closed_at=now()))
    return {"closed": len(orders)}


def settle_due(limit: int) -> dict[str, int]:
    """Call arrived group buys settled once none of their orders is open any more; a job.

    Where the pickup day passed and no order is left that could arrive, the sale counts as arrived.
    """
    over = (Status.CLOSED, Status.CANCELLED, Status.REFUNDED)
    still_open = OrderFulfilment.objects.filter(group_buy=OuterRef("pk")).exclude(status__in=over)
    quiet = GroupBuy.objects.filter(~Exists(still_open)).order_by("pk")
    empty = quiet.filter(
        state__in=[GroupState.FORMED, GroupState.ORDERED], pickup_on__lt=business_date()
    )
    counts = each(
        empty.values_list("pk", flat=True),
        lambda pk: arrive_empty(group_buy_id=pk),
        limit=limit,
        done="emptied",
    )
    counts.update(
        each(
            quiet.filter(state=GroupState.ARRIVED).values_list("pk", flat=True),
            lambda pk: mark_settled(group_buy_id=pk),
            limit=limit,
            done="settled",
        )
    )
    return dict(counts)


@transact()
def close_window_now(*, order_no: str, by: User, reason: str) -> OrderFulfilment:
    """Complete a collected order before its window is over; staff, with a reason.

    NotCollectableError unless it is collected, WindowHeldError while a case is open; ValueError
    without a reason.
    """
    if not reason.strip():
        raise ValueError("a window is closed early with a reason")
    order = locked_order(order_no)
    if order.status != Status.COLLECTED:
        raise NotCollectableError(status=order.status)
    if order.window_held:
        raise WindowHeldError(order_no=order_no)
    at = now()
    tell("closed", move_all([order], Status.CLOSED, closed_at=at, window_ends_at=at))
    OrderNote.objects.create(
        order_id=order.pk, user=by, note_type=OrderNote.INFO, message=reason.strip()
    )
    return order
