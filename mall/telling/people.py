"""What messages say about an order: its group, point, times and amounts, as it stands now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_date, parse_time

from mall.ordering.models import LineFulfilment, OrderFulfilment
from payments.api import SHANGHAI


def order_at_hand(order_no: str) -> OrderFulfilment | None:
    """Return an order with what messages name; None where the fact tells of none of ours."""
    orders = OrderFulfilment.objects.select_related("group_buy", "pickup_point", "leader")
    return orders.filter(order_no=order_no).first()


def order_link(order_no: str) -> str:
    """Return her page of an order."""
    return reverse("storefront:order", args=[order_no])


def figures_of(order: OrderFulfilment) -> dict[str, Any]:
    """Return what every message about an order may name."""
    kept = order.pickup_snapshot
    return {
        "group": order.group_buy.title,
        "point": kept.get("name", ""),
        "address": kept.get("address", ""),
        "payable_minor": order.payable_minor,
        "pickup_at": _moment(kept.get("pickup_on", ""), kept.get("pickup_from", "")),
        "until_at": _moment(kept.get("pickup_on", ""), kept.get("pickup_until", "")),
        "code": order.pickup_code,
        "leader": str(order.leader),
    }


def goods_of(lines: Iterable[LineFulfilment]) -> list[str]:
    """Name goods for a sentence, three at most."""
    titles = [line.title for line in lines]
    return titles[:3] + (["…"] if len(titles) > 3 else [])


def _moment(day: str, hour: str) -> str:
    """Return the local instant an order's copy of its pickup times means, as text."""
    on, at = parse_date(day), parse_time(hour) or time(0)
    return datetime.combine(on, at, tzinfo=SHANGHAI).isoformat() if on else ""
