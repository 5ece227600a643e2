"""A sale is collected on another day: everybody with an order in it is told, and the leader."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from mall.groupbuy.models import LeaderGroup
from mall.messaging.sending import Note, send, send_many
from mall.ordering.models import OrderFulfilment
from mall.ordering.relocating import WAITING
from mall.telling.people import figures_of, order_link

Payload = dict[str, Any]


def group_redated(payload: Payload) -> None:
    """Her goods come on another day; one that was moved once more is told by the later fact."""
    groups = LeaderGroup.objects.select_related("group_buy", "pickup_point")
    group = groups.filter(pk=payload["group_id"]).first()
    if group is None or group.group_buy.pickup_on.isoformat() != payload["pickup_on"]:
        return
    orders = OrderFulfilment.objects.filter(
        group=group, status__in=WAITING, cancel_requested_at=None
    )
    told = list(orders.select_related("group_buy", "pickup_point", "leader").order_by("pk"))
    when = f"{payload['pickup_on']}:{payload['at']}"
    send_many(
        "order.redated",
        [
            Note(
                key=f"{order.order_no}:{when}",
                user_id=order.resident_id,
                values=figures_of(order),
                link=order_link(order.order_no),
            )
            for order in told
        ],
    )
    if told:
        send(
            "group.redated",
            key=f"{group.pk}:{when}",
            user_id=group.leader_id,
            values=figures_of(told[0]) | {"orders": len(told)},
            link=reverse("groupleader:group", args=[group.pk]),
        )
