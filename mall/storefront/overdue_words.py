"""What a resident reads about bags that are not collected: the rule, her own time, how it ended."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mall.catalogue.models import ProductExtra
from mall.fulfilment.models import OverdueBag
from mall.fulfilment.overdue import newest_rules, texts_for, words_of
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from payments.api import local

_RULE_HOLDS: Final = (
    Status.PENDING_PAYMENT,
    Status.PAID,
    Status.CONFIRMED,
    Status.IN_TRANSIT,
    Status.ARRIVED,
)


def overdue_texts(order: OrderFulfilment, lines: list[LineFulfilment]) -> list[str]:
    """Return the rules that hold for an order on its way; until when, once it waits; or the end."""
    texts = []
    for bag in order.overdue_bags.order_by("until"):
        at = date_format(local(bag.until), "n-j H:i")
        if not bag.ended and order.status == Status.ARRIVED:
            said = _("%(storage)s: kept for you until %(at)s.")
            texts.append(said % {"storage": bag.get_storage_class_display(), "at": at})
        elif bag.ended not in {"", OverdueBag.Ended.COLLECTED, OverdueBag.Ended.GONE}:
            said = _("%(storage)s: not collected by %(at)s. %(ended)s.")
            figures = {"storage": bag.get_storage_class_display(), "at": at}
            texts.append(said % (figures | {"ended": bag.get_ended_display()}))
    if order.status in _RULE_HOLDS:
        kept = {line.storage_class for line in lines if line.quantity > line.refunded_quantity}
        texts += texts_for(kept, placed_at=order.placed_at)
    return texts


def texts_before_ordering(product_ids: Collection[int]) -> list[str]:
    """Return the rules for goods that are about to be ordered: one query."""
    kept = ProductExtra.objects.filter(product__in=product_ids).order_by().values("storage_class")
    return [words_of(rule) for rule in newest_rules(kept)]
