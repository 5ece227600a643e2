"""What any address understands of what is sent to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import OrderFulfilment
from payments.api import business_date
from tests.factories.groups import item_of
from tests.mall.fulfilment.counter import line


def body_of(
    things: dict[str, Any], group: LeaderGroup, orders: list[OrderFulfilment]
) -> dict[str, Any]:
    """What any address understands of what is sent to it: everything points at A's own things."""
    item, first = item_of(group).pk, line(orders[0]).pk
    rest = (business_date() + timedelta(days=10)).isoformat()
    return {
        "text": "不该写下", "reason": "不该写下", "note": "不该写下", "hours": 1, "whom": "all",
        "counts": {str(item): 1}, "items": {str(things["open_item_id"]): 1},
        "pieces": {str(first): 1},
        "phone": "13811113333", "name": "陌生人", "closes_at": "2030-01-01T00:00:00Z",
        "tags": ["不该写下"], "means": "code", "quantity": 1, "tolerance": 1, "line_id": first,
        "product_id": item_of(group).product_id, "order_no": orders[0].order_no, "stars": 5,
        "point_id": group.pickup_point_id, "group": group.pk, "grams": "900", "open": "1",
        "from": "08:00", "until": "20:00", "first": rest, "last": rest,
        "is_open": False, "hours_from": "08:00", "hours_until": "20:00", "yes": "1",
        "first_day": rest, "last_day": rest, "device": things["ref"],
        "acts": "[]", "all": "1", "claimed_minor": 100, "amount_minor": 100, "key": "sweep-key",
        "order": orders[0].order_no, "by": "neighbour", "what": "line", "number": str(first),
        "on": "1", "quantities": {str(first): 0},
    }  # fmt: skip
