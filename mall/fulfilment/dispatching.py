"""Goods leave for the pickup point: orders are on their way, the stock goes down."""

from __future__ import annotations

from typing import Final

from mall.fulfilment.errors import NotDispatchableError
from mall.groupbuy.lifecycle import mark_ordered
from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.ordering import cutoff, stock
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.settling import confirm_batch
from mall.ordering.status import move_all
from mall.supply.handing_out import goods_out
from payments.api import IllegalTransitionError, now, transact

_BATCH: Final = 500
_ORDERED: Final = (State.ORDERED, State.ARRIVED, State.SETTLED)


def mark_dispatched(*, group_id: int) -> int:
    """Send a formed group's goods on their way; return how many orders go with them.

    NotDispatchableError before the group formed, or while its orders wait for the cut-off's
    results. Repeated, it takes only what is left.
    """
    group = LeaderGroup.objects.get(pk=group_id)
    if group.state not in {State.FORMED, State.ORDERED, State.ARRIVED}:
        raise NotDispatchableError(state=group.state)
    cutoff.finish(group_buy_id=group.group_buy_id)
    while confirm_batch(_BATCH, group_ids=[group_id]):
        continue
    waiting = OrderFulfilment.objects.filter(
        group=group_id, status=Status.PAID, cancel_requested_at=None
    )
    if waiting.exists():
        raise NotDispatchableError(state=group.state)
    if group.state == State.FORMED:
        _be_ordered(group.group_buy_id)
    sent = 0
    while batch := _send(group_id):
        sent += batch
    goods_out(group_id)
    return sent


def _be_ordered(group_buy_id: int) -> None:
    """What leaves has been ordered; of two that send at once one says so."""
    try:
        mark_ordered(group_buy_id=group_buy_id)
    except IllegalTransitionError:
        if GroupBuy.objects.get(pk=group_buy_id).state not in _ORDERED:
            raise


@transact()
def _send(group_id: int) -> int:
    orders = list(
        OrderFulfilment.objects.select_for_update(no_key=True)
        .filter(group=group_id, status=Status.CONFIRMED, cancel_requested_at=None)
        .order_by("pk")[:_BATCH]
    )
    move_all(orders, Status.IN_TRANSIT, dispatched_at=now())
    stock.dispatch([order.pk for order in orders])
    return len(orders)
