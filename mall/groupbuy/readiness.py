"""Whether a sale may be offered: complete, honest in its prices, with goods that may be sold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from mall.catalogue.batches import blocked_products
from mall.catalogue.deals import strikes_of
from mall.catalogue.suppliers import barred
from mall.catalogue.titles import title_of
from mall.groupbuy.errors import ItemGoneError, NotReadyError
from mall.groupbuy.models import BelowCostConsent, GroupBuy, GroupBuyItem
from mall.groupbuy.pickup_times import require_before_pickup
from mall.groupbuy.tiers import check_tiers
from payments.api import Money, business_date, now

# More than this many sentences at once help nobody.
_MOST_SENTENCES: Final = 5


def require_ready(group_buy: GroupBuy) -> None:
    """Raise NotReadyError with what is missing or wrong; data: items = [{item_id, why}]."""
    if not group_buy.items.exists():
        raise NotReadyError(_("Add at least one item before scheduling."))
    if not group_buy.groups.exists():
        raise NotReadyError(_("Add at least one pickup point before scheduling."))
    if group_buy.closes_at <= now():
        raise NotReadyError(_("The cut-off has already passed. Please choose a later one."))
    require_before_pickup(
        group_buy.closes_at, pickup_on=group_buy.pickup_on, pickup_from=group_buy.pickup_from
    )
    items = group_buy.items.select_related("product__extra", "stockrecord").order_by("position")
    require_honest(list(items), pickup_on=group_buy.pickup_on)


def require_honest(items: Collection[GroupBuyItem], *, pickup_on: date) -> None:
    """Raise NotReadyError naming the items that may not be offered so; a few queries for all."""
    wrong = [*_held_back(items, pickup_on), *_badly_priced(items)]
    if not wrong:
        return
    sentences = [
        _("%(title)s: %(why)s") % {"title": title_of(item.product), "why": why}
        for item, why in wrong[:_MOST_SENTENCES]
    ]
    if len(wrong) > _MOST_SENTENCES:
        sentences.append(_("And %(n)d more.") % {"n": len(wrong) - _MOST_SENTENCES})
    told = [{"item_id": item.pk, "why": why} for item, why in wrong]
    raise NotReadyError(" ".join(sentences), items=told)


def held_back(items: Collection[GroupBuyItem], *, pickup_on: date) -> dict[int, str]:
    """Return the items that may not be sold now, with why: two queries for all.

    Their supplier is frozen, away or without licence, or their batch is recalled or run out.
    Items come with their stock records.
    """
    return {item.pk: why for item, why in _held_back(items, pickup_on)}


def require_on_sale(items: Collection[GroupBuyItem], *, pickup_on: date) -> None:
    """Raise ItemGoneError where something in an order may not be sold any more."""
    for item, _why in _held_back(items, pickup_on):
        text = _("%(title)s is not sold at the moment. Please take it out of the basket.")
        raise ItemGoneError(text % {"title": title_of(item.product)}, item_id=item.pk)


def needs_consent(item: GroupBuyItem) -> bool:
    """Tell whether an item may come to be sold below what it costs."""
    return item.lowest_minor < item.cost_minor


def _held_back(
    items: Collection[GroupBuyItem], pickup_on: date
) -> Iterator[tuple[GroupBuyItem, str]]:
    suppliers = barred(pickup_on)
    batches = blocked_products([item.product_id for item in items])
    for item in items:
        why = suppliers.get(item.stockrecord.partner_id) or batches.get(item.product_id)
        if why:
            yield item, why


def _badly_priced(items: Collection[GroupBuyItem]) -> Iterator[tuple[GroupBuyItem, str]]:
    proven = strikes_of([item.product_id for item in items if item.strike_minor], business_date())
    agreed = _agreed(item for item in items if needs_consent(item))
    for item in items:
        try:
            check_tiers(item.tiers, price_minor=item.price_minor)
        except ValueError as wrong:
            yield item, str(wrong)
        if item.strike_minor and item.strike_minor > proven.get(item.product_id, 0):
            yield item, _why_not_struck(proven.get(item.product_id))
        if needs_consent(item) and (item.pk, item.lowest_minor, item.cost_minor) not in agreed:
            yield item, _("It is sold below cost: a reason and a second person are needed.")


def _agreed(items: Iterable[GroupBuyItem]) -> set[tuple[int, int, int]]:
    wanted = [item.pk for item in items]
    if not wanted:
        return set()
    consents = BelowCostConsent.objects.filter(item__in=wanted, agreed_at__isnull=False)
    return set(consents.values_list("item_id", "price_minor", "cost_minor"))


def _why_not_struck(proven: int | None) -> str:
    if proven is None:
        return _("Nobody has paid a higher price yet, so none can be struck through.")
    text = _("At most ¥%(yuan)s may be struck through: more was not paid lately.")
    return text % {"yuan": Money(proven).to_major_str()}
