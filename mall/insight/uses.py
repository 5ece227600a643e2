"""Which orders used an offer in a period, with what came back of them: the base of every figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    Case,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from mall.insight.periods import Period
from mall.ordering.models import LineDiscount, LineFulfilment, OrderDiscount
from mall.promotions.models import BankOffer
from payments.api import card_kind_of

# Upper bounds of order amounts in fen, the last without one.
BUCKETS: Final = (2_000, 5_000, 10_000, 20_000, 50_000)


@dataclass(frozen=True, slots=True)
class Subject:
    """The offer looked at: its code (all versions), and for which cards it is."""

    code: str
    name: str
    issuers: tuple[str, ...]
    kinds: tuple[str, ...]


def subject_of(offer: BankOffer) -> Subject:
    """Return what figures ask about an offer; its newest version says for which cards it is."""
    return Subject(offer.code, offer.name, tuple(offer.issuers), tuple(offer.kinds))


def uses_of(subject: Subject, period: Period) -> QuerySet[OrderDiscount]:
    """Return the discounts of this offer in orders paid in the period, one row per order.

    With `kind` of card, `ticket` (what the order came to before this discount), `paid_net` (what
    the resident paid less what goes back to her), `given_net` (the discount less what went back),
    `goods`, `goods_back` and `is_whole` (1 where all goods came back). Amounts in fen.
    """
    since, until = period.bounds
    lines = LineFulfilment.objects.filter(order=OuterRef("order_id")).order_by()
    parts = LineDiscount.objects.filter(discount=OuterRef("pk")).order_by()
    rows = OrderDiscount.objects.filter(
        source=OrderDiscount.Source.OFFER,
        source_no=subject.code,
        actual_minor__gt=0,
        order__paid_at__gte=since,
        order__paid_at__lt=until,
    ).order_by()
    return rows.annotate(
        goods=F("order__goods_minor"),
        goods_back=_sum(lines, "order", "refunded_minor"),
        share_back=_sum(lines, "order", "returned_share_minor"),
        part_back=_sum(parts, "discount", "returned_minor"),
        kind=Coalesce(card_kind_of(OuterRef("order__agreement_no")), Value("")),
        ticket=F("order__payable_minor") + F("actual_minor"),
    ).annotate(
        paid_net=F("order__payable_minor") - (F("goods_back") - F("share_back")),
        given_net=F("actual_minor") - F("part_back"),
        is_whole=Case(
            When(goods_back__gte=F("goods"), then=1), default=0, output_field=IntegerField()
        ),
        bucket=_bucket(),
    )


def _sum(rows: QuerySet[Any], by: str, column: str) -> Coalesce:
    total = rows.values(by).annotate(total=Sum(column)).values("total")
    return Coalesce(Subquery(total, output_field=BigIntegerField()), 0)


def _bucket() -> Case:
    """Number the range of amounts an order falls into, from 0."""
    steps = [When(ticket__lt=limit, then=number) for number, limit in enumerate(BUCKETS)]
    return Case(*steps, default=len(BUCKETS), output_field=IntegerField())


def kept(uses: QuerySet[OrderDiscount]) -> QuerySet[OrderDiscount]:
    """Leave out orders of which all goods came back: they count as none."""
    return uses.filter(is_whole=0)
