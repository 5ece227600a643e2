"""What one resident may have of an item: taken with the order, given back with it (S6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Sum, Value, When

from mall.groupbuy.models import GroupBuyItem
from mall.ordering.errors import LimitError
from mall.ordering.models import ItemAllowance, LineFulfilment, Status
from payments.api import business_date, day_bounds, now


def bought_by(*, resident_id: int, group_buy_id: int) -> dict[int, int]:
    """Return how many of each item of a group buy the resident has on order."""
    taken = ItemAllowance.objects.filter(resident_id=resident_id, item__group_buy_id=group_buy_id)
    return dict(taken.filter(taken__gt=0).values_list("item_id", "taken"))


def take(
    *, resident_id: int, items: Mapping[GroupBuyItem, int], at: datetime | None = None
) -> None:
    """Count an order's items against the resident's limits: all, or LimitError and none.

    Per order, per resident in all, and per day of Shanghai. In the transaction that wrote the
    order's lines: a day's pieces are counted from them, under the lock of her counters.
    """
    _require_per_order(items)
    wanted = {item.pk: quantity for item, quantity in items.items()}
    ItemAllowance.objects.bulk_create(
        [ItemAllowance(item_id=pk, resident_id=resident_id) for pk in sorted(wanted)],
        ignore_conflicts=True,
    )
    rows = ItemAllowance.objects.filter(resident_id=resident_id, item_id__in=wanted)
    within = Q()
    for item, quantity in items.items():
        if item.limit_per_resident is not None:
            within &= ~Q(item_id=item.pk) | Q(taken__lte=item.limit_per_resident - quantity)
    if rows.filter(within).update(taken=F("taken") + _each(wanted)) != len(wanted):
        raise LimitError(items=_over(resident_id, items))
    _require_per_day(resident_id, items, at or now())


def give_back(*, order_pk: int, resident_id: int) -> None:
    """Let the resident have an ended order's items again, less what she gave up before."""
    left = F("quantity") - F("stock__returned")
    put_back(
        resident_id=resident_id,
        pieces=dict(LineFulfilment.objects.filter(order=order_pk).values_list("item_id", left)),
    )


def put_back(*, resident_id: int, pieces: Mapping[int, int]) -> None:
    """Let the resident have so many pieces of items (by primary key) again."""
    quantities = {pk: quantity for pk, quantity in pieces.items() if quantity}
    if quantities:
        ItemAllowance.objects.filter(resident_id=resident_id, item_id__in=quantities).update(
            taken=F("taken") - _each(quantities)
        )


def _each(quantities: Mapping[int, int]) -> Case:
    whens = [When(item_id=pk, then=Value(quantity)) for pk, quantity in quantities.items()]
    return Case(*whens, output_field=IntegerField())


def _require_per_order(items: Mapping[GroupBuyItem, int]) -> None:
    over = [
        {"item_id": item.pk, "wanted": quantity, "left": item.limit_per_order, "scope": "order"}
        for item, quantity in items.items()
        if item.limit_per_order is not None and quantity > item.limit_per_order
    ]
    if over:
        raise LimitError(items=over)


def _require_per_day(resident_id: int, items: Mapping[GroupBuyItem, int], at: datetime) -> None:
    limits = {item.pk: item.limit_per_day for item in items if item.limit_per_day is not None}
    if not limits:
        return
    wanted = {item.pk: quantity for item, quantity in items.items()}
    over = [
        {
            "item_id": pk,
            "wanted": wanted[pk],
            "left": max(0, limits[pk] - (n - wanted[pk])),
            "scope": "day",
        }
        for pk, n in _on_day(resident_id, limits, at)
        if n > limits[pk]
    ]
    if over:
        raise LimitError(items=over)


def _on_day(
    resident_id: int, item_ids: Mapping[int, Any], at: datetime
) -> Iterator[tuple[int, int]]:
    """Say how many of each item she ordered on that day and did not give up."""
    since, until = day_bounds(business_date(at))
    lines = LineFulfilment.objects.filter(
        item_id__in=item_ids,
        order__resident_id=resident_id,
        order__placed_at__gte=since,
        order__placed_at__lt=until,
    )
    gone = Q(order__status=Status.CANCELLED) | Q(
        order__paid_at__isnull=False, order__cancel_requested_at__isnull=False
    )
    rows = lines.exclude(gone).order_by().values_list("item_id")
    yield from rows.annotate(n=Sum(F("quantity") - F("stock__returned")))


def _over(resident_id: int, items: Mapping[GroupBuyItem, int]) -> list[dict[str, Any]]:
    taken = dict(
        ItemAllowance.objects.filter(resident_id=resident_id, item__in=items).values_list(
            "item_id", "taken"
        )
    )
    return [
        {"item_id": item.pk, "wanted": quantity, "left": left, "scope": "resident"}
        for item, quantity in items.items()
        if item.limit_per_resident is not None
        and (left := max(0, item.limit_per_resident - taken.get(item.pk, 0))) < quantity
    ]
