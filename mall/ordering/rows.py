"""Writing an order: Oscar's rows and ours, in bulk, a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from oscar.apps.order.models import Line, Order

from mall.groupbuy.models import GroupBasket, GroupBuy
from mall.ordering.discounts import DiscountShown, write_discounts
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status, StockReservation
from mall.ordering.wanted import WantedLine
from mall.ordering.ways import Way
from payments.api import Money


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """Who collects the goods."""

    name: str
    phone: str
    remark: str = ""
    # what her line in the sign-up chain says, and whether it names her
    chain_remark: str = ""
    is_anonymous: bool = False


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """Everything an order is made of, before it has rows."""

    order_no: str
    basket: GroupBasket
    resident_id: int
    receiver: Receiver
    lines: Sequence[WantedLine]
    way: Way
    idem_key: str
    payment_no: str
    placed_at: datetime
    expires_at: datetime
    placed_by_id: int | None = None
    boxes: int = 0

    @cached_property
    def shares(self) -> tuple[int, ...]:
        """Return what is taken off each line (fen)."""
        return self.way.split.shares

    @cached_property
    def own_shares(self) -> tuple[int, ...]:
        """Return what of it neither a bank nor an authority pays (fen)."""
        return self.way.split.own_shares


def pay_until(group_buy: GroupBuy, placed_at: datetime) -> datetime:
    """Return until when an order can be paid: never beyond the group buy's grace."""
    ours = placed_at + timedelta(minutes=settings.LINLI_ORDER_PAY_MINUTES)
    return min(ours, group_buy.pay_until)


@dataclass(frozen=True, kw_only=True)
class Written:
    """An order's rows, as they have just been written."""

    order: OrderFulfilment
    lines: list[LineFulfilment]
    discounts: list[DiscountShown]


def write_order(new: NewOrder) -> Written:
    """Insert the order, its lines and discounts, with the stock it is about to hold.

    Five statements, and two more where something is taken off.
    """
    oscar_order = _oscar_order(new)
    oscar_lines = _oscar_lines(new, oscar_order)
    order = _order(new, oscar_order)
    lines = LineFulfilment.objects.bulk_create(
        _line(new, n, order=order, line=line) for n, line in enumerate(oscar_lines)
    )
    discounts = write_discounts(order, lines, new.way.split.discounts)
    StockReservation.objects.bulk_create(
        StockReservation(line=line, item_id=line.item_id, quantity=line.quantity) for line in lines
    )
    return Written(order=order, lines=lines, discounts=discounts)


def _oscar_order(new: NewOrder) -> Order:
    goods = new.way.pricing.goods.major
    return Order.objects.create(
        number=new.order_no,
        site_id=settings.SITE_ID,
        basket_id=new.basket.basket_id,
        user_id=new.resident_id,
        currency=new.way.pricing.goods.currency,
        total_incl_tax=goods,
        total_excl_tax=goods,
        shipping_method=str(new.basket.group.pickup_point),
        shipping_code="pickup",
        status=Status.PENDING_PAYMENT,
        date_placed=new.placed_at,
    )


def _oscar_lines(new: NewOrder, order: Order) -> list[Line]:
    return Line.objects.bulk_create(_oscar_line(order, wanted) for wanted in new.lines)


def _oscar_line(order: Order, wanted: WantedLine) -> Line:
    record = wanted.item.stockrecord
    value = Money(wanted.value_minor).major
    unit = Money(wanted.item.price_minor).major
    return Line(
        order=order,
        partner=record.partner,
        partner_name=record.partner.name,
        partner_sku=record.partner_sku,
        stockrecord=record,
        product=wanted.product,
        title=wanted.title,
        upc=wanted.product.upc,
        quantity=wanted.quantity,
        line_price_incl_tax=value,
        line_price_excl_tax=value,
        line_price_before_discounts_incl_tax=value,
        line_price_before_discounts_excl_tax=value,
        unit_price_incl_tax=unit,
        unit_price_excl_tax=unit,
        status=Status.PENDING_PAYMENT,
        # Oscar's own allocation must find nothing to take back: mall.ordering.stock keeps it.
        num_allocated=0,
    )


def _order(new: NewOrder, oscar_order: Order) -> OrderFulfilment:
    group = new.basket.group
    pricing = new.way.pricing
    return OrderFulfilment.objects.create(
        order=oscar_order,
        order_no=new.order_no,
        group=group,
        group_buy=group.group_buy,
        pickup_point=group.pickup_point,
        pickup_snapshot=pickup_of(group),
        leader_id=group.leader_id,
        resident_id=new.resident_id,
        receiver_name=new.receiver.name,
        receiver_phone=new.receiver.phone,
        remark=new.receiver.remark,
        chain_remark=new.receiver.chain_remark,
        is_anonymous=new.receiver.is_anonymous,
        placed_by_id=new.placed_by_id,
        boxes=new.boxes,
        basket_id=new.basket.basket_id,
        idem_key=new.idem_key,
        goods_minor=pricing.goods.minor,
        discount_minor=pricing.discount_minor,
        payable_minor=pricing.payable.minor,
        agreement_no=new.way.agreement_no,
        purse=new.way.purse,
        payment_no=new.payment_no,
        offer_name=new.way.offer_name,
        expires_at=new.expires_at,
        placed_at=new.placed_at,
    )


def _line(new: NewOrder, n: int, *, order: OrderFulfilment, line: Line) -> LineFulfilment:
    wanted = new.lines[n]
    return LineFulfilment(
        line=line,
        order=order,
        item=wanted.item,
        product=wanted.product,
        supplier_id=wanted.item.stockrecord.partner_id,
        category_ids=list(wanted.category_ids),
        title=wanted.title,
        storage_class=wanted.storage_class,
        piece_grams=wanted.piece_grams,
        quantity=wanted.quantity,
        tolerance=wanted.tolerance,
        unit_minor=wanted.item.price_minor,
        value_minor=wanted.value_minor,
        cost_minor=wanted.item.cost_minor * wanted.quantity,
        offer_share_minor=new.shares[n],
        own_share_minor=new.own_shares[n],
    )


def pickup_of(group: Any) -> dict[str, str]:
    """Return where and when a group's goods are collected, as an order keeps it."""
    point, group_buy = group.pickup_point, group.group_buy
    return {
        "name": point.name,
        "address": point.address,
        "phone": point.phone,
        "opening_hours": point.opening_hours,
        "pickup_on": group_buy.pickup_on.isoformat(),
        "pickup_from": f"{group_buy.pickup_from:%H:%M}",
        "pickup_until": f"{group_buy.pickup_until:%H:%M}",
    }
