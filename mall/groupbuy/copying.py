"""Copying a group buy: texts, items and pickup points in bulk, nothing of what happened."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from mall.catalogue.deals import strikes_of
from mall.groupbuy.creating import add_groups
from mall.groupbuy.models import GroupBuy, GroupBuyItem
from mall.pickup.models import PickupPoint
from payments.api import business_date, transact

_BATCH: Final = 1000
_SALE: Final = (
    "title",
    "title_en",
    "text",
    "text_en",
    "cover",
    "owner_kind",
    "owner_id",
    "grace_minutes",
    "pickup_from",
    "pickup_until",
    "arrival_text",
    "min_order_minor",
    "max_orders",
    "max_amount_minor",
    "sharing",
)
_ITEM: Final = (
    "product_id",
    "stockrecord_id",
    "price_minor",
    "strike_minor",
    "cost_minor",
    "quota",
    "limit_per_resident",
    "limit_per_order",
    "limit_per_day",
    "tiers",
    "case_size",
    "allows_tolerance",
    "minimum_quantity",
    "position",
)


@dataclass(frozen=True, kw_only=True)
class Dates:
    """When a copy sells and when its goods are collected."""

    opens_at: datetime
    closes_at: datetime
    pickup_on: date


@transact()
def clone(*, group_buy_id: int, shift: timedelta = timedelta(days=7)) -> GroupBuy:
    """Copy texts, items and pickup points into a new draft, its dates moved by ``shift``.

    Nothing that happened comes along: no state, no sales, no share codes. A struck-through price
    comes along only where it is still proven. As many writes as there are thousands of items.
    """
    source = GroupBuy.objects.get(pk=group_buy_id)
    dates = Dates(
        opens_at=source.opens_at + shift,
        closes_at=source.closes_at + shift,
        pickup_on=source.pickup_on + shift,
    )
    return copy_of(source, dates=dates)


def copy_of(source: GroupBuy, *, dates: Dates, **marks: Any) -> GroupBuy:
    """Write a copy with these dates, in the caller's transaction."""
    copied = {name: getattr(source, name) for name in _SALE}
    copy = GroupBuy.objects.create(**copied, **vars(dates), **marks)
    rows = list(source.items.order_by("position", "pk").values(*_ITEM))
    proven = _proven([row["product_id"] for row in rows if row["strike_minor"]])
    items = [GroupBuyItem(group_buy=copy, **_honest(row, proven)) for row in rows]
    GroupBuyItem.objects.bulk_create(items, batch_size=_BATCH)
    found = PickupPoint.objects.filter(leader_groups__group_buy=source, active=True)
    points = [point for point in found if _hands_out(point, dates.pickup_on)]
    kept = source.groups.values_list("pickup_point_id", "minimum_kind", "minimum_value")
    add_groups(copy, points, minimums={point: (kind, value) for point, kind, value in kept})
    return copy


def _hands_out(point: PickupPoint, day: date) -> bool:
    return point.paused_at is None and point.hands_out(day)


def _proven(product_ids: Collection[int]) -> dict[int, int]:
    return strikes_of(product_ids, business_date()) if product_ids else {}


def _honest(row: dict[str, Any], proven: dict[int, int]) -> dict[str, Any]:
    """Leave a struck-through price behind that nobody has really paid lately."""
    strike = row["strike_minor"]
    is_proven = strike is not None and strike <= proven.get(row["product_id"], 0)
    return row | {"strike_minor": strike if is_proven else None}
