"""What was really paid for goods, day by day: the proof behind every struck-through price.

A price may be struck through only up to the lowest one really paid in the seven days before, or,
where nobody bought then, up to that of the last day on which somebody did. A deal counts with the
price after the mall's and its suppliers' own discounts; what a bank adds does not make it cheaper.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import F, Max, Min, OuterRef, Subquery, Sum
from oscar.apps.catalogue.models import Product

from mall.catalogue.models import Deal, DealDay
from payments.api import business_date, transact

_LOOKED_BACK: Final = timedelta(days=7)


def strike_of(product_id: int, on: date) -> int | None:
    """Return the highest price that may be struck through on a day (fen).

    None where it was never sold: then nothing may be struck through.
    """
    return strikes_of([product_id], on).get(product_id)


def strikes_of(product_ids: Iterable[int], on: date) -> dict[int, int]:
    """Return for each product what strike_of() says: two queries for all."""
    wanted = set(product_ids)
    before = DealDay.objects.filter(day__lt=on, pieces__gt=0)
    recent = before.filter(product__in=wanted, day__gte=on - _LOOKED_BACK).order_by()
    lowest = recent.values("product_id").annotate(lowest=Min("lowest_minor"))
    found = {row["product_id"]: row["lowest"] for row in lowest}
    last = before.filter(product=OuterRef("pk")).order_by("-day").values("lowest_minor")[:1]
    rest = Product.objects.filter(pk__in=wanted - set(found)).order_by()
    older = rest.annotate(last_deal=Subquery(last)).values_list("pk", "last_deal")
    return found | {pk: minor for pk, minor in older if minor is not None}


@transact()
def record_paid(payload: dict[str, Any]) -> None:
    """Write down the deals of an order that was paid (fact order.paid); again changes nothing."""
    day = business_date(datetime.fromisoformat(payload.get("paid_at") or payload["at"]))
    deals = [
        Deal(
            line_id=line["line_id"],
            order_no=payload["order_no"],
            product_id=line["product_id"],
            day=day,
            unit_minor=line["value_minor"] // line["quantity"],
            pieces=line["quantity"],
        )
        for line in payload["lines"]
        if line["quantity"] > 0
    ]
    Deal.objects.bulk_create(deals, ignore_conflicts=True)
    _count([deal.product_id for deal in deals], day)


@transact()
def record_refunded(payload: dict[str, Any]) -> None:
    """Take back what was no deal after all (fact line.refunded).

    Pieces that went back were not bought; a lower tier reached at the cut-off is the real price.
    """
    deal = Deal.objects.filter(pk=payload["line_id"]).first()
    if deal is None:
        return
    pieces, unit_minor = deal.pieces - payload["quantity"], deal.unit_minor
    if payload.get("why") == "tier" and pieces > 0:
        unit_minor = max(0, unit_minor * pieces - payload["value_minor"]) // pieces
    Deal.objects.filter(pk=deal.pk).update(pieces=max(0, pieces), unit_minor=unit_minor)
    _count([deal.product_id], deal.day)


def _count(product_ids: Iterable[int], day: date) -> None:
    """Sum a day up anew for each product, one after the other in a fixed order."""
    for product_id in sorted(set(product_ids)):
        defaults = {"lowest_minor": 0, "highest_minor": 0, "pieces": 0}
        DealDay.objects.get_or_create(product_id=product_id, day=day, defaults=defaults)
        days = DealDay.objects.filter(product=product_id, day=day)
        days.select_for_update(no_key=True).get()
        made = Deal.objects.filter(product=product_id, day=day, pieces__gt=0)
        figures = made.aggregate(
            lowest=Min("unit_minor"), highest=Max("unit_minor"), pieces=Sum("pieces")
        )
        if figures["pieces"] is None:
            days.update(pieces=0)
        else:
            days.update(
                lowest_minor=figures["lowest"],
                highest_minor=figures["highest"],
                pieces=figures["pieces"],
            )


def days_of(product_id: int, *, since: date) -> list[DealDay]:
    """Return the days on which a product was bought since then, earliest first."""
    days = DealDay.objects.filter(product=product_id, day__gte=since, pieces__gt=0)
    return list(days.annotate(spread=F("highest_minor") - F("lowest_minor")).order_by("day"))
