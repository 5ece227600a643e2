"""Signing in: what was put into baskets before comes along, group by group, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError
from django.utils.translation import gettext as _
from oscar.apps.basket.models import Basket, Line

from mall.accounts.models import User
from mall.catalogue.titles import title_of
from mall.groupbuy.baskets import MOST_PER_LINE, save_line
from mall.groupbuy.models import GroupBasket, GroupBuyItem
from payments.api import now, transact


@dataclass(frozen=True, kw_only=True)
class AdoptionNote:
    """Something the shopper should know: less came along than both baskets held together."""

    group_id: int
    message: str


def adopt_baskets(*, token: str, user: User) -> list[AdoptionNote]:
    """Make the baskets of a cookie the user's own and return what she should be told.

    Where she has a basket in the same group already, quantities are added up, within the limit per
    resident and 99 a line. A second call finds nothing left to adopt.
    """
    if not token:
        return []
    try:
        return _adopt(token=token, user=user)
    except IntegrityError:  # she opened a basket of her own in another tab this very moment
        return _adopt(token=token, user=user)


@transact()
def _adopt(*, token: str, user: User) -> list[AdoptionNote]:
    notes: list[AdoptionNote] = []
    for found in _locked(token=token, is_live=True):
        own = _locked(user=user, group_id=found.group_id, is_live=True)
        if own:
            notes.extend(_pour(found, into=own[0]))
        else:
            GroupBasket.objects.filter(pk=found.pk).update(user=user, token="")
            Basket.objects.filter(pk=found.basket_id).update(owner=user)
    return notes


def _locked(**which: object) -> list[GroupBasket]:
    return list(
        GroupBasket.objects.select_for_update(no_key=True).filter(**which).order_by("group_id")
    )


def _pour(found: GroupBasket, *, into: GroupBasket) -> list[AdoptionNote]:
    """Add the lines of one basket to another and close the emptied one."""
    held = dict(Line.objects.filter(basket_id=into.basket_id).values_list("product_id", "quantity"))
    lines = Line.objects.filter(basket_id=found.basket_id).order_by("pk")
    items = _items(found.group_id)
    notes = []
    for line in lines:
        item = items.get(line.product_id)
        if item is None:
            continue
        before = held.get(line.product_id, 0)
        wanted = before + line.quantity
        most = min(MOST_PER_LINE, item.limit_per_resident or MOST_PER_LINE)
        save_line(basket_id=into.basket_id, item=item, quantity=max(before, min(wanted, most)))
        if wanted > most:
            notes.append(_note(found.group_id, item, max(before, most)))
    GroupBasket.objects.filter(pk=found.pk).update(is_live=False)
    Basket.objects.filter(pk=found.basket_id).update(status=Basket.MERGED, date_merged=now())
    return notes


def _items(group_id: int) -> dict[int, GroupBuyItem]:
    items = GroupBuyItem.objects.filter(group_buy__groups=group_id)
    return {item.product_id: item for item in items.select_related("product__extra")}


def _note(group_id: int, item: GroupBuyItem, kept: int) -> AdoptionNote:
    text = _("%(title)s: at most %(limit)s per resident, so your basket holds %(limit)s.")
    figures = {"title": title_of(item.product), "limit": kept}
    return AdoptionNote(group_id=group_id, message=text % figures)
