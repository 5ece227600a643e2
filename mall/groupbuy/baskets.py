"""Filling a basket: one per group and shopper, at the group's price, within stock and limit.

What is checked here is for the shopper's comfort; the order checks it again where it counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import IntegrityError
from django.utils.translation import gettext as _
from oscar.apps.basket.models import Basket, Line

from mall.catalogue.titles import title_of
from mall.groupbuy.errors import (
    BasketGoneError,
    CutOffError,
    ItemGoneError,
    LimitReachedError,
    NotOpenYetError,
    QuantityError,
    SaleFullError,
    SoldOutError,
)
from mall.groupbuy.filling import is_full
from mall.groupbuy.models import GroupBasket, GroupBuyItem, LeaderGroup, State
from mall.groupbuy.readiness import require_on_sale
from mall.groupbuy.shoppers import Shopper
from mall.groupbuy.strategy import GroupStrategy, left_of
from mall.groupbuy.summaries import BasketSummary, summary
from mall.pickup.choosing import require_open
from payments.api import Money, now, transact

MOST_PER_LINE: Final = 99


def find_basket(*, shopper: Shopper, group_id: int) -> GroupBasket | None:
    """Return the shopper's live basket in a group, if she has one: one query, no write."""
    if not shopper.is_known:
        return None
    baskets = GroupBasket.objects.filter(group_id=group_id, is_live=True, **shopper.owner)
    return baskets.select_related("basket").first()


def basket_for(*, shopper: Shopper, group_id: int) -> GroupBasket:
    """Return the shopper's live basket in a group, opened now if there is none.

    Two at once open one. ValueError for a shopper without user and token: give her a token first.
    """
    if not shopper.is_known:
        raise ValueError("a basket belongs to a user or to a token")
    found = find_basket(shopper=shopper, group_id=group_id)
    if found is not None:
        return found
    try:
        return _open_basket(shopper=shopper, group_id=group_id)
    except IntegrityError:
        opened_elsewhere = find_basket(shopper=shopper, group_id=group_id)
        if opened_elsewhere is None:
            raise
        return opened_elsewhere


@transact()
def _open_basket(*, shopper: Shopper, group_id: int) -> GroupBasket:
    basket = Basket.objects.create(owner=shopper.user)
    return GroupBasket.objects.create(basket=basket, group_id=group_id, **shopper.owner)


def set_quantity(
    *,
    group_basket: GroupBasket,
    item_id: int,
    quantity: int,
    bought: Mapping[int, int] | None = None,
) -> BasketSummary:
    """Make a basket hold so many of an item (0 to 99; 0 takes it out) and return its new summary.

    More than before is refused after the cut-off (CutOffError, NotOpenYetError), at a closed point
    (PointClosedError, LeaderOnHolidayError), beyond the limit (LimitReachedError, counting what
    ``bought`` says she ordered before) and beyond what is left (SoldOutError). Fewer is always
    allowed. QuantityError, ItemGoneError and BasketGoneError for what cannot be meant.
    """
    if not 0 <= quantity <= MOST_PER_LINE:
        raise QuantityError
    _write(group_basket=group_basket, item_id=item_id, quantity=quantity, bought=bought or {})
    return summary(group_basket, bought=bought)


@transact()
def remove_line(*, group_basket: GroupBasket, line_id: int) -> None:
    """Take a line out, also one whose product is no longer offered; BasketGoneError."""
    hold_basket(group_basket)
    lines = Line.objects.filter(pk=line_id, basket_id=group_basket.basket_id)
    for product_id in lines.values_list("product_id", flat=True):
        keep_tolerance(group_basket, product_id=product_id, pieces=0)
    lines.delete()


def hold_basket(group_basket: GroupBasket) -> None:
    """Lock a live basket's row, or BasketGoneError: an order that takes it waits, or we do."""
    live = GroupBasket.objects.select_for_update(no_key=True).filter(
        pk=group_basket.pk, is_live=True
    )
    found = live.first()
    if found is None:
        raise BasketGoneError
    group_basket.tolerances = found.tolerances


def keep_tolerance(group_basket: GroupBasket, *, product_id: int, pieces: int) -> None:
    """Write the optional pieces of a product; the basket's row is held."""
    kept = {key: count for key, count in group_basket.tolerances.items() if key != str(product_id)}
    if pieces:
        kept[str(product_id)] = pieces
    if kept != group_basket.tolerances:
        GroupBasket.objects.filter(pk=group_basket.pk).update(tolerances=kept)
        group_basket.tolerances = kept


