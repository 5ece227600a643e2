"""Residents with orders in a leader's group, as many as a test wants, without anybody paying."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

from oscar.apps.basket.models import Basket
from oscar.apps.order.models import Line, Order

from groupleader.models import Leader
from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from payments.api import now
from tests.factories.groups import item_of
from tests.mall.ordering.shopping import make_worked_group

_numbers = itertools.count(1)
PRICE = 3000


def make_led_group(name: str = "王姐") -> LeaderGroup:
    """An open group whose leader may enter the portal."""
    group = make_worked_group()
    Leader.objects.create(user=group.leader, name=name, status=Leader.Status.ACTIVE)
    return group


def make_neighbours(count: int, *, name: str = "邻居") -> list[User]:
    """Accounts with phones of their own."""
    people = [
        User(
            username=f"neighbour-{number}",
            phone=f"+86137{number:08d}",
            display_name=f"{name}{number}",
        )
        for number in itertools.islice(_numbers, count)
    ]
    return User.objects.bulk_create(people)


def order_each(
    group: LeaderGroup,
    people: Sequence[User],
    *,
    status: str = Status.PAID,
    at: datetime | None = None,
    lines: int = 1,
    **fields: object,
) -> list[OrderFulfilment]:
    """Everybody has one order in the group, in this state; each line is one piece for 30.00."""
    at = at or now()
    numbers = list(itertools.islice(_numbers, len(people)))
    baskets = Basket.objects.bulk_create([Basket(owner=person) for person in people])
    orders = Order.objects.bulk_create(
        [
            Order(
                number=f"N{number}",
                user=person,
                total_incl_tax=30 * lines,
                total_excl_tax=30 * lines,
                date_placed=at,
            )
            for number, person in zip(numbers, people, strict=True)
        ]
    )
    rows = OrderFulfilment.objects.bulk_create(
        [
            OrderFulfilment(
                order=order,
                order_no=order.number,
                status=status,
                group=group,
                group_buy_id=group.group_buy_id,
                pickup_point_id=group.pickup_point_id,
                leader_id=group.leader_id,
                resident=person,
                receiver_name=person.display_name,
                receiver_phone=person.phone,
                basket=basket,
                idem_key=f"key-{order.number}",
                **{
                    "pickup_code": f"{number % 1_000_000:06d}" if status == Status.ARRIVED else "",
                    "goods_minor": PRICE * lines,
                    "payable_minor": PRICE * lines,
                    "expires_at": at + timedelta(hours=1),
                    "placed_at": at,
                    "paid_at": at,
                    **fields,
                },
            )
            for order, person, basket, number in zip(orders, people, baskets, numbers, strict=True)
        ]
    )
    _lines(group, rows, count=lines)
    return rows


def _lines(group: LeaderGroup, rows: Sequence[OrderFulfilment], *, count: int) -> None:
    item = item_of(group)
    partner = item.stockrecord.partner
    wanted = [row for row in rows for _nth in range(count)]
    made = Line.objects.bulk_create(
        [
            Line(
                order_id=row.pk,
                partner=partner,
                partner_sku="N",
                num_allocated=0,
                title="糯玉米",
                product=item.product,
                quantity=1,
                line_price_incl_tax=30,
                line_price_excl_tax=30,
                line_price_before_discounts_incl_tax=30,
                line_price_before_discounts_excl_tax=30,
            )
            for row in wanted
        ]
    )
    LineFulfilment.objects.bulk_create(
        [
            LineFulfilment(
                line=line,
                order=row,
                item=item,
                product=item.product,
                supplier=partner,
                title="糯玉米",
                quantity=1,
                unit_minor=PRICE,
                value_minor=PRICE,
                cost_minor=2400,
            )
            for line, row in zip(made, wanted, strict=True)
        ]
    )
