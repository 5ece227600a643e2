"""A sale with cases and prices by quantity, and neighbours who ordered and paid."""

from __future__ import annotations

import itertools
from datetime import timedelta

from mall.accounts.models import User
from mall.groupbuy.baskets import basket_for, save_line
from mall.groupbuy.forming import form_if_due
from mall.groupbuy.lifecycle import cut_off_now, open_now, schedule
from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.groupbuy.shoppers import Shopper
from mall.ordering.models import LineFulfilment, OrderFulfilment
from payments.api import now
from tests.factories.groups import (
    item_of,
    make_draft,
    make_item_plan,
    make_person,
    make_point,
    make_product,
)
from tests.mall.ordering.discounted import paid
from tests.mall.ordering.shopping import place

_numbers = itertools.count(1)


def make_sale(*items: dict[str, object], points: int = 1) -> list[LeaderGroup]:
    """An open sale at so many points; each item by what is special of it, 30.00 a piece."""
    plans = [make_item_plan(make_product(f"菜 {next(_numbers)}"), **item) for item in items]
    sale = make_draft(items=plans, points=[make_point(f"点 {n}") for n in range(points)])
    schedule(group_buy_id=sale.pk)
    open_now(group_buy_id=sale.pk)
    groups = LeaderGroup.objects.select_related("group_buy", "pickup_point")
    return list(groups.filter(group_buy=sale).order_by("pk"))


def order(
    group: LeaderGroup,
    *quantities: int,
    resident: User | None = None,
    more: dict[int, int] | None = None,
) -> OrderFulfilment:
    """So many of the sale's items in their order; ``more`` by position, so that a case fills."""
    resident = resident or make_person(f"邻居 {next(_numbers)}")
    basket = basket_for(shopper=Shopper(user=resident), group_id=group.pk)
    payable = 0
    for position, quantity in enumerate(quantities, start=1):
        if quantity:
            item = item_of(group, position)
            save_line(basket_id=basket.basket_id, item=item, quantity=quantity)
            optional = (more or {}).get(position, 0)
            if optional:
                basket.tolerances[str(item.product_id)] = optional
            counted = optional if item.allows_tolerance else 0
            payable += item.price_minor * (quantity + counted)
    basket.save(update_fields=["tolerances"])
    return place(basket, resident, payable=payable)


def paid_order(group: LeaderGroup, *quantities: int, **how: object) -> OrderFulfilment:
    """The same, paid."""
    return paid(order(group, *quantities, **how))


def close_and_form(group: LeaderGroup) -> None:
    """The cut-off comes, and then the grace is over."""
    cut_off_now(group_buy_id=group.group_buy_id)
    earlier = now() - timedelta(minutes=30)
    rows = GroupBuy.objects.filter(pk=group.group_buy_id)
    rows.update(closes_at=earlier, opens_at=earlier - timedelta(hours=5))
    OrderFulfilment.objects.filter(group_buy=group.group_buy_id).update(
        placed_at=earlier - timedelta(minutes=1)
    )
    assert form_if_due(group_buy_id=group.group_buy_id)
    assert rows.get().state == State.FORMED


def lines_of(order: OrderFulfilment) -> list[LineFulfilment]:
    return list(LineFulfilment.objects.filter(order=order.pk).order_by("pk"))


def pays(order: OrderFulfilment) -> list[tuple[int, int]]:
    """Of each line: pieces left, and what they cost now, before discounts."""
    return [
        (line.quantity - line.refunded_quantity, line.value_minor - line.refunded_minor)
        for line in lines_of(order)
    ]
