"""Who may touch a bag at a pickup point: its leaders, their helpers, and staff."""

from __future__ import annotations

from django.db.models import Q

from mall.accounts.models import User
from mall.fulfilment.errors import NotYourPointError
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import OrderFulfilment
from mall.pickup.helping import helped_points, helps_at


def may_hand_over(order: OrderFulfilment, by: User) -> bool:
    """Tell whether somebody may hand an order over: as keeps_order, or as a helper of its point."""
    return keeps_order(order, by) or helps_at(order.pickup_point_id, by.pk)


def keeps_order(order: OrderFulfilment, by: User) -> bool:
    """Tell whether an order is somebody's own to answer for: its leader, its point's, or staff.

    Helpers do not: they call nobody, keep nothing longer and weigh nothing.
    """
    return by.is_staff or by.pk in {order.leader_id, order.pickup_point.leader_id}


def may_receive(group: LeaderGroup, by: User) -> bool:
    """Tell whether somebody may count a group's delivery in and sort it: also a helper."""
    own = by.is_staff or by.pk == group.leader_id
    return own or helps_at(group.pickup_point_id, by.pk)


def at_counter(user_id: int, prefix: str = "") -> Q:
    """Select what somebody handles at a counter: her own as a leader, her points' as a helper.

    For rows with a leader and a pickup point; ``prefix`` leads to them ("order__"). One query.
    """
    own = Q(**{f"{prefix}leader": user_id})
    points = helped_points(user_id)
    return own | Q(**{f"{prefix}pickup_point__in": list(points)}) if points else own


def require_people(order: OrderFulfilment, by: User) -> None:
    """Raise NotYourPointError for somebody who may not hand an order over."""
    if not may_hand_over(order, by):
        raise NotYourPointError


def require_keeper(order: OrderFulfilment, by: User) -> None:
    """Raise NotYourPointError for somebody who does not answer for an order: helpers too."""
    if not keeps_order(order, by):
        raise NotYourPointError
