"""A group's goods at the counter without a bank: paid orders that have arrived, written quickly."""

from __future__ import annotations

from mall.catalogue.models import ProductExtra
from mall.fulfilment.receiving import expected_items, record_arrival
from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.ordering.models import OrderFulfilment
from mall.ordering.paying import pay_order
from payments.api import now
from tests.factories.groups import item_of, make_person
from tests.mall.ordering.shopping import fill, place
from tests.mall.ordering.tying import tie

PIECE_GRAMS = 1000


def keep(group: LeaderGroup, *, storage: str, position: int = 1) -> None:
    """Goods of the group that must be kept so."""
    product = item_of(group, position).product_id
    ProductExtra.objects.filter(product=product).update(storage_class=storage)


def by_weight(group: LeaderGroup, *, position: int = 1, **changes: object) -> None:
    """Goods of the group priced by weight: about a kilogram a piece, 15 % more or less."""
    product = item_of(group, position).product_id
    fields = {"is_weighed": True, "net_grams": PIECE_GRAMS, "weight_tolerance_percent": 15}
    fields |= changes
    ProductExtra.objects.filter(product=product).update(**fields)


def bought(group, acquirer, *, name="王阿姨", payable, resident=None, **quantities):
    """Order and pay by a tied card; the same resident may come again."""
    resident = resident or make_person(name)
    way = tie(resident, acquirer)
    order = place(fill(group, resident, **quantities), resident, way=way, payable=payable)
    assert pay_order(order_no=order.order_no, resident_id=resident.pk).kind == "done"
    return fresh(order)


def fresh(order) -> OrderFulfilment:
    return OrderFulfilment.objects.get(pk=order.pk)


def form(group) -> None:
    LeaderGroup.objects.filter(pk=group.pk).update(state=State.FORMED)
    GroupBuy.objects.filter(pk=group.group_buy_id).update(state=State.FORMED, formed_at=now())


def all_arrived(group) -> None:
    """Everything that was ordered came."""
    form(group)
    record_arrival(group_id=group.pk, counts=expected_items(group.pk), by=group.leader)


def line(order, n=0):
    return order.lines.order_by("pk")[n]
