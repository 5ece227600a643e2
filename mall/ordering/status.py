"""Moving an order along its life: our row by a guarded update, Oscar's mirror with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oscar.apps.order.models import Line, Order, OrderStatusChange

from mall.ordering.models import EDGES, OrderFulfilment
from payments.api import advance, sources_of


def move(order: OrderFulfilment, to: str, **changes: Any) -> bool:
    """Move one order along its edge; say whether this call did.

    Of two that race one gets True and owns what follows.
    """
    before = order.status
    came_from = sources_of(EDGES, to)
    if before in came_from:
        came_from = [before]
    if not advance(order, EDGES, to, came_from=came_from, **changes):
        return False
    _mirror([(order.pk, before)], to)
    return True


def move_all(orders: Sequence[OrderFulfilment], to: str, **changes: Any) -> list[OrderFulfilment]:
    """Move several locked orders of one status at once; return those that moved."""
    if not orders:
        return []
    before = orders[0].status
    if any(order.status != before for order in orders) or to not in EDGES[before]:
        raise ValueError(f"these orders cannot all move to {to}")
    pks = [order.pk for order in orders]
    moved = OrderFulfilment.objects.filter(pk__in=pks, status=before).update(status=to, **changes)
    if moved != len(pks):
        raise RuntimeError(f"of {len(pks)} locked orders only {moved} were still {before}")
    _mirror([(pk, before) for pk in pks], to)
    for order in orders:
        order.status = to
        for field, value in changes.items():
            setattr(order, field, value)
    return list(orders)


def _mirror(moved: Sequence[tuple[int, str]], to: str) -> None:
    """Write what Oscar's dashboard shows: the order's and lines' status, and the history."""
    pks = [pk for pk, _before in moved]
    Order.objects.filter(pk__in=pks).update(status=to)
    Line.objects.filter(order__in=pks).update(status=to)
    OrderStatusChange.objects.bulk_create(
        OrderStatusChange(order_id=pk, old_status=before, new_status=to) for pk, before in moved
    )
