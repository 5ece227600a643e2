"""Past orders as a dry run reads them: one after the other, never all at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from oscar.apps.catalogue.models import Product

from mall.catalogue.kinds import is_physical
from mall.ordering.models import LineFulfilment, OrderDiscount, OrderFulfilment, Status
from mall.promotions.quoting import card_facts
from mall.promotions.rules import CardFacts, LineFacts
from payments.api import UnknownNumberError, agreement_view, day_bounds

_CHUNK: Final = 2000
_CARDS_KEPT: Final = 20_000
_PRODUCTS_KEPT: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOrder:
    """An order that was paid: who, with which card, what (fen, after every other discount)."""

    resident_id: int
    placed_at: datetime
    card: CardFacts | None
    lines: tuple[LineFacts, ...]
    # of the bank offer it had then
    offer_code: str

    @property
    def goods_minor(self) -> int:
        """Return what was left to pay for goods before a bank's offer (fen)."""
        return sum(line.value_minor for line in self.lines)


def past_orders(first: date, last: date) -> QuerySet[OrderFulfilment]:
    """Return the orders placed on some Shanghai days and paid."""
    begin, end = day_bounds(first)[0], day_bounds(last)[1]
    orders = OrderFulfilment.objects.filter(placed_at__gte=begin, placed_at__lt=end)
    return orders.exclude(paid_at=None).exclude(status=Status.CANCELLED)


def read_orders(first: date, last: date) -> Iterator[PastOrder]:
    """Yield the orders in the order they were placed, a few thousand lines in memory at a time."""
    read = _Reader()
    lines = _lines(past_orders(first, last)).iterator(chunk_size=_CHUNK)
    for _order, rows in groupby(lines, key=itemgetter(0)):
        yield read.order(list(rows))


def read_order(order_no: str) -> PastOrder | None:
    """Read one order the same way; None where there is none."""
    rows = list(_lines(OrderFulfilment.objects.filter(order_no=order_no)))
    return _Reader().order(rows) if rows else None


def _lines(orders: QuerySet[OrderFulfilment]) -> QuerySet[LineFulfilment, Any]:
    offer = OrderDiscount.objects.filter(order=OuterRef("order_id"), source="offer")
    return (
        LineFulfilment.objects.filter(order__in=orders)
        .annotate(
            offer_code=Subquery(offer.values("source_no")[:1]),
            before=Coalesce(
                Sum("discounts__minor", filter=~Q(discounts__discount__source="offer")), 0
            ),
        )
        .order_by("order__placed_at", "order_id", "pk")
        .values_list(
            "order_id",
            "order__resident_id",
            "order__placed_at",
            "order__agreement_no",
            "offer_code",
            "product_id",
            "value_minor",
            "before",
        )
    )


class _Reader:
    """Makes orders of rows; remembers the cards and goods it has met, not all of them."""

    def __init__(self) -> None:
        self._card = lru_cache(maxsize=_CARDS_KEPT)(_card)
        self._is_physical = lru_cache(maxsize=_PRODUCTS_KEPT)(_is_physical)

    def order(self, rows: list[tuple[Any, ...]]) -> PastOrder:
        _order, resident_id, placed_at, agreement_no, *_line = rows[0]
        return PastOrder(
            resident_id=resident_id,
            placed_at=placed_at,
            card=self._card(agreement_no) if agreement_no else None,
            lines=tuple(
                LineFacts(
                    product_id=product,
                    value_minor=max(value - before, 0),
                    is_physical=self._is_physical(product),
                )
                for *_head, _offer, product, value, before in rows
            ),
            offer_code=rows[0][4] or "",
        )


def _card(agreement_no: str) -> CardFacts | None:
    try:
        return card_facts(agreement_view(agreement_no))
    except UnknownNumberError:
        return None


def _is_physical(product_id: int) -> bool:
    goods = Product.objects.select_related("product_class", "parent__product_class")
    return is_physical(goods.get(pk=product_id))
