"""What one resident may have of an item: taken with the order, given back with it (S6)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Case, F, IntegerField, Q, Value, When

from mall.groupbuy.models import GroupBuyItem
from mall.ordering.errors import LimitError
from mall.ordering.models import ItemAllowance, LineFulfilment


def bought_by(*, resident_id: int, group_buy_id: int) -> dict[int, int]:
    """Return how many of each item of a group buy the resident has on order."""
    taken = ItemAllowance.objects.filter(resident_id=resident_id, item__group_buy_id=group_buy_id)
    return dict(taken.filter(taken__gt=0).values_list("item_id", "taken"))


def take(*, resident_id: int, items: Mapping[GroupBuyItem, int]) -> None:
    """Count an order's items against the resident's limits: all, or LimitError and none."""
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


def give_back(*, order_pk: int, resident_id: int) -> None:
    """Let the resident have an ended order's items again."""
    lines = LineFulfilment.objects.filter(order=order_pk).values_list("item_id", "quantity")
    quantities = dict(lines)
    ItemAllowance.objects.filter(resident_id=resident_id, item_id__in=quantities).update(
        taken=F("taken") - _each(quantities)
    )


def _each(quantities: Mapping[int, int]) -> Case:
    whens = [When(item_id=pk, then=Value(quantity)) for pk, quantity in quantities.items()]
    return Case(*whens, output_field=IntegerField())


def _over(resident_id: int, items: Mapping[GroupBuyItem, int]) -> list[dict[str, int]]:
    taken = dict(
        ItemAllowance.objects.filter(resident_id=resident_id, item__in=items).values_list(
            "item_id", "taken"
        )
    )
    return [
        {"item_id": item.pk, "wanted": quantity, "left": left}
        for item, quantity in items.items()
        if item.limit_per_resident is not None
        and (left := max(0, item.limit_per_resident - taken.get(item.pk, 0))) < quantity
    ]
