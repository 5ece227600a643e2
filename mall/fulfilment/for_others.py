"""What a leader orders for neighbours: the goods to choose from, and what still waits for money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mall.accounts.masking import mask_name
from mall.catalogue.pictures import product_picture
from mall.catalogue.titles import title_of
from mall.fulfilment.board import group_of_leader
from mall.groupbuy.models import GroupBuyItem
from mall.groupbuy.strategy import left_of
from mall.ordering.behalf import pay_link_of
from mall.ordering.models import OrderFulfilment, Status
from payments.api import now


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupGood:
    """One of the goods of a leader's group; fen."""

    item_id: int
    title: str
    picture: str
    price_minor: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForOther:
    """An order a leader placed for somebody; fen. ``token`` opens the page that pays it."""

    order_no: str
    masked_name: str
    phone_tail: str
    payable_minor: int
    expires_at: datetime
    waits: bool
    status_label: str
    token: str


def goods_of_group(leader_id: int, group_id: int) -> list[GroupGood]:
    """Return the goods of one of a leader's groups; OrderGoneError for another's group."""
    group_of_leader(leader_id, group_id)
    items = GroupBuyItem.objects.filter(group_buy__groups=group_id)
    items = items.select_related("product__extra", "stockrecord").order_by("position", "pk")
    return [_good(item) for item in items]


def placed_for_others(leader_id: int, group_id: int, *, limit: int = 50) -> list[ForOther]:
    """Return what a leader ordered for others in a group, the newest first."""
    orders = OrderFulfilment.objects.filter(placed_by=leader_id, group=group_id)
    return [_for_other(order) for order in orders.order_by("-placed_at")[:limit]]


def placed_for(leader_id: int, order_no: str) -> ForOther | None:
    """Return one order a leader placed for somebody; None where it is not hers."""
    orders = OrderFulfilment.objects.filter(placed_by=leader_id, order_no=order_no)
    order = orders.first()
    return _for_other(order) if order else None


def _good(item: GroupBuyItem) -> GroupGood:
    picture = product_picture(item.product, 240)
    return GroupGood(
        item_id=item.pk,
        title=title_of(item.product),
        picture=picture.url if picture else "",
        price_minor=item.price_minor,
        left=left_of(item),
    )


def _for_other(order: OrderFulfilment) -> ForOther:
    waits = order.status == Status.PENDING_PAYMENT and order.cancel_requested_at is None
    return ForOther(
        order_no=order.order_no,
        masked_name=mask_name(order.receiver_name),
        phone_tail=order.receiver_phone[-4:],
        payable_minor=order.payable_minor,
        expires_at=order.expires_at,
        waits=waits and now() < order.expires_at,
        status_label=str(order.get_status_display()),
        token=pay_link_of(order),
    )
