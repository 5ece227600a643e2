"""A group buy that formed and was cut, with its orders confirmed: what purchase starts from."""

from __future__ import annotations

import itertools
from datetime import timedelta

from oscar.apps.partner.models import Partner, StockRecord

from mall.catalogue.models import SupplierProfile
from mall.catalogue.suppliers import change_supplier
from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.ordering.models import OrderFulfilment, Status
from mall.supply.drafting import draft_for
from mall.supply.models import PurchaseOrder
from payments.api import now
from tests.factories.groups import (
    make_item_plan,
    make_open_group,
    make_person,
    make_point,
    make_product,
)
from tests.mall.ordering.shopping import RECEIVER, fill, place

PRICES = (3000, 4900, 8000)
_names = itertools.count(1)


def make_supplier(name: str = "青禾合作社", **profile: object) -> Partner:
    partner, _created = Partner.objects.get_or_create(name=name)
    values = {
        "state": SupplierProfile.State.NORMAL,
        "contact": "陈青禾",
        "phone": "+8613900000101",
        "licence_no": "JY135052400001",
        **profile,
    }
    change_supplier(partner_id=partner.pk, values=values, by="test")
    return partner


def make_goods(title: str, supplier: Partner, **stock: object):
    product = make_product(title)
    StockRecord.objects.filter(product=product).update(partner=supplier, **stock)
    return product


def make_sale(**first_item: object) -> LeaderGroup:
    """Corn and eggs of the cooperative, salmon of the fishmonger; two points' worth of room."""
    coop, fish = make_supplier(), make_supplier("沈家湾水产行", phone="+8613900000104")
    goods = [make_goods("糯玉米", coop), make_goods("土鸡蛋", coop), make_goods("三文鱼", fish)]
    plans = [
        make_item_plan(product, price_minor=price, **(first_item if number == 0 else {}))
        for number, (product, price) in enumerate(zip(goods, PRICES, strict=True))
    ]
    return make_open_group(items=plans, point=make_point(f"{next(_names)} 号点"))


def order(group: LeaderGroup, name: str = "李小娟", **quantities: int) -> OrderFulfilment:
    """An order placed in the group; the money is another room's story."""
    resident = make_person(name)
    numbers = dict(zip(("first", "second", "third"), PRICES, strict=True))
    payable = sum(numbers[which] * quantity for which, quantity in quantities.items())
    return place(fill(group, resident, **quantities), resident, payable=payable)


def confirm(*orders: OrderFulfilment) -> None:
    """As if their money had come and their group had formed."""
    rows = OrderFulfilment.objects.filter(pk__in=[each.pk for each in orders])
    rows.update(status=Status.CONFIRMED, paid_at=now(), confirmed_at=now())


def cut(group: LeaderGroup, *, minutes_ago: int = 10) -> None:
    """As if the group buy had formed and its results had been fixed some minutes ago."""
    at = now() - timedelta(minutes=minutes_ago)
    LeaderGroup.objects.filter(group_buy=group.group_buy_id).update(state=State.FORMED)
    GroupBuy.objects.filter(pk=group.group_buy_id).update(
        state=State.FORMED, formed_at=at, cut_at=at
    )


def bought(**quantities: int) -> tuple[LeaderGroup, list[PurchaseOrder]]:
    """A sale with one confirmed order, cut and drafted."""
    group = make_sale()
    confirm(order(group, **(quantities or {"first": 1, "second": 2, "third": 1})))
    cut(group)
    return group, draft_for(group.group_buy_id)


__all__ = ["RECEIVER", "bought", "confirm", "cut", "make_goods", "make_sale", "make_supplier"]
