"""A day at the depot and at the points: paid orders, groups that formed, rounds."""

from __future__ import annotations

import io

from PIL import Image

from mall.groupbuy.models import LeaderGroup, State
from mall.ordering.models import OrderFulfilment
from mall.ordering.paying import pay_order
from payments.api import now
from tests.acquirer import SandboxAcquirer
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import fill, place
from tests.mall.ordering.tying import tie

PRICES = {"first": 3000, "second": 4900, "third": 8000}


def buy(
    group: LeaderGroup,
    acquirer: SandboxAcquirer,
    *,
    name: str = "王阿姨",
    payable: int | None = None,
    **quantities: int,
) -> OrderFulfilment:
    """Order and pay by a tied card: first=2 is two of the first item."""
    resident = make_person(name)
    card = tie(resident, acquirer)
    if payable is None:
        payable = sum(PRICES[item] * n for item, n in quantities.items())
    basket = fill(group, resident, **quantities)
    order = place(basket, resident, way=card, payable=payable)
    assert pay_order(order_no=order.order_no, resident_id=resident.pk).kind == "done"
    order.refresh_from_db()
    return order


def form(group: LeaderGroup, **changes: object) -> None:
    """Let a group form with its results fixed."""
    at = now()
    LeaderGroup.objects.filter(pk=group.pk).update(state=State.FORMED)
    buys = type(group.group_buy).objects.filter(pk=group.group_buy_id)
    buys.update(state=State.FORMED, formed_at=at, cut_at=at, **changes)


def pieces(order: OrderFulfilment) -> list[int]:
    """Return what is left of each line."""
    return [line.quantity - line.refunded_quantity for line in order.lines.order_by("pk")]


def jpeg() -> bytes:
    """A small picture as a phone would send it."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "#14703a").save(out, format="JPEG")
    return out.getvalue()
