"""Who may touch a bag at a pickup point."""

from __future__ import annotations

from mall.accounts.models import User
from mall.fulfilment.errors import NotYourPointError
from mall.ordering.models import OrderFulfilment


def may_hand_over(order: OrderFulfilment, by: User) -> bool:
    """Tell whether a person may hand this order over: its group's or point's leader, or staff."""
    return by.is_staff or by.pk in {order.leader_id, order.pickup_point.leader_id}


def require_people(order: OrderFulfilment, by: User) -> None:
    """Raise NotYourPointError for somebody who may not."""
    if not may_hand_over(order, by):
        raise NotYourPointError