@transact()
def _write(
    *, group_basket: GroupBasket, item_id: int, quantity: int, bought: Mapping[int, int]
) -> None:
    hold_basket(group_basket)
    item = item_in(group_basket, item_id)
    line = Line.objects.filter(basket_id=group_basket.basket_id, product_id=item.product_id).first()
    before = line.quantity if line else 0
    if quantity > before:
        group = LeaderGroup.objects.select_related("group_buy", "pickup_point")
        require_selling(group.get(pk=group_basket.group_id), at=now())
        require_available(item, quantity + _spare(group_basket, item), bought.get(item.pk, 0))
    if quantity == 0:
        keep_tolerance(group_basket, product_id=item.product_id, pieces=0)
        Line.objects.filter(pk=line.pk if line else None).delete()
    else:
        save_line(basket_id=group_basket.basket_id, item=item, quantity=quantity)


def require_selling(group: LeaderGroup, *, at: datetime) -> None:
    """Raise where a group takes no new orders at that instant: [opens_at, closes_at), half open.

    NotOpenYetError, CutOffError, SaleFullError, PointClosedError, LeaderOnHolidayError or
    PointAwayError. The group comes with its group buy and pickup point.
    """
    group_buy = group.group_buy
    if is_full(group_buy):
        raise SaleFullError
    if at >= group_buy.closes_at or group.state not in {State.DRAFT, State.SCHEDULED, State.OPEN}:
        raise CutOffError(closes_at=group_buy.closes_at)
    if not group_buy.is_selling(at) or group.state != State.OPEN:
        raise NotOpenYetError(opens_at=group_buy.opens_at)
    require_open(group.pickup_point, pickup_on=group_buy.pickup_on)


def save_line(*, basket_id: int, item: GroupBuyItem, quantity: int) -> None:
    """Write one line at the item's price; inside a transaction that holds the basket's row."""
    price = Money(item.price_minor).major
    Line.objects.update_or_create(
        basket_id=basket_id,
        line_reference=f"item-{item.pk}",
        defaults={
            "product_id": item.product_id,
            "stockrecord_id": item.stockrecord_id,
            "quantity": quantity,
            "price_currency": "CNY",
            "price_excl_tax": price,
            "price_incl_tax": price,
        },
    )


def submit_basket(*, group_basket: GroupBasket) -> None:
    """Turn a live basket into an ordered one in the order's transaction; BasketGoneError if it is.

    The next visit to the group starts a new basket.
    """
    taken = GroupBasket.objects.filter(pk=group_basket.pk, is_live=True).update(is_live=False)
    if not taken:
        raise BasketGoneError
    Basket.objects.filter(pk=group_basket.basket_id).update(
        status=Basket.SUBMITTED, date_submitted=now()
    )


def priced_basket(group_basket: GroupBasket) -> Basket:
    """Return the Oscar basket with the prices of its group, for Oscar's own code."""
    items = GroupBuyItem.objects.filter(group_buy__groups=group_basket.group_id)
    basket = group_basket.basket
    basket.strategy = GroupStrategy(items.select_related("stockrecord"))
    return basket


def item_in(group_basket: GroupBasket, item_id: int) -> GroupBuyItem:
    """Return an item of the basket's group, ready to be judged; ItemGoneError."""
    items = GroupBuyItem.objects.filter(pk=item_id, group_buy__groups=group_basket.group_id)
    item = items.select_related("stockrecord", "product__extra", "group_buy").first()
    if item is None:
        raise ItemGoneError
    return item


def _spare(group_basket: GroupBasket, item: GroupBuyItem) -> int:
    return group_basket.tolerances.get(str(item.product_id), 0)


def require_available(item: GroupBuyItem, quantity: int, bought: int) -> None:
    """Raise ItemGoneError, LimitReachedError or SoldOutError where so many cannot be had."""
    require_on_sale([item], pickup_on=item.group_buy.pickup_on)
    title, left = title_of(item.product), left_of(item)
    _require_within_limits(item, quantity, bought, title=title)
    if quantity > left:
        text = _("%(title)s is sold out.") if left == 0 else _("%(title)s: only %(left)s left.")
        raise SoldOutError(text % {"title": title, "left": left}, title=title, left=left)


def _require_within_limits(item: GroupBuyItem, quantity: int, bought: int, *, title: str) -> None:
    limit = item.limit_per_resident
    if limit is not None and bought + quantity > limit:
        text = _("%(title)s: at most %(limit)s per resident.") % {"title": title, "limit": limit}
        raise LimitReachedError(text, title=title, limit=limit, bought=bought)
    for limit, text in (
        (item.limit_per_order, _("%(title)s: at most %(limit)s per order.")),
        (item.limit_per_day, _("%(title)s: at most %(limit)s a day.")),
    ):
        if limit is not None and quantity > limit:
            raise LimitReachedError(text % {"title": title, "limit": limit}, limit=limit)
